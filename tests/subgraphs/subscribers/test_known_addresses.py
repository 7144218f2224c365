"""Matching may say at once that an address is known; subscribe never waits for it for long."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pika
import pytest

from subgraphs.chassis.identity import verify
from subgraphs.chassis.questions import Questions
from subgraphs.chassis_strawberry.typed_address import TypedAddress
from subgraphs.subscribers import known_addresses as module
from subgraphs.subscribers.known_addresses import KnownAddressesByRabbit
from tests.subgraphs.service import PUBLIC_KEYS, RABBITMQ_URL
from tests.subgraphs.subscribers.questions import ada

ADDRESS = TypedAddress(None, "12 rue des Lilas", "76000", "Rouen", None, "FR")


class Searcher:
    """Answers questions in a thread, as matching's search does."""

    def __init__(self, answer: Callable[[dict[str, Any]], bytes | None]) -> None:
        self.queue = f"test.{uuid4().hex[:8]}.search"
        self.heard: list[pika.BasicProperties] = []
        self._answer = answer
        self._open = threading.Event()
        self._connection: pika.BlockingConnection | None = None
        threading.Thread(target=self._run, daemon=True).start()
        assert self._open.wait(5)

    def _run(self) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(RABBITMQ_URL))
        channel = self._connection.channel()
        channel.queue_declare(self.queue, exclusive=True)
        channel.basic_consume(self.queue, self._on_question, auto_ack=True)
        self._open.set()
        channel.start_consuming()

    def _on_question(self, channel: Any, _: Any, properties: pika.BasicProperties, body: bytes) -> None:
        self.heard.append(properties)
        answer = self._answer(json.loads(body))
        if answer is not None:
            channel.basic_publish(
                "", properties.reply_to, answer, pika.BasicProperties(correlation_id=properties.correlation_id)
            )


def line(queue: str, *, url: str = RABBITMQ_URL, wait: float = 0.5) -> Questions:
    return Questions(url, queue, name="test", wait=wait, token=lambda: "a token")


async def connected(line: Questions) -> KnownAddressesByRabbit:
    line.connect()
    deadline = time.monotonic() + 5
    while line._line is None and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    assert line._line is not None
    return KnownAddressesByRabbit(line)


async def test_the_answer_names_the_known_address() -> None:
    questions = []

    def answer(question: dict[str, Any]) -> bytes:
        questions.append(question)
        return b'{"addressId": "a-1"}'

    searcher = Searcher(answer)
    asking = await connected(line(searcher.queue))

    assert await asking.find(ADDRESS) == "a-1"
    assert questions == [{"kind": "exact", "address": ADDRESS.as_document()}]
    assert searcher.heard[0].headers["service-token"] == "a token"


@pytest.mark.parametrize("answer", [b'{"addressId": null}', b"nonsense", b"[]", b'{"addressId": 7}', b"{}"])
async def test_no_known_address_and_no_sense_are_the_same(answer: bytes) -> None:
    asking = await connected(line(Searcher(lambda _: answer).queue))

    assert await asking.find(ADDRESS) is None


async def test_many_questions_get_their_own_answers() -> None:
    searcher = Searcher(lambda question: json.dumps({"addressId": question["address"]["address"]}).encode())
    asking = await connected(line(searcher.queue, wait=3))
    addresses = [TypedAddress(None, str(number), None, "Rouen", None, None) for number in range(50)]

    found = await asyncio.gather(*(asking.find(address) for address in addresses))

    assert found == [str(number) for number in range(50)]


async def test_silence_is_waited_for_no_longer_than_set() -> None:
    asking = await connected(line(Searcher(lambda _: None).queue, wait=0.06))
    began = time.monotonic()

    assert await asking.find(ADDRESS) is None
    assert 0.05 < time.monotonic() - began < 0.5


async def test_where_nobody_listens_nothing_is_waited_for() -> None:
    asking = await connected(line("test.no-such-queue", wait=5))
    began = time.monotonic()

    assert await asking.find(ADDRESS) is None
    assert time.monotonic() - began < 1


async def test_without_a_broker_nothing_is_waited_for() -> None:
    asking = KnownAddressesByRabbit(line("search", url="amqp://guest:guest@127.0.0.1:1/%2F", wait=5))
    began = time.monotonic()

    assert await asking.find(ADDRESS) is None
    assert await asking.find(ADDRESS) is None
    assert time.monotonic() - began < 0.5


async def test_a_lost_connection_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    searcher = Searcher(lambda _: b'{"addressId": "a-1"}')
    asked = line(searcher.queue)
    asking = await connected(asked)
    first = asked._line
    assert first is not None

    first.connection.add_callback_threadsafe(first.connection.close)
    deadline = time.monotonic() + 5
    while asked._line in {None, first} and time.monotonic() < deadline:
        await asyncio.sleep(0.02)

    assert await asking.find(ADDRESS) == "a-1"


class Knows:
    """Knows one address."""

    async def find(self, address: TypedAddress) -> str | None:
        return "a-1" if address.city == "Rouen" else None


@pytest.fixture
def _knows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("subgraphs.subscribers.schema.known_addresses", Knows)
    return


@pytest.mark.usefixtures("_knows")
async def test_subscribe_says_the_known_address(ask) -> None:
    question = "mutation ($input: SubscribeInput!) { subscribe(input: $input) { knownAddress { id } } }"

    known = await ask(question, input=ada())
    unknown = await ask(question, input=ada(address__city="Dieppe"))
    refused = await ask(question, input=ada(name=""))

    assert known.data["subscribe"]["knownAddress"] == {"id": "a-1"}
    assert unknown.data["subscribe"]["knownAddress"] is None
    assert refused.data["subscribe"]["knownAddress"] is None


def test_the_question_is_signed_for_matching() -> None:
    token = module.questions()._token()

    claims = verify(token, audience="matching", issuer="subscribers", public_keys=PUBLIC_KEYS)
    assert claims["iss"] == "subscribers"
