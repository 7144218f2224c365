"""`update.v1`: told by the live updates worker, read by realtime."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from realtime.live_results.types import (
    AddressImportUpdate,
    DiscountClaimUpdate,
    LetterUpdate,
    MatchBatchUpdate,
    MatchTaskUpdate,
    ReviewQueueUpdate,
)
from realtime.live_results.update import Update
from workers.chassis.facts import Heard
from workers.live_updates.streams import update_from
from workers.live_updates.topics import TOPICS

REPOSITORY = Path(__file__).parents[2]
CONTRACT = json.loads((REPOSITORY / "workers/live_updates/contracts/update.v1.json").read_text())
FACTS = [
    example
    for path in sorted(REPOSITORY.glob("*/*/contracts/*.v1.json"))
    for contract in [json.loads(path.read_text())]
    if contract["$id"] in TOPICS
    for example in contract["examples"]
]

READERS = {
    "match_task": MatchTaskUpdate,
    "match_batch": MatchBatchUpdate,
    "address_import": AddressImportUpdate,
    "discount_claim": DiscountClaimUpdate,
    "letters": LetterUpdate,
    "review_queue": ReviewQueueUpdate,
}


@pytest.mark.parametrize("example", CONTRACT["examples"])
def test_the_examples_keep_it(example: dict[str, Any]) -> None:
    jsonschema.validate(example, CONTRACT)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact['type']} {fact['data'].get('status')}")
def test_every_fact_that_is_heard_becomes_an_update_that_keeps_it_and_is_shown(fact: dict[str, Any]) -> None:
    heard = Heard.from_bytes(json.dumps(fact).encode())
    told = {"number": 1, **json.loads(update_from(heard.envelope))}

    jsonschema.validate(told, CONTRACT)
    for topic in TOPICS[heard.type](heard):
        reader: Any = READERS[topic.split(".")[0]]
        shown = reader.from_update(Update.from_json("1-0", json.dumps(told)))
        assert shown.update_id == "1-0"


@pytest.mark.parametrize("example", CONTRACT["examples"], ids=lambda example: example["factType"])
def test_realtime_understands_it(example: dict[str, Any]) -> None:
    update = Update.from_json(example.get("updateId", "5-0"), json.dumps(example))
    kind = {"address": "match_task", "batch": "match_batch", "import": "address_import", "letter": "letters"}
    kind |= dict.fromkeys(("voucher", "discount"), "discount_claim")
    shown: Any = READERS[kind[example["factType"].split(".")[0]]].from_update(update)

    assert shown.at.isoformat().startswith("2026-03-01T09:3")
    if "status" in example["data"]:
        assert shown.status.value == example["data"]["status"]
    if "done" in example["data"]:
        assert (shown.done, shown.total) == (example["data"]["done"], example["data"]["total"])
