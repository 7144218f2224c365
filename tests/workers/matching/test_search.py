"""Request-response over RabbitMQ: exactly known, or not; only whoever may ask gets an answer."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.workers.matching.system import LILAS
from tests.workers.servers import RABBITMQ_URL, Server, eventually, waiting
from workers.chassis.identity import Identity, public_keys
from workers.chassis.loop import Stop, run
from workers.matching.matcher import Address
from workers.matching.search import answer, serve

QUESTION = {"kind": "exact", "address": LILAS.as_document()}


class OneAddress:
    """Knows one address."""

    def exactly(self, typed: Address) -> str | None:
        return "a-1" if typed == LILAS else None


def token(issuer: str = "subscribers", audience: str = "matching", lifetime: int = 60) -> str:
    return Identity.from_environment(issuer).sign(audience, lifetime=lifetime)


@pytest.fixture
def asked(server: Server) -> Iterator[Callable[..., dict[str, Any]]]:
    stop = Stop()
    serving = serve(OneAddress().exactly, public_keys("matching"))
    thread = threading.Thread(target=run, args=("matching", serving, stop), daemon=True)
    thread.start()
    queue = f"{server.namespace}.search"
    eventually(lambda: waiting(queue) is not None)
    connection = pika.BlockingConnection(pika.URLParameters(RABBITMQ_URL))

    def ask(question: object) -> dict[str, Any]:
        channel: BlockingChannel = connection.channel()
        answers = channel.consume("amq.rabbitmq.reply-to", auto_ack=True, inactivity_timeout=5)
        next_ = iter(answers)
        # The queue of answers exists once it is read.
        properties = pika.BasicProperties(
            reply_to="amq.rabbitmq.reply-to", correlation_id="q-1", headers={"service-token": token()}
        )
        connection.call_later(0, lambda: channel.basic_publish("", queue, json.dumps(question).encode(), properties))
        _, said, body = next(next_)
        assert body, "no answer"
        assert said.correlation_id == "q-1"
        channel.cancel()
        return dict(json.loads(body))

    yield ask
    stop.ask()
    thread.join(10)
    connection.close()


def test_an_exactly_known_address_is_answered(asked: Callable[..., dict[str, Any]]) -> None:
    assert asked(QUESTION) == {"addressId": "a-1"}
    assert asked({"kind": "exact", "address": Address("elsewhere").as_document()}) == {"addressId": None}


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        (dict, "missing"),
        (lambda: {"service-token": token("addresses")}, "refused"),
        (lambda: {"service-token": token(audience="addresses")}, "refused"),
        (lambda: {"service-token": token(lifetime=-60)}, "expired"),
    ],
)
def test_a_wrong_token_gets_no_answer(server: Server, headers: Callable[[], dict[str, str]], reason: str) -> None:
    said = answer(headers(), json.dumps(QUESTION).encode(), OneAddress().exactly, public_keys("matching"))

    assert said["addressId"] is None
    assert reason in str(said["problem"])


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"kind": "near", "address": {}}', b'{"kind": "exact"}'])
def test_nonsense_gets_a_reason(server: Server, body: bytes) -> None:
    said = answer({"service-token": token()}, body, OneAddress().exactly, public_keys("matching"))

    assert said["problem"]


def test_a_store_that_is_away_does_not_end_the_process(server: Server) -> None:
    def find(typed: Address) -> str | None:
        raise ConnectionResetError("gone")

    said = answer({"service-token": token()}, json.dumps(QUESTION).encode(), find, public_keys("matching"))

    assert said == {"addressId": None, "problem": "ConnectionResetError"}
