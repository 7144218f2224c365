"""
RabbitMQ as everybody here uses it: what exists on it, and how something is published so that it cannot get lost.

* ``{ns}.facts``            topic exchange: every fact, by its type
* ``{ns}.<listener>``       quorum queue of one listener, bound to the types it hears
* ``{ns}.<listener>.again`` exchange by which facts come back to their listener, from ``{ns}.<listener>.again.<ms>``
  where they wait for so long
* ``{ns}.log_lines``        fan-out exchange: everybody's log lines, in batches
* ``{ns}.dead``             exchange and ``{ns}.dead_letters`` queue: what was set aside, with the reason

``RABBITMQ_URL`` leads to facts. Tasks may have a virtual host of their own (``RABBITMQ_TASKS_URL``), and so may questions
(``RABBITMQ_QUESTIONS_URL``). A service may be refused to make what it shares with others: it makes what is not there.
"""

import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pika
import pika.exceptions
from pika.adapters.blocking_connection import BlockingChannel

from workers.chassis.env import Env

DELIVERY_LIMIT = 20
"""how often the broker itself hands out a message whose reader dies before it is sent to the dead letters"""

_NOT_FOUND = 404

BROKEN: tuple[type[Exception], ...] = (pika.exceptions.AMQPError, OSError)
"""what a lost, refused or blocked connection raises"""


