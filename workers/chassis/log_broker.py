"""Log lines of a process on their way through RabbitMQ: a fan-out exchange, from which whoever wants to hears them."""

import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import ChannelClosedByBroker

from workers.chassis.env import Env
from workers.chassis.log_lines import FACT, LogLines
from workers.chassis.service_keys import Secret
from workers.chassis.sign_lines import sign_lines

TOKEN_HEADER = "service-token"  # noqa: S105 - the name of a header
_NOT_FOUND = 404
SIGNED_ANEW = 60.0
"""seconds after which another token is signed: the key may have changed"""


def carried_lines(service: str) -> LogLines | None:
    """The lines of this process, where they are to be carried (``SHIP_LOGS``)."""
    env = Env(service)
    if not env.flag("SHIP_LOGS"):
        return None
    key = Secret.from_environment(env, "SERVICE_KEY")
    carrier = BrokerCarrier(
        env.text("RABBITMQ_URL"),
        f"{env.text('DOORSTEP_NAMESPACE', 'doorstep')}.log_lines",
        name=f"{service}: log lines",
        token=partial(sign_lines, service, key),
        ca_file=env.text("RABBITMQ_CA_FILE", ""),
    )
    return LogLines(service, carrier, alive_every=max(1, env.number("LOGS_ALIVE_SECONDS", 15)))


class BrokerCarrier:
    """
    The way through RabbitMQ.

    :param name: how the connection calls itself on the broker
    :param token: makes the service token of a batch
    :param ca_file: where ``url`` begins with ``amqps``: the authority that is believed; empty: those of the system
    """

    def __init__(self, url: str, exchange: str, *, name: str, token: Callable[[], str], ca_file: str = "") -> None:
        self._url = url
        self._exchange = exchange
        self._name = name
        self._token = token
        self._ca_file = ca_file
        self._signed: tuple[str, float] = ("", 0.0)
        self._connection: BlockingConnection | None = None
        self._channel: BlockingChannel | None = None

    def open(self) -> None:
        """Connect; raise what is in the way."""
        parameters = pika.URLParameters(self._url)
        if parameters.ssl_options:
            parameters.ssl_options = pika.SSLOptions(ssl.create_default_context(cafile=self._ca_file or None))
        parameters.connection_attempts = 1
        parameters.socket_timeout = 5
        parameters.stack_timeout = 10
        parameters.blocked_connection_timeout = 20
        parameters.heartbeat = 60
        parameters.client_properties = {"connection_name": self._name}
        self._connection = BlockingConnection(parameters)
        self._channel = self._channel_to_exchange(self._connection)
        self._channel.confirm_delivery()

    def carry(self, batch: bytes) -> None:
        """Publish, and return when the broker has it; whether anybody hears it is not asked."""
        if self._channel is None:
            raise ConnectionError("not connected")
        properties = pika.BasicProperties(
            content_type="application/cloudevents+json",
            delivery_mode=pika.DeliveryMode.Transient,
            type=FACT,
            headers={TOKEN_HEADER: self._token_now()},
        )
        self._channel.basic_publish(self._exchange, "", batch, properties)

    def close(self) -> None:
        """Leave; harmless to repeat."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None and connection.is_open:
            with suppress(Exception):
                connection.close()

    def forget(self) -> None:
        """After a fork: the connection is the parent's, and not to be touched."""
        self._connection = self._channel = None

    def _channel_to_exchange(self, connection: BlockingConnection) -> BlockingChannel:
        channel = connection.channel()
        try:
            channel.exchange_declare(self._exchange, passive=True)
        except ChannelClosedByBroker as closed:
            if closed.reply_code != _NOT_FOUND:
                raise
            # Who may not make what all share finds it made by those who run the broker.
            channel = connection.channel()
            channel.exchange_declare(self._exchange, "fanout", durable=True)
        return channel

    def _token_now(self) -> str:
        token, until = self._signed
        if time.monotonic() >= until:
            token = self._token()
            self._signed = (token, time.monotonic() + SIGNED_ANEW)
        return token
