"""What the workers of `addresses` and `notifications` tell: the contract, its teller, and everybody who hears it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from workers.addresses.facts import import_progressed, progress_of, register_changed
from workers.addresses.learn_address import NewAddress
from workers.addresses.model import change
from workers.caches import call_back as caches
from workers.chassis.facts import Heard
from workers.live_updates.topics import TELLERS, TOPICS
from workers.notifications.facts import letter_failed, letter_sent

REPOSITORY = Path(__file__).parents[2]


def contract(path: str) -> dict[str, Any]:
    return dict(json.loads((REPOSITORY / "workers" / path).read_text()))


PROGRESSED = contract("addresses/contracts/import_progressed.v1.json")
CHANGED = contract("addresses/contracts/register_changed.v1.json")
SENT = contract("notifications/contracts/letter_sent.v1.json")
FAILED = contract("notifications/contracts/letter_failed.v1.json")
ALL = (PROGRESSED, CHANGED, SENT, FAILED)
LETTER = {"_id": "n-1", "attempts": 1, "subscriberId": "s-1", "kind": "CONFIRMED", "matchTaskId": "t-1"}


@pytest.mark.parametrize("told", ALL, ids=lambda told: told["$id"])
def test_the_examples_keep_it(told: dict[str, Any]) -> None:
    for example in told["examples"]:
        jsonschema.validate(example, told)


def test_the_teller_of_progress_keeps_it() -> None:
    found = {"status": "FINISHED", "total": 3, "done": 3, "added": 1, "changed": 1, "unchanged": 1, "rejected": 0}
    jsonschema.validate(import_progressed("i-1", "chunk-1", progress_of(found | {"fileName": "x.csv"})), PROGRESSED)


def test_the_teller_of_changes_keeps_it() -> None:
    document = NewAddress("t-1", {"address": "7 Neue Straße", "city": "Berlin"}).entry.document(datetime.now(UTC))
    told = register_changed([change("added", document)], document["_id"], 1, import_id=None, chunk=None)
    jsonschema.validate(told, CHANGED)
    again = register_changed([change("added", document)], document["_id"], 1, import_id=None, chunk=None)
    assert again["id"] == told["id"]


def test_the_teller_of_letters_keeps_it() -> None:
    jsonschema.validate(letter_sent(LETTER), SENT)
    jsonschema.validate(letter_failed(LETTER, "550: no such mailbox"), FAILED)
    assert letter_sent(LETTER | {"attempts": 2})["id"] != letter_sent(LETTER)["id"]


@pytest.mark.parametrize("example", PROGRESSED["examples"])
def test_live_updates_understands_progress(example: dict[str, Any]) -> None:
    heard = Heard.from_bytes(json.dumps(example).encode())

    assert TOPICS[heard.type](heard) == ("address_import.i-1",)
    assert heard.source == TELLERS[heard.type]


@pytest.mark.parametrize("example", CHANGED["examples"])
def test_caches_understands_a_change(example: dict[str, Any]) -> None:
    heard = Heard.from_bytes(json.dumps(example).encode())
    renewed: list[str] = []

    class Tags:
        def renew(self, tags: list[str]) -> None:
            renewed.extend(tags)

    caches.call_back(heard, tags=Tags())  # type: ignore[arg-type]

    changed = {f"address-{one['id']}" for one in example["data"]["addresses"] if one["change"] != "added"}
    assert set(renewed) == {*changed, "type:Address"}
    assert heard.source == caches.TELLERS[heard.type]
