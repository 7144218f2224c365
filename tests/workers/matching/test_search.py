"""Request-response over RabbitMQ: exactly known or not, what fits so far; only whoever may ask gets an answer."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.workers.matching.system import LILAS, System
from tests.workers.servers import RABBITMQ_URL, Server, eventually, waiting
from workers.chassis.identity import Identity, public_keys
from workers.chassis.loop import Stop, run
from workers.matching.index.build import only_builder
from workers.matching.index.builder import Builder
from workers.matching.index.mongo import Change, MongoIndex
from workers.matching.index.suggest import Suggestion
from workers.matching.matcher import Address
from workers.matching.search import Search, answer, serve

REPOSITORY = Path(__file__).parents[3]
QUESTION = {"kind": "exact", "address": LILAS.as_document()}


class OneAddress:
    """Knows one address."""

    def exactly(self, typed: Address) -> str | None:
        return "a-1" if typed == LILAS else None

    def suggest(self, text: str, country: str | None, first: int) -> list[Suggestion]:
        fits = "12 rue des Lilas".lower().startswith(text) and country in {None, "FR"}
        return [Suggestion("a-1", "12 rue des Lilas, 76000 Rouen, FR")] * first if fits else []


ONE = OneAddress()
SEARCH = Search(ONE.exactly, ONE.suggest)


def contract(path: str) -> dict[str, Any]:
    return dict(json.loads((REPOSITORY / path).read_text()))


SUGGEST_QUESTION = contract("subgraphs/addresses/contracts/suggest.question.json")
SUGGEST_ANSWER = contract("workers/matching/contracts/suggest.answer.json")


def token(issuer: str = "subscribers", audience: str = "matching", lifetime: int = 60) -> str:
    return Identity.from_environment(issuer).sign(audience, lifetime=lifetime)


@contextmanager
def asking(server: Server) -> Iterator[Callable[..., dict[str, Any]]]:
    """Ask whoever answers in this namespace."""
    queue = f"{server.namespace}.search"
    eventually(lambda: waiting(queue) is not None)
    connection = pika.BlockingConnection(pika.URLParameters(RABBITMQ_URL))

    def ask(question: object, asker: str = "subscribers") -> dict[str, Any]:
        channel: BlockingChannel = connection.channel()
        answers = channel.consume("amq.rabbitmq.reply-to", auto_ack=True, inactivity_timeout=5)
        next_ = iter(answers)
        # The queue of answers exists once it is read.
        properties = pika.BasicProperties(
            reply_to="amq.rabbitmq.reply-to", correlation_id="q-1", headers={"service-token": token(asker)}
        )
        connection.call_later(0, lambda: channel.basic_publish("", queue, json.dumps(question).encode(), properties))
        _, said, body = next(next_)
        assert body, "no answer"
        assert said.correlation_id == "q-1"
        channel.cancel()
        return dict(json.loads(body))

    yield ask
    connection.close()


@pytest.fixture
def asked(server: Server) -> Iterator[Callable[..., dict[str, Any]]]:
    stop = Stop()
    serving = serve(SEARCH, public_keys("matching"))
    thread = threading.Thread(target=run, args=("matching", serving, stop), daemon=True)
    thread.start()
    with asking(server) as ask:
        yield ask
    stop.ask()
    thread.join(10)


def test_the_process_suggests_from_the_snapshot_and_what_came_since(server: Server, tmp_path: Path) -> None:
    system = System(server)
    store = MongoIndex(system.database("matching"))
    with only_builder(tmp_path):
        Builder(tmp_path, store).step()
    try:
        system.start("search", "-m", "workers.matching", "search", MATCHING_INDEX_FOLDER=str(tmp_path))
        with asking(server) as ask:

            def suggested(text: str) -> list[str]:
                said = ask(SUGGEST_QUESTION["examples"][0] | {"text": text}, "addresses")
                jsonschema.validate(said, SUGGEST_ANSWER)
                return [one["id"] for one in said["suggestions"]]

            assert suggested("12 rue des lil") == ["a-1"]
            assert suggested("rouen lials") == ["a-1"]
            store.keep([Change("a-2", 1, Address("3 quai Voltaire", city="Paris", country="FR"))])
            eventually(lambda: suggested("quai volt") == ["a-2"], within=2)
            assert ask(QUESTION) == {"addressId": "a-1"}
    finally:
        system.stop()


def test_an_exactly_known_address_is_answered(asked: Callable[..., dict[str, Any]]) -> None:
    assert asked(QUESTION) == {"addressId": "a-1"}
    assert asked({"kind": "exact", "address": Address("elsewhere").as_document()}) == {"addressId": None}


def test_an_answer_goes_into_no_queue(
    server: Server, asked: Callable[..., dict[str, Any]], channel: BlockingChannel
) -> None:
    somebodys = channel.queue_declare("", exclusive=True).method.queue
    properties = pika.BasicProperties(reply_to=somebodys, headers={"service-token": token()})
    channel.basic_publish("", f"{server.namespace}.search", json.dumps(QUESTION).encode(), properties)

    # Questions are answered one after the other.
    assert asked(QUESTION) == {"addressId": "a-1"}
    assert channel.queue_declare(somebodys, passive=True).method.message_count == 0


@pytest.mark.parametrize("question", SUGGEST_QUESTION["examples"], ids=lambda question: question["text"])
def test_what_fits_so_far_is_answered(asked: Callable[..., dict[str, Any]], question: dict[str, Any]) -> None:
    said = asked(question, "addresses")

    jsonschema.validate(question, SUGGEST_QUESTION)
    jsonschema.validate(said, SUGGEST_ANSWER)
    assert [one["id"] for one in said["suggestions"]] == ["a-1"] * (8 if question["country"] else 0)


@pytest.mark.parametrize(
    ("asker", "changed", "search"),
    [
        ("addresses", {}, Search(ONE.exactly)),
        ("subscribers", {}, SEARCH),
        ("addresses", {"first": 0}, SEARCH),
        ("addresses", {"first": 51}, SEARCH),
        ("addresses", {"text": ""}, SEARCH),
        ("addresses", {"text": 7}, SEARCH),
    ],
    ids=["no index", "asked by another", "none", "too many", "nothing typed", "no text"],
)
def test_suggestions_that_cannot_be_made_say_why(
    server: Server, asker: str, changed: dict[str, Any], search: Search
) -> None:
    question = SUGGEST_QUESTION["examples"][0] | changed
    said = answer({"service-token": token(asker)}, json.dumps(question).encode(), search, public_keys("matching"))

    jsonschema.validate(said, SUGGEST_ANSWER)
    assert said["suggestions"] is None
    assert said["problem"]


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
    said = answer(headers(), json.dumps(QUESTION).encode(), SEARCH, public_keys("matching"))

    assert said["addressId"] is None
    assert reason in str(said["problem"])


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"kind": "near", "address": {}}', b'{"kind": "exact"}'])
def test_nonsense_gets_a_reason(server: Server, body: bytes) -> None:
    said = answer({"service-token": token()}, body, SEARCH, public_keys("matching"))

    assert said["problem"]


def test_a_store_that_is_away_does_not_end_the_process(server: Server) -> None:
    def find(typed: Address) -> str | None:
        raise ConnectionResetError("gone")

    said = answer({"service-token": token()}, json.dumps(QUESTION).encode(), Search(find), public_keys("matching"))

    assert said == {"addressId": None, "problem": "ConnectionResetError"}
