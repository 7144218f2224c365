"""
What was set aside: facts and tasks that no listener and no worker could use, each with the reason.

They are read without being taken: whatever is looked at goes back when the channel closes. To retry one is to send it where it was
set aside, with its headers from before, and only then to take it out; whoever dies between the two has it twice, and what is heard twice
is handled once.
"""

import base64
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import orjson
import pika
import pika.exceptions
from django.conf import settings
from pika.adapters.blocking_connection import BlockingChannel

from subgraphs.operations.management import BrokerAway

OF_SETTING_ASIDE = ("reason", "listener", "failed-at", "attempt", "problem")
"""headers that whoever set it aside has added"""
BROKEN = (pika.exceptions.AMQPError, OSError)


@dataclass(frozen=True)
class DeadLetter:
    """One fact or task that was set aside."""

    id: str
    vhost: str
    type: str
    """of a fact; of a task, its name"""
    reason: str
    set_aside_by: str
    """the listener, or the queue of tasks"""
    failed_at: datetime | None
    request_id: str | None
    body: str
    """as it came, at most so much of it as a person reads"""


@dataclass(frozen=True)
class _Taken:
    letter: DeadLetter
    tag: int
    properties: pika.BasicProperties
    body: bytes


MOST_SHOWN = 4_000
"""characters of a body"""


class NotRetried(Exception):
    """The broker does not take it back; the text says why."""


def read() -> list[DeadLetter]:
    """
    Those that were set aside, of every virtual host, in the order of their queues.

    :raises BrokerAway: the broker cannot be reached.
    """
    found: list[DeadLetter] = []
    for vhost in _vhosts():
        with _channel(vhost) as channel:
            found += [one.letter for one in _browse(channel, vhost)]
    return found


def retry(id: str) -> DeadLetter | None:
    """
    Send it once more to where it was set aside; ``None``: it is not there (any more).

    :raises NotRetried: the broker does not take it there.
    :raises BrokerAway: the broker cannot be reached.
    """
    return _act(id, _send_again)


def discard(id: str) -> DeadLetter | None:
    """Take it out for good; ``None``: it is not there (any more)."""
    return _act(id, lambda _channel, _taken: None)


def _act(id: str, do: Callable[[BlockingChannel, _Taken], None]) -> DeadLetter | None:
    vhost = _vhost_of(id)
    if vhost is None:
        return None
    with _channel(vhost) as channel:
        for taken in _browse(channel, vhost):
            if taken.letter.id == id:
                do(channel, taken)
                channel.basic_ack(taken.tag)
                return taken.letter
    return None


def _send_again(channel: BlockingChannel, taken: _Taken) -> None:
    headers = dict(taken.properties.headers or {})
    exchange, key = _origin(taken, headers)
    for name in OF_SETTING_ASIDE:
        headers.pop(name, None)
    taken.properties.headers = {name: value for name, value in headers.items() if not name.startswith("x-")}
    try:
        channel.basic_publish(exchange, key, taken.body, taken.properties, mandatory=True)
    except pika.exceptions.UnroutableError:
        raise NotRetried(f"nobody listens where it was set aside ({key})") from None
    except pika.exceptions.ChannelClosedByBroker as closed:
        raise NotRetried(f"the broker refuses it: {closed.reply_text}") from None


def _origin(taken: _Taken, headers: Mapping[str, Any]) -> tuple[str, str]:
    """Exchange and routing key by which it comes back to who set it aside."""
    if "task" in headers:
        # Its queue is its routing key too; it may have come there by way of a later try.
        return f"{settings.NAMESPACE}.tasks", str(_death(headers).get("queue", ""))
    queue = f"{settings.NAMESPACE}.{taken.letter.set_aside_by}"
    return f"{queue}.again", queue


def _browse(channel: BlockingChannel, vhost: str) -> Iterator[_Taken]:
    """Each of them, held until the channel closes."""
    for _ in range(settings.MOST_DEAD_LETTERS):
        method, properties, body = channel.basic_get(f"{settings.NAMESPACE}.dead_letters")
        if method is None:
            return
        headers = dict(properties.headers or {})
        yield _Taken(_letter(vhost, headers, body), method.delivery_tag, properties, body)


def _letter(vhost: str, headers: Mapping[str, Any], body: bytes) -> DeadLetter:
    told = _told(body)
    death = _death(headers)
    by = str(headers.get("listener") or "") or str(death.get("queue") or "").removeprefix(f"{settings.NAMESPACE}.")
    reason = str(headers.get("reason") or _why_the_broker(death))
    failed_at = _instant(headers.get("failed-at")) or death.get("time")
    subject = str(told.get("id") or headers.get("id") or "")
    about = "\n".join((vhost, by, subject, str(failed_at or "")))
    return DeadLetter(
        id=base64.urlsafe_b64encode(about.encode()).decode(),
        vhost=vhost,
        type=str(told.get("type") or headers.get("task") or "unknown"),
        reason=reason,
        set_aside_by=by or "unknown",
        failed_at=failed_at,
        request_id=str(told["requestid"]) if told.get("requestid") else None,
        body=body.decode(errors="replace")[:MOST_SHOWN],
    )


def _death(headers: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the broker says of the last time that it set it aside."""
    said = headers.get("x-death")
    return said[0] if isinstance(said, list) and said and isinstance(said[0], dict) else {}


def _why_the_broker(death: Mapping[str, Any]) -> str:
    said = {
        "delivery_limit": "its reader died, again and again",
        "rejected": "its reader refused it, and did not say why",
        "expired": "it waited for too long",
        "maxlen": "its queue was full",
    }
    return said.get(str(death.get("reason")), "unknown")


def _told(body: bytes) -> Mapping[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _instant(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def _vhosts() -> list[str]:
    facts = unquote(urlsplit(settings.RABBITMQ_URL).path.removeprefix("/")) or "/"
    return [facts, *settings.TASK_VHOSTS]


def _vhost_of(id: str) -> str | None:
    try:
        vhost = base64.urlsafe_b64decode(id.encode()).decode().partition("\n")[0]
    except ValueError:
        return None
    return vhost if vhost in _vhosts() else None


@contextmanager
def _channel(vhost: str) -> Iterator[BlockingChannel]:
    url = urlsplit(settings.RABBITMQ_URL)
    parameters = pika.URLParameters(url._replace(path="/" + quote(vhost, safe="")).geturl())
    if parameters.ssl_options:
        parameters.ssl_options = pika.SSLOptions(ssl.create_default_context(cafile=settings.CA_FILE))
    parameters.connection_attempts, parameters.socket_timeout = 1, settings.PATIENCE
    parameters.client_properties = {"connection_name": "doorstep operations"}
    try:
        connection = pika.BlockingConnection(parameters)
    except BROKEN as problem:
        raise BrokerAway(f"RabbitMQ does not answer ({type(problem).__name__})") from None
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        yield channel
        if channel.is_open:
            # Whatever is still held goes back now; with the connection alone it would go back somewhat later.
            channel.basic_nack(0, multiple=True, requeue=True)
            channel.close()
    finally:
        if connection.is_open:
            connection.close()
