"""
Asking matching whether an address is known exactly: request-response over RabbitMQ, the answer by direct reply-to.

The answer is a courtesy. Whoever asks waits a few dozen milliseconds at most, and not at all while there is no
connection: connecting and reconnecting happen in a thread of their own.
"""

import asyncio
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol
from uuid import uuid4

import pika
import structlog
from django.conf import settings
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import AMQPError

from subgraphs.chassis.identity import sign
from subgraphs.chassis.logs import current_request_id
from subgraphs.chassis_strawberry.typed_address import TypedAddress

_REPLY_TO = "amq.rabbitmq.reply-to"
_LONGEST_PAUSE = 15.0
"""seconds between two attempts to connect"""

log = structlog.get_logger("known_addresses")


class KnownAddresses(Protocol):
    """Says which known address a typed one is exactly."""

    async def find(self, address: TypedAddress) -> str | None:
        """The id of the known address; ``None`` when there is none, or nobody says so in time."""
        ...


@dataclass(frozen=True)
class _Line:
    """An open connection."""

    connection: BlockingConnection
    channel: BlockingChannel


class KnownAddressesByRabbit:
    """
    The port, over RabbitMQ.

    :param wait: seconds until the flow goes on without an answer
    :param token: makes the service token a request carries
    """

    def __init__(self, url: str, queue: str, *, wait: float, token: Callable[[], str]) -> None:
        self._url = url
        self._queue = queue
        self._wait = wait
        self._token = token
        self._line: _Line | None = None
        self._waiting: dict[str, Future[str | None]] = {}
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def connect(self) -> None:
        """Begin to connect and return at once."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep_connected, name="known addresses", daemon=True)
                self._thread.start()

    async def find(self, address: TypedAddress) -> str | None:
        """The id of the known address; ``None`` when there is none, or nobody says so in time."""
        line = self._line
        if line is None:
            self.connect()
            return None
        question, answer = str(uuid4()), Future[str | None]()
        self._waiting[question] = answer
        body = json.dumps({"kind": "exact", "address": address.as_document()}).encode()
        properties = pika.BasicProperties(
            content_type="application/json",
            correlation_id=question,
            reply_to=_REPLY_TO,
            expiration=str(max(1, int(self._wait * 1000))),
            headers={"service-token": self._token(), "request-id": current_request_id() or question},
        )
        try:
            line.connection.add_callback_threadsafe(lambda: self._ask(line, body, properties))
            return await asyncio.wait_for(asyncio.wrap_future(answer), self._wait)
        except TimeoutError:
            log.info("no answer in time", wait_ms=int(self._wait * 1000))
            return None
        except AMQPError as problem:
            log.warning("not asked", problem=repr(problem))
            return None
        finally:
            self._waiting.pop(question, None)

    def _ask(self, line: _Line, body: bytes, properties: pika.BasicProperties) -> None:
        # Mandatory: when there is no such queue the question comes back, and nobody waits for nothing.
        line.channel.basic_publish("", self._queue, body, properties, mandatory=True)

    def _keep_connected(self) -> None:
        pause = 0.5
        while True:
            try:
                self._listen()
            except (AMQPError, OSError) as problem:
                log.warning("no connection", problem=repr(problem), again_in=pause)
            finally:
                connected, self._line = self._line is not None, None
                for answer in list(self._waiting.values()):
                    _settle(answer, None)
            pause = 0.5 if connected else min(pause * 2, _LONGEST_PAUSE)
            time.sleep(pause)

    def _listen(self) -> None:
        parameters = pika.URLParameters(self._url)
        parameters.client_properties = {"connection_name": "subscribers: known addresses"}
        connection = BlockingConnection(parameters)
        try:
            channel = connection.channel()
            channel.basic_consume(_REPLY_TO, self._on_answer, auto_ack=True)
            channel.add_on_return_callback(self._on_return)
            self._line = _Line(connection, channel)
            log.info("connected")
            channel.start_consuming()
        finally:
            if connection.is_open:
                connection.close()

    def _on_answer(self, _: BlockingChannel, __: Any, properties: pika.BasicProperties, body: bytes) -> None:
        answer = self._waiting.get(properties.correlation_id or "")
        if answer is None:
            return
        try:
            id = json.loads(body)["addressId"]
        except (ValueError, KeyError, TypeError) as problem:
            log.warning("answer not understood", problem=repr(problem))
            id = None
        _settle(answer, id if isinstance(id, str) else None)

    def _on_return(self, _: BlockingChannel, __: Any, properties: pika.BasicProperties, ___: bytes) -> None:
        if answer := self._waiting.get(properties.correlation_id or ""):
            _settle(answer, None)


@cache
def known_addresses() -> KnownAddressesByRabbit:
    """The port of this process."""
    return KnownAddressesByRabbit(
        settings.RABBITMQ_URL,
        f"{settings.NAMESPACE}.search",
        wait=settings.KNOWN_ADDRESS_WAIT_MS / 1000,
        token=lambda: sign("matching", issuer=settings.SERVICE_NAME, key=settings.SERVICE_KEY),
    )


def _settle(answer: Future[str | None], id: str | None) -> None:
    if answer.set_running_or_notify_cancel():
        answer.set_result(id)
