"""A fact on its way to RabbitMQ: signed by the service that tells it, confirmed by the broker."""

import json
from collections.abc import Mapping
from typing import Any

import pika
import pika.exceptions
from pika.adapters.blocking_connection import BlockingChannel

from workers.chassis import broker, tracing
from workers.chassis.broker import Names
from workers.chassis.identity import TOKEN_HEADER, Identity
from workers.chassis.mongo import Document
from workers.outbox_relay.relay import Untellable


class BrokerTeller:
    """
    Publishes facts of one service on a connection of its own.

    Before the first fact for a listener is published, its queue exists: a listener that has never run yet misses
    nothing.
    """

    def __init__(self, identity: Identity, names: Names, *, token_seconds: int) -> None:
        self._identity = identity
        self._names = names
        self._token_seconds = token_seconds
        self._connection: pika.BlockingConnection | None = None
        self._channel: BlockingChannel | None = None
        self._bound: set[tuple[str, str]] = set()

    def connect(self) -> None:
        """
        Be ready to tell.

        :raises: one of :data:`workers.chassis.broker.BROKEN`
        """
        self.close()
        self._connection = broker.connect(f"outbox_relay {self._identity.service}")
        self._channel = self._connection.channel()
        self._channel.confirm_delivery()
        broker.declare_exchanges(self._channel, self._names)
        self._bound.clear()

    def keep_alive(self) -> None:
        """Answer the broker's heartbeat while there is nothing to tell."""
        if self._connection is not None:
            self._connection.process_data_events(0)

    def close(self) -> None:
        """Leave the broker; harmless to repeat."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None and connection.is_open:
            connection.close()

    def tell(self, fact: Document) -> None:
        """Publish, and return when the broker has it."""
        if self._channel is None:
            self.connect()
        channel = self._channel
        if channel is None:
            raise pika.exceptions.ConnectionClosed(0, "not connected")
        headers, body = self._message(fact)
        for listener in fact["audience"]:
            if (listener, fact["type"]) not in self._bound:
                broker.declare_listener(channel, self._names, listener, [fact["type"]])
                self._bound.add((listener, fact["type"]))
        with tracing.span(
            f"publish {fact['type']}",
            "producer",
            fact.get(tracing.TRACEPARENT),
            messaging__system="rabbitmq",
            messaging__operation__type="send",
            messaging__operation__name="publish",
            messaging__destination__name=self._names.facts,
            messaging__rabbitmq__destination__routing_key=fact["type"],
            messaging__message__id=fact["id"],
        ):
            if traceparent := tracing.traceparent() or fact.get(tracing.TRACEPARENT):
                headers[tracing.TRACEPARENT] = traceparent
            broker.publish(channel, self._names.facts, fact["type"], body, headers)

    def _message(self, fact: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
        try:
            if fact["source"] != f"/{self._identity.service}":
                raise Untellable(f"{fact['source']} cannot tell what is in the outbox of {self._identity.service}")
            token = self._identity.sign(
                fact["audience"],
                lifetime=self._token_seconds,
                subject=fact["id"],
                claims={"typ_fact": fact["type"]},
            )
            body = json.dumps(fact, ensure_ascii=False, separators=(",", ":")).encode()
        except (KeyError, TypeError, ValueError) as wrong:
            raise Untellable(f"it is no fact: {wrong!r}") from wrong
        return {TOKEN_HEADER: token}, body
