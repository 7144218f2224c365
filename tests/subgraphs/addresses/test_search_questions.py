"""As-you-type asks matching's search, and looks for itself when no answer comes in time."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import jsonschema
import pika
import pytest

from subgraphs.addresses.search_questions import SearchByRabbit, questions
from subgraphs.chassis.identity import verify
from subgraphs.chassis.questions import Questions
from tests.subgraphs.service import PUBLIC_KEYS, RABBITMQ_URL

REPOSITORY = Path(__file__).parents[3]
SUGGEST = """
query ($text: String!, $country: String, $first: Int = 8) {
  found: suggestAddresses(text: $text, country: $country, first: $first) { id formatted }
}
"""


def contract(path: str) -> dict[str, Any]:
    return json.loads((REPOSITORY / path).read_text())


QUESTION = contract("subgraphs/addresses/contracts/suggest.question.json")
ANSWER = contract("workers/matching/contracts/suggest.answer.json")


class Searcher:
    """Answers questions in a thread, as matching's search does."""

    def __init__(self) -> None:
        self.queue = f"test.{uuid4().hex[:8]}.search"
        self.asked: list[dict[str, Any]] = []
        self.says: Callable[[dict[str, Any]], Any] = lambda _: {"suggestions": []}
        self._open = threading.Event()
        self._connection: pika.BlockingConnection | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._open.wait(5)

    def _run(self) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(RABBITMQ_URL))
        channel = self._connection.channel()
        channel.queue_declare(self.queue, exclusive=True)
        channel.basic_consume(self.queue, self._on_question, auto_ack=True)
        self._open.set()
        channel.start_consuming()

    def _on_question(self, channel: Any, _: Any, properties: pika.BasicProperties, body: bytes) -> None:
        question = json.loads(body)
        self.asked.append(question)
        answer = self.says(question)
        if answer is not None:
            said = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            channel.basic_publish(
                "", properties.reply_to, said, pika.BasicProperties(correlation_id=properties.correlation_id)
            )


@pytest.fixture
def searcher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Searcher]:
    searcher = Searcher()
    line = Questions(RABBITMQ_URL, searcher.queue, name="test", wait=1, token=lambda: "a token")
    line.connect()
    deadline = time.monotonic() + 5
    while line._line is None and time.monotonic() < deadline:
        time.sleep(0.01)
    monkeypatch.setattr("subgraphs.addresses.schema.search_questions", lambda: SearchByRabbit(line))
    monkeypatch.setattr(searcher, "line", line, raising=False)
    return searcher


async def test_what_search_finds_is_shown_in_its_order(ask, known, searcher) -> None:
    first, second, removed = known({"address": "1 A"}, {"address": "2 B"}, {"address": "3 C", "status": "REMOVED"})
    found = [second, removed, "unknown", first]
    searcher.says = lambda _: {"suggestions": [{"id": id, "text": "…"} for id in found]}

    data = (await ask(SUGGEST, text="stanly str", country="fr", first=3)).data

    assert [one["id"] for one in data["found"]] == [second, first]
    assert searcher.asked == [{"kind": "suggest", "text": "stanly str", "country": "FR", "first": 3}]
    jsonschema.validate(searcher.asked[0], QUESTION)


@pytest.mark.parametrize("said", ANSWER["examples"], ids=json.dumps)
async def test_every_answer_of_the_contract_is_understood(ask, known, searcher, said: dict[str, Any]) -> None:
    jsonschema.validate(said, ANSWER)
    [id] = known({"_id": "a-1"})
    searcher.says = lambda _: said

    found = [one["id"] for one in (await ask(SUGGEST, text="12 rue")).data["found"]]

    own_store_or_search = said["suggestions"] is None or said["suggestions"]
    assert found == ([id] if own_store_or_search else [])


@pytest.mark.parametrize("said", [b"nonsense", [], {}, {"suggestions": 7}, {"suggestions": None, "problem": "x"}])
async def test_without_sense_the_own_store_is_asked(ask, known, searcher, said: Any) -> None:
    known({})
    searcher.says = lambda _: said

    assert len((await ask(SUGGEST, text="12 rue")).data["found"]) == 1


async def test_silence_is_waited_for_no_longer_than_set(ask, known, searcher) -> None:
    known({})
    searcher.says = lambda _: None
    searcher.line.wait = 0.06
    began = time.monotonic()

    assert len((await ask(SUGGEST, text="12 rue")).data["found"]) == 1
    assert 0.05 < time.monotonic() - began < 0.8
    assert not searcher.line._waiting, "nobody waits any more"


async def test_where_nobody_listens_the_own_store_answers_at_once(ask, known) -> None:
    known({})
    began = time.monotonic()

    assert len((await ask(SUGGEST, text="12 rue")).data["found"]) == 1
    assert time.monotonic() - began < 1


def test_the_question_is_signed_for_matching() -> None:
    claims = verify(questions()._token(), audience="matching", issuer="addresses", public_keys=PUBLIC_KEYS)

    assert claims["iss"] == "addresses"
