"""
Request-response over RabbitMQ: a question goes to a queue, its answer comes back by direct reply-to.

An answer is a courtesy. Whoever asks waits a few dozen milliseconds at most, and not at all while there is no
connection: connecting and reconnecting happen in a thread of their own.
"""

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pika
import structlog
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import AMQPError

from subgraphs.chassis import tracing
from subgraphs.chassis.logs import current_request_id

_REPLY_TO = "amq.rabbitmq.reply-to"
_LONGEST_PAUSE = 15.0
"""seconds between two attempts to connect"""

log = structlog.get_logger("questions")


@dataclass(frozen=True)
class _Line:
    """An open connection."""

    connection: BlockingConnection
    channel: BlockingChannel


class Questions:
    """
    Asks whoever reads one queue.

    :param name: how the connection calls itself on the broker
    :param wait: seconds after which nobody is interested in an answer any more
    :param token: makes the service token a question carries
    :param ca_file: where ``url`` begins with ``amqps``: the authority that is believed; empty: those of the system
    """

    def __init__(
        self, url: str, queue: str, *, name: str, wait: float, token: Callable[[], str], ca_file: str = ""
    ) -> None:
        self.wait = wait
        self._ca_file = ca_file
        self._url = url
        self._queue = queue
        self._name = name
        self._token = token
        self._line: _Line | None = None
        self._waiting: dict[str, Future[Any]] = {}
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def connect(self) -> None:
        """Begin to connect and return at once."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep_connected, name=self._name, daemon=True)
                self._thread.start()

    def ask(self, question: Mapping[str, Any]) -> Future[Any] | None:
        """
        The answer as it will come, ``None`` where nobody can be asked now.

        Its result is what the JSON of the answer says, ``None`` when it makes no sense or the question came back.
        Cancel it when it takes longer than :attr:`wait`.
        """
        line = self._line
        if line is None:
            self.connect()
            return None
        id, answer = str(uuid4()), Future[Any]()
        self._waiting[id] = answer
        answer.add_done_callback(lambda _: self._waiting.pop(id, None))
        properties = pika.BasicProperties(
            content_type="application/json",
            correlation_id=id,
            reply_to=_REPLY_TO,
            expiration=str(max(1, int(self.wait * 1000))),
            headers={"service-token": self._token(), "request-id": current_request_id() or id},
        )
        if traceparent := tracing.traceparent():
            properties.headers[tracing.TRACEPARENT] = traceparent
        body = json.dumps(question).encode()
        try:
            line.connection.add_callback_threadsafe(lambda: self._send(line, body, properties))
        except AMQPError as problem:
            log.warning("not asked", problem=repr(problem))
            _settle(answer, None)
        return answer

    def _send(self, line: _Line, body: bytes, properties: pika.BasicProperties) -> None:
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
        if parameters.ssl_options:
            parameters.ssl_options = pika.SSLOptions(ssl.create_default_context(cafile=self._ca_file or None))
        parameters.client_properties = {"connection_name": self._name}
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
            said = json.loads(body)
        except ValueError as problem:
            log.warning("answer not understood", problem=repr(problem))
            said = None
        _settle(answer, said)

    def _on_return(self, _: BlockingChannel, __: Any, properties: pika.BasicProperties, ___: bytes) -> None:
        if answer := self._waiting.get(properties.correlation_id or ""):
            _settle(answer, None)


def _settle(answer: Future[Any], said: Any) -> None:
    if answer.set_running_or_notify_cancel():
        answer.set_result(said)
