"""What the worker of `matching` tells: the contract, its teller, and everybody who hears it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from workers.addresses.listener import TELLERS as ADDRESSES_TELLERS
from workers.chassis.facts import Heard
from workers.live_updates.topics import TELLERS, TOPICS
from workers.matching.facts import batch_finished, batch_progressed
from workers.matching.index.rows import Entry, entry
from workers.matching.match_submission import give_up, match_submission
from workers.matching.matcher import Address, Thresholds

FOLDER = Path(__file__).parents[2] / "workers/matching/contracts"
CONTRACTS: dict[str, dict[str, Any]] = {
    contract["$id"]: contract for path in FOLDER.glob("*.v1.json") for contract in [json.loads(path.read_text())]
}
EXAMPLES = [example for contract in CONTRACTS.values() for example in contract["examples"]]
LILAS = Address("12 rue des Lilas", postal_code="76000", city="Rouen", country="FR")


class OneTask:
    """A store with one task, which remembers the facts of its answer."""

    def __init__(self, address: Address) -> None:
        self.task = {"_id": "t-1", "subscriberId": "s-1", "address": address.as_document()}
        self.facts: list[dict[str, Any]] = []

    def begin(self, task_id: str) -> dict[str, Any] | None:
        return self.task

    def unanswered(self, task_id: str) -> dict[str, Any] | None:
        return self.task

    def end(self, task_id: str, answer: Mapping[str, Any], *facts: dict[str, Any]) -> bool:
        self.facts += facts
        return True


class OneAddress:
    """An index that finds the same address whatever is asked."""

    def near(self, typed: Sequence[Address]) -> list[list[Entry]]:
        return [[entry("a-1", 1, LILAS)] for _ in typed]

    def exactly(self, typed: Address) -> str | None:
        return None


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda fact: f"{fact['type']} {fact['data']['status']}")
def test_the_examples_keep_it(example: dict[str, Any]) -> None:
    jsonschema.validate(example, CONTRACTS[example["type"]])


@pytest.mark.parametrize(
    ("typed", "thresholds", "status", "type"),
    [
        (LILAS, Thresholds(), "MATCHED", "address.matched.v1"),
        (LILAS, Thresholds(match=1.1), "IN_REVIEW", "address.review_requested.v1"),
        (Address("99 rue des Lilas", city="Rouen"), Thresholds(), "NEW", "address.matched.v1"),
    ],
)
def test_the_teller_of_verdicts_keeps_it(typed: Address, thresholds: Thresholds, status: str, type: str) -> None:
    tasks = OneTask(typed)

    match_submission("t-1", tasks=tasks, index=OneAddress(), thresholds=thresholds)

    assert [(fact["type"], fact["data"]["status"]) for fact in tasks.facts] == [(type, status)]
    jsonschema.validate(tasks.facts[0], CONTRACTS[type])


def test_a_verdict_that_is_told_again_has_the_same_id() -> None:
    one, other = OneTask(LILAS), OneTask(LILAS)
    for tasks in (one, other):
        match_submission("t-1", tasks=tasks, index=OneAddress(), thresholds=Thresholds())

    assert one.facts[0]["id"] == other.facts[0]["id"]


def test_the_teller_of_failures_keeps_it() -> None:
    tasks = OneTask(LILAS)

    give_up("t-1", "ZeroDivisionError: division by zero", tasks=tasks)

    jsonschema.validate(tasks.facts[0], CONTRACTS["address.match_failed.v1"])


@pytest.mark.parametrize(
    ("fact", "status"), [(batch_progressed("b-1", 0, 1), "RUNNING"), (batch_finished("b-1", 1), "FINISHED")]
)
def test_the_teller_of_batches_keeps_it(fact: dict[str, Any], status: str) -> None:
    """The counts come from the write that saves the fact; `test_batches` sees that they do."""
    counts = dict.fromkeys(("total", "done", "matched", "inReview", "new", "failed", "rejected"), 0)
    whole = {**fact, "data": {**fact["data"], "status": status, **counts}}

    jsonschema.validate(whole, CONTRACTS[fact["type"]])


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda fact: f"{fact['type']} {fact['data']['status']}")
def test_live_updates_understands_it(example: dict[str, Any]) -> None:
    heard = Heard.from_bytes(json.dumps(example).encode())

    assert TOPICS[heard.type](heard)
    assert TELLERS[heard.type] == heard.source


def _heard_by(service: str) -> Iterable[dict[str, Any]]:
    return (example for example in EXAMPLES if service in CONTRACTS[example["type"]]["x-heard-by"])


def test_addresses_hears_what_is_meant_for_it() -> None:
    assert {example["type"] for example in _heard_by("addresses")} <= set(ADDRESSES_TELLERS)
