"""Every contract's example is understood, and what is no such fact is refused with the reason."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from workers.chassis.facts import Heard, Refused
from workers.matching.index.mongo import Change
from workers.matching.listener import TELLERS, Ears
from workers.matching.matcher import Address

REPOSITORY = Path(__file__).parents[3]
EXAMPLES: dict[str, list[dict[str, Any]]] = {
    contract["$id"]: contract["examples"]
    for path in sorted(REPOSITORY.glob("*/*/contracts/*.v1.json"))
    for contract in [json.loads(path.read_text())]
    if contract["$id"] in TELLERS
}
LILAS = Address("12 rue des Lilas", postal_code="76000", city="Rouen", country="FR")


@dataclass
class Remembering:
    """The store, the index and the queue of a listener: remembers what they were asked."""

    asked: list[Any] = field(default_factory=list)
    is_open: bool = True

    def queue(self, task_id: str, address: Mapping[str, Any], subscriber_id: str | None) -> bool:
        self.asked.append(("queue", task_id, dict(address), subscriber_id))
        return self.is_open

    def cancel(self, task_id: str) -> bool:
        self.asked.append(("cancel", task_id))
        return True

    def keep(self, changes: Iterable[Change]) -> None:
        self.asked.append(("keep", [(change.id, change.address is not None) for change in changes]))

    def remember_chunk(self, import_id: str, chunk: int, count: int) -> None:
        self.asked.append(("chunk", import_id, chunk, count))

    def match_submission(self, task_id: str) -> None:
        self.asked.append(("match", task_id))

    def begin_match_batch(self, batch_id: str, attempt: int) -> None:
        self.asked.append(("batch", batch_id, attempt))

    def find_duplicates(self, search_id: str) -> None:
        self.asked.append(("duplicates", search_id))

    def forget(self, address_ids: Sequence[str]) -> None:
        self.asked.append(("forget", list(address_ids)))


def hear(example: Mapping[str, Any], *, is_open: bool = True) -> list[Any]:
    remembering = Remembering(is_open=is_open)
    heard = Heard.from_bytes(json.dumps(example).encode())
    Ears(remembering, remembering, remembering, remembering).handlers()[heard.type](heard)
    return remembering.asked


def example(type: str) -> dict[str, Any]:
    return json.loads(json.dumps(EXAMPLES[type][0]))  # type: ignore[no-any-return]


def test_each_fact_has_a_contract_and_the_teller_it_names() -> None:
    told_by = {
        contract["$id"]: contract["x-told-by"]
        for path in REPOSITORY.glob("*/*/contracts/*.v1.json")
        for contract in [json.loads(path.read_text())]
        if contract["$id"] in TELLERS
    }

    assert told_by == TELLERS


@pytest.mark.parametrize("type", TELLERS)
def test_every_example_is_understood(type: str) -> None:
    assert all(hear(one) for one in EXAMPLES[type])


def test_what_was_typed_is_queued_and_then_matched() -> None:
    assert hear(example("address.submitted.v1")) == [
        ("queue", "t-1", LILAS.as_document(), "s-1"),
        ("match", "t-1"),
    ]
    assert hear(example("match.requested.v1"))[0] == ("queue", "t-1", LILAS.as_document(), None)


def test_what_has_its_answer_is_not_matched_again() -> None:
    assert hear(example("address.submitted.v1"), is_open=False) == [("queue", "t-1", LILAS.as_document(), "s-1")]


def test_another_address_cancels_the_match_of_the_former_one() -> None:
    assert [asked[:2] for asked in hear(example("address.changed.v1"))] == [
        ("cancel", "t-1"),
        ("queue", "t-2"),
        ("match", "t-2"),
    ]


def test_what_left_the_register_leaves_the_index() -> None:
    told = example("register.changed.v1")
    told["data"] = {
        "importId": None,
        "chunk": None,
        "addresses": [
            {"id": "a-1", "change": "merged", "version": 3, "mergedInto": "a-2"},
            {"id": "a-2", "change": "changed", "version": 4, "address": "12 rue des Lilas"},
            {"id": "a-3", "change": "removed", "version": 2},
        ],
    }

    assert hear(told) == [
        ("keep", [("a-1", False), ("a-2", True), ("a-3", False)]),
        ("forget", ["a-1", "a-3"]),
    ]


@pytest.mark.parametrize(
    ("type", "change", "reason"),
    [
        ("address.submitted.v1", {"matchTaskId": None}, "data.matchTaskId is null, not a text"),
        ("address.submitted.v1", {"address": "12 rue"}, "data.address is a text, not an object"),
        ("address.submitted.v1", {"address": {"address": ""}}, "data.address.address is empty"),
        ("address.submitted.v1", {"address": {"address": "1", "city": 7}}, "data.address.city is a number, not a text"),
        ("batch.requested.v1", {"attempt": "1"}, "data.attempt is a text, not a number"),
        ("register.changed.v1", {"addresses": [5]}, r"data.addresses\[0\] is a number, not an object"),
        ("register.changed.v1", {"addresses": [{"id": "a", "version": 1}]}, r"addresses\[0\].change is missing"),
        ("register.changed.v1", {"addresses": [{"id": "a", "version": 1, "change": "x"}]}, "neither added"),
    ],
)
def test_what_is_no_such_fact_is_refused(type: str, change: dict[str, Any], reason: str) -> None:
    told = example(type)
    told["data"] |= change

    with pytest.raises(Refused, match=reason):
        hear(told)
