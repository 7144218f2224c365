"""What `suggestions` and its worker tell: the contract, its teller, and everybody who hears it."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from subgraphs.chassis.clock import now
from subgraphs.suggestions.facts import suggestion_received
from subgraphs.suggestions.model import Suggestion, SuggestionStatus
from workers.chassis.facts import Heard
from workers.notifications import facts as notifications
from workers.notifications.letter import Kind
from workers.notifications.listener import HANDED_IN
from workers.suggestions.listener import TELLERS, Ears
from workers.suggestions.thank_reader import thank_reader

REPOSITORY = Path(__file__).parents[2]


def contract(path: str) -> dict[str, Any]:
    return dict(json.loads((REPOSITORY / path).read_text()))


OUTBOX = contract("subgraphs/chassis/contracts/outbox.v1.json")
RECEIVED = contract("subgraphs/suggestions/contracts/suggestion_received.v1.json")
THANKED = contract("workers/suggestions/contracts/suggestion_thanked.v1.json")
DOCUMENT = contract("subgraphs/suggestions/contracts/suggestion.document.json")


class OneSuggestion:
    """A store with one suggestion, which remembers the facts about it."""

    def __init__(self, name: str = "Ada Lovelace") -> None:
        self.kept: dict[str, Any] = {**DOCUMENT["examples"][0], "_id": "g-1", "name": name, "status": "RECEIVED"}
        self.told: list[Mapping[str, Any]] = []

    def find(self, suggestion_id: str) -> Mapping[str, Any] | None:
        return self.kept if suggestion_id == "g-1" else None

    def thanked(self, suggestion_id: str, letter_id: str, now: datetime, fact: Mapping[str, Any]) -> bool:
        if self.kept["status"] != "RECEIVED":
            return False
        self.kept |= {"status": "THANKED", "letterId": letter_id}
        self.told.append(fact)
        return True


@pytest.mark.parametrize("told", [RECEIVED, THANKED], ids=lambda told: told["$id"])
def test_the_examples_of_a_fact_keep_it_and_fit_the_outbox(told: dict[str, Any]) -> None:
    for example in told["examples"]:
        jsonschema.validate(example, told)
        jsonschema.validate(example, OUTBOX)
        assert set(told["x-heard-by"]) == set(example["audience"])
        assert example["source"] == f"/{told['x-told-by']}"


def test_the_example_of_the_document_keeps_it() -> None:
    jsonschema.validate(DOCUMENT["examples"][0], DOCUMENT)


def test_the_teller_of_suggestions_keeps_it() -> None:
    ada = Suggestion("g-1", "Ada", "ada@example.org", "Show the map.", SuggestionStatus.RECEIVED, now())

    jsonschema.validate(suggestion_received(ada), RECEIVED)


@pytest.mark.parametrize("example", RECEIVED["examples"])
def test_the_worker_thanks(example: dict[str, Any]) -> None:
    heard = Heard.from_bytes(json.dumps(example).encode())
    suggestions = OneSuggestion()
    Ears(suggestions).handlers()[heard.type](heard)

    assert heard.source == TELLERS[heard.type]
    (fact,) = suggestions.told
    jsonschema.validate(fact, THANKED)


@pytest.mark.parametrize("name", ["evil.example/win", "Win at www.evil.example", "mailto:me", "a@b"])
def test_a_name_that_could_be_a_link_is_in_no_letter(name: str) -> None:
    suggestions = OneSuggestion(name)
    thank_reader("g-1", suggestions=suggestions)

    jsonschema.validate(suggestions.told[0], THANKED)
    assert name not in json.dumps(suggestions.told[0])


@pytest.mark.parametrize("name", ["Dr. Ada O'Brien-López Jr.", "अदिति राव", "李 小龍"])
def test_a_name_that_is_one_is_in_the_letter(name: str) -> None:
    suggestions = OneSuggestion(name)
    thank_reader("g-1", suggestions=suggestions)

    assert suggestions.told[0]["data"]["letter"]["recipients"][0]["name"] == name


@pytest.mark.parametrize("example", THANKED["examples"])
def test_notifications_understands_the_letter(example: dict[str, Any]) -> None:
    heard = Heard.from_bytes(json.dumps(example).encode())
    (letter,) = notifications.handed_in(heard, HANDED_IN[heard.type])

    assert heard.source == notifications.TELLERS[heard.type]
    assert letter.kind is Kind.THANKS
    assert letter.body.startswith("Dear Ada Lovelace,\n\nThank you")
    assert letter.id == example["data"]["letter"]["recipients"][0]["letterId"]
