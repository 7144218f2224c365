"""
What `addresses` and `notifications` tell: the contract, its teller, and everybody who hears it.

The teller `addresses` needs Django on MongoDB to speak at all; that what it says keeps the contract is tested with it,
in `tests/subgraphs/addresses`.
"""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from subgraphs.notifications.facts import letter_requested
from workers.addresses import listener as addresses_listener
from workers.chassis.facts import Heard
from workers.notifications import listener as notifications_listener
from workers.notifications.facts import TELLERS as NOTIFICATIONS_TELLERS

SUBGRAPHS = Path(__file__).parents[2] / "subgraphs"


def contract(path: str) -> dict[str, Any]:
    return dict(json.loads((SUBGRAPHS / path).read_text()))


OUTBOX = contract("chassis/contracts/outbox.v1.json")
IMPORT_REQUESTED = contract("addresses/contracts/import_requested.v1.json")
LETTER_REQUESTED = contract("notifications/contracts/letter_requested.v1.json")
FACTS = (IMPORT_REQUESTED, LETTER_REQUESTED)
DOCUMENTS = tuple(
    json.loads(path.read_text())
    for service in ("addresses", "notifications")
    for path in sorted((SUBGRAPHS / service / "contracts").glob("*.document.json"))
)


@pytest.mark.parametrize("told", FACTS, ids=lambda told: told["$id"])
def test_the_examples_of_a_fact_keep_it_and_fit_the_outbox(told: dict[str, Any]) -> None:
    assert told["examples"]
    for example in told["examples"]:
        jsonschema.validate(example, told)
        jsonschema.validate(example, OUTBOX)
        assert set(told["x-heard-by"]) == set(example["audience"])
        assert example["source"] == f"/{told['x-told-by']}"


@pytest.mark.parametrize("kept", DOCUMENTS, ids=lambda kept: kept["$id"])
def test_the_examples_of_a_document_keep_it(kept: dict[str, Any]) -> None:
    assert kept["examples"]
    for example in kept["examples"]:
        jsonschema.validate(example, kept)


def test_the_teller_of_wished_for_letters_keeps_it() -> None:
    said = letter_requested("n-1")

    jsonschema.validate(said, LETTER_REQUESTED)
    assert said["id"] != letter_requested("n-1")["id"], "a letter may be wished for again"


class Silence:
    """Stands in for a port that this fact must not touch."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was touched")


@pytest.mark.parametrize("example", IMPORT_REQUESTED["examples"])
def test_the_worker_begins_the_import(example: dict[str, Any]) -> None:
    begun: list[str] = []
    ears = addresses_listener.Ears(
        begin_import=begun.append,
        learning=Silence(),
        policy=addresses_listener.Policy.REVIEWED,
        register_has_changed=lambda: None,
    )
    heard = Heard.from_bytes(json.dumps(example).encode())

    ears.handlers()[heard.type](heard)

    assert begun == [example["data"]["importId"]]
    assert addresses_listener.TELLERS[heard.type] == heard.source


@pytest.mark.parametrize("example", LETTER_REQUESTED["examples"])
def test_the_worker_sends_the_letter(example: dict[str, Any]) -> None:
    sent: list[str] = []
    silence: Any = Silence()
    ears = notifications_listener.Ears(
        recipients=silence, notifications=silence, send_letter=sent.append, look_again_later=silence
    )
    heard = Heard.from_bytes(json.dumps(example).encode())

    ears.handlers()[heard.type](heard)

    assert sent == [example["data"]["notificationId"]]
    assert NOTIFICATIONS_TELLERS[heard.type] == heard.source