@dataclass(frozen=True)
class Names:
    """How things are called on the broker in one namespace."""

    namespace: str

    @classmethod
    def of(cls, service: str) -> "Names":
        """The names of the namespace this process runs in."""
        return cls(Env(service).text("DOORSTEP_NAMESPACE", "doorstep"))

    @property
    def facts(self) -> str:
        """The exchange of all facts."""
        return f"{self.namespace}.facts"

    @property
    def log_lines(self) -> str:
        """The exchange of everybody's log lines."""
        return f"{self.namespace}.log_lines"

    @property
    def dead(self) -> str:
        """The exchange of what was set aside."""
        return f"{self.namespace}.dead"

    @property
    def dead_letters(self) -> str:
        """The queue behind :attr:`dead`."""
        return f"{self.namespace}.dead_letters"

    def queue(self, listener: str) -> str:
        """The queue of a listener."""
        return f"{self.namespace}.{listener}"

    def again(self, listener: str) -> str:
        """The exchange of what comes back to a listener."""
        return f"{self.namespace}.{listener}.again"

    def waiting_queue(self, listener: str, delay_ms: int) -> str:
        """Where facts of a listener wait this long before they come back."""
        return f"{self.again(listener)}.{delay_ms}"

    def queue_arguments(self) -> dict[str, Any]:
        """What every queue has whose messages must neither get lost nor kill their reader for ever."""
        return {
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": self.dead,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }


def ca_file(service: str) -> str | None:
    """Where the address begins with ``amqps``: the authority that is believed; ``None``: those of the system."""
    return Env(service).text("RABBITMQ_CA_FILE", "") or None


def url(service: str, use: str = "") -> str:
    """
    Where the broker is.

    :param use: ``"TASKS"`` or ``"QUESTIONS"``; without an address of their own they are where facts are
    """
    env = Env(service)
    own = env.text(f"RABBITMQ_{use}_URL", "") if use else ""
    return own or env.text("RABBITMQ_URL")


def connect(service: str, use: str = "") -> pika.BlockingConnection:
    """A connection to :func:`url`; one attempt, the caller decides when to try again."""
    parameters = pika.URLParameters(url(service, use))
    if parameters.ssl_options:
        parameters.ssl_options = pika.SSLOptions(ssl.create_default_context(cafile=ca_file(service)))
    parameters.connection_attempts = 1
    parameters.socket_timeout = 5
    parameters.stack_timeout = 10
    parameters.blocked_connection_timeout = 60
    parameters.heartbeat = 60
    parameters.client_properties = {"connection_name": f"doorstep {service}"}
    return pika.BlockingConnection(parameters)


def declare_exchanges(channel: BlockingChannel, names: Names) -> None:
    """The exchange of facts, and what keeps those that were set aside. Harmless to repeat."""
    declare_dead_letters(channel, names)
    if not _is_there(channel, lambda probe: probe.exchange_declare(names.facts, passive=True)):
        channel.exchange_declare(names.facts, "topic", durable=True)


def declare_log_lines(channel: BlockingChannel, names: Names) -> None:
    """The exchange of everybody's log lines. Harmless to repeat."""
    if not _is_there(channel, lambda probe: probe.exchange_declare(names.log_lines, passive=True)):
        channel.exchange_declare(names.log_lines, "fanout", durable=True)


def declare_dead_letters(channel: BlockingChannel, names: Names) -> None:
    """The exchange and the queue of what was set aside. Harmless to repeat."""
    if _is_there(channel, lambda probe: probe.queue_declare(names.dead_letters, passive=True)) and _is_there(
        channel, lambda probe: probe.exchange_declare(names.dead, passive=True)
    ):
        return
    channel.queue_declare(names.dead_letters, durable=True, arguments={"x-queue-type": "quorum"})
    channel.exchange_declare(names.dead, "fanout", durable=True)
    channel.queue_bind(names.dead_letters, names.dead)


def declare_listener(channel: BlockingChannel, names: Names, listener: str, types: Iterable[str]) -> None:
    """The queue of a listener, bound to the facts it hears. Harmless to repeat."""
    queue = names.queue(listener)
    if not _is_there(channel, lambda probe: probe.queue_declare(queue, passive=True)):
        channel.queue_declare(queue, durable=True, arguments=names.queue_arguments())
    for type in types:
        channel.queue_bind(queue, names.facts, routing_key=type)


def declare_retries(channel: BlockingChannel, names: Names, listener: str, delays_ms: Sequence[int]) -> None:
    """The queues in which facts wait for their next try, and their way there and back. Harmless to repeat."""
    again, queue = names.again(listener), names.queue(listener)
    channel.exchange_declare(again, "direct", durable=True)
    channel.queue_bind(queue, again, routing_key=queue)
    for delay in delays_ms:
        waiting = names.waiting_queue(listener, delay)
        channel.queue_declare(
            waiting,
            durable=True,
            arguments={
                "x-queue-type": "quorum",
                "x-message-ttl": delay,
                "x-dead-letter-exchange": again,
                "x-dead-letter-routing-key": queue,
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
            },
        )
        channel.queue_bind(waiting, again, routing_key=waiting)


def _is_there(channel: BlockingChannel, look: Callable[[BlockingChannel], Any]) -> bool:
    # On a channel of its own: what is not there closes it.
    probe = channel.connection.channel()
    try:
        look(probe)
    except pika.exceptions.ChannelClosedByBroker as closed:
        if closed.reply_code != _NOT_FOUND:
            raise
        return False
    probe.close()
    return True


def publish(channel: BlockingChannel, exchange: str, routing_key: str, body: bytes, headers: Mapping[str, Any]) -> None:
    """
    Publish one persistent message and wait until the broker has it; ``channel`` must confirm deliveries.

    :raises pika.exceptions.UnroutableError: when no queue takes it
    """
    properties = pika.BasicProperties(
        content_type="application/cloudevents+json",
        delivery_mode=pika.DeliveryMode.Persistent,
        headers=dict(headers),
    )
    channel.basic_publish(exchange, routing_key, body, properties, mandatory=True)


def set_aside_headers(headers: Mapping[str, Any] | None, *, listener: str, reason: str) -> dict[str, Any]:
    """The headers of a message in the dead letters: its own, and what happened to it."""
    return {
        **(headers or {}),
        "reason": reason[:2_000],
        "listener": listener,
        "failed-at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


@dataclass
class Backoff:
    """Waiting times between attempts: each twice the one before, up to a limit."""

    first: float = 0.1
    longest: float = 5.0
    _next: float = field(default=0.0, init=False)

    def reset(self) -> None:
        """It worked: the next failure waits briefly again."""
        self._next = 0.0

    def next(self) -> float:
        """Seconds to wait now."""
        self._next = min(self.longest, self._next * 2 or self.first)
        return self._next

    def wait(self) -> float:
        """Wait; say how long it was."""
        seconds = self.next()
        time.sleep(seconds)
        return seconds
