"""What `subscribers` and `matching` tell: the contract, its teller, and everybody who hears it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from subgraphs.chassis.clock import now
from subgraphs.chassis_strawberry.typed_address import TypedAddress
from subgraphs.matching import facts as matching
from subgraphs.subscribers import facts as subscribers
from subgraphs.subscribers.model import Subscriber, SubscriberStatus
from workers.chassis.facts import Heard
from workers.live_updates.topics import TELLERS, TOPICS
from workers.matching import listener as matching_listener
from workers.subscribers.facts import verdict_from

SUBGRAPHS = Path(__file__).parents[2] / "subgraphs"


def contract(path: str) -> dict[str, Any]:
    return dict(json.loads((SUBGRAPHS / path).read_text()))


OUTBOX = contract("chassis/contracts/outbox.v1.json")
SUBMITTED = contract("subscribers/contracts/address_submitted.v1.json")
CHANGED = contract("subscribers/contracts/address_changed.v1.json")
UNSUBSCRIBED = contract("subscribers/contracts/subscriber_unsubscribed.v1.json")
MATCH_REQUESTED = contract("matching/contracts/match_requested.v1.json")
BATCH_REQUESTED = contract("matching/contracts/batch_requested.v1.json")
DUPLICATES_REQUESTED = contract("matching/contracts/duplicates_requested.v1.json")
REVIEW_RESOLVED = contract("matching/contracts/address_review_resolved.v1.json")
FACTS = (SUBMITTED, CHANGED, UNSUBSCRIBED, MATCH_REQUESTED, BATCH_REQUESTED, DUPLICATES_REQUESTED, REVIEW_RESOLVED)
DOCUMENTS = tuple(
    json.loads(path.read_text())
    for service in ("subscribers", "matching")
    for path in sorted((SUBGRAPHS / service / "contracts").glob("*.document.json"))
)

TYPED = TypedAddress(None, "12 rue des Lilas", "76000", "Rouen", None, "FR")
ADA = Subscriber("s-1", "Ada", "ada@example.org", SubscriberStatus.ACTIVE, TYPED, "t-1", None, None, now(), now())
TASK = {"_id": "t-1", "subscriberId": "s-1", "address": TYPED.as_document()}


@pytest.mark.parametrize("told", FACTS, ids=lambda told: told["$id"])
def test_the_examples_of_a_fact_keep_it_and_fit_the_outbox(told: dict[str, Any]) -> None:
    assert told["examples"]
    for example in told["examples"]:
        jsonschema.validate(example, told)
        jsonschema.validate(example, OUTBOX)
        assert example["audience"] == told["properties"]["audience"]["const"]
        assert example["source"] == f"/{told['x-told-by']}"
        assert set(told["x-heard-by"]) == set(example["audience"])


@pytest.mark.parametrize("kept", DOCUMENTS, ids=lambda kept: kept["$id"])
def test_the_examples_of_a_document_keep_it(kept: dict[str, Any]) -> None:
    assert kept["examples"]
    for example in kept["examples"]:
        jsonschema.validate(example, kept)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (subscribers.address_submitted(ADA), SUBMITTED),
        (subscribers.address_changed(ADA, "t-0"), CHANGED),
        (subscribers.subscriber_unsubscribed(ADA), UNSUBSCRIBED),
        (matching.match_requested(TASK), MATCH_REQUESTED),
        (matching.batch_requested("b-1", 1), BATCH_REQUESTED),
        (matching.duplicates_requested("d-1"), DUPLICATES_REQUESTED),
        (matching.review_resolved(TASK, status="MATCHED", address_id="a-1", reviewer="grace"), REVIEW_RESOLVED),
        (matching.review_resolved(TASK, status="NEW", reviewer="grace"), REVIEW_RESOLVED),
        (matching.review_resolved(TASK, status="IN_REVIEW", reviewer="grace"), REVIEW_RESOLVED),
    ],
)
def test_the_teller_keeps_it(said: dict[str, Any], told: dict[str, Any]) -> None:
    jsonschema.validate(said, told)
    jsonschema.validate(said, OUTBOX)


def test_a_batch_asked_for_again_is_another_fact_and_the_same_one_is_not() -> None:
    assert matching.batch_requested("b-1", 1)["id"] == matching.batch_requested("b-1", 1)["id"]
    assert matching.batch_requested("b-1", 1)["id"] != matching.batch_requested("b-1", 2)["id"]


def test_cancelling_a_batch_tells_what_the_workers_contract_says() -> None:
    finished = json.loads((SUBGRAPHS.parent / "workers/matching/contracts/batch_finished.v1.json").read_text())
    counts = dict.fromkeys(("total", "done", "matched", "inReview", "new", "failed", "rejected"), 1)

    said = matching.batch_cancelled("b-1", 1)

    # The write that saves the fact adds the counts: they are those of that very moment.
    jsonschema.validate({**said, "data": {**said["data"], **counts}}, finished)


class Remembering:
    """Stands in for every port of a listener, and remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        def remember(*arguments: Any) -> bool:
            self.told.append((name, arguments))
            return True

        return remember


def examples(*contracts: dict[str, Any]) -> list[Any]:
    return [pytest.param(one, id=f"{told['$id']}-{n}") for told in contracts for n, one in enumerate(told["examples"])]


def heard_from(example: dict[str, Any]) -> Heard:
    return Heard.from_bytes(json.dumps(example).encode())


@pytest.mark.parametrize(
    "example",
    examples(SUBMITTED, CHANGED, UNSUBSCRIBED, MATCH_REQUESTED, BATCH_REQUESTED, DUPLICATES_REQUESTED),
)
def test_matching_understands_it(example: dict[str, Any]) -> None:
    port, heard = Remembering(), heard_from(example)

    matching_listener.Ears(tasks=port, index=port, enqueue=port, pairs=port).handlers()[heard.type](heard)

    data, asked = example["data"], dict(port.told)
    if "address" in data:
        assert asked["queue"] == (data["matchTaskId"], data["address"], data.get("subscriberId"))
        assert asked["match_submission"] == (data["matchTaskId"],)
    if heard.type == "address.changed.v1":
        assert asked["cancel"] == (data["previousMatchTaskId"],)
    if heard.type == "subscriber.unsubscribed.v1":
        assert asked == {"cancel": (data["matchTaskId"],)}
    if heard.type == "batch.requested.v1":
        assert asked == {"begin_match_batch": (data["batchId"], data["attempt"])}
    if heard.type == "duplicates.requested.v1":
        assert asked == {"find_duplicates": (data["duplicateSearchId"],)}
    assert matching_listener.TELLERS[heard.type] == heard.source


@pytest.mark.parametrize("example", examples(REVIEW_RESOLVED))
def test_subscribers_and_live_updates_understand_a_decision(example: dict[str, Any]) -> None:
    heard, data = heard_from(example), example["data"]

    verdict = verdict_from(heard)

    if data["subscriberId"] is None:
        assert verdict is None
    else:
        assert verdict is not None
        assert (verdict.match_task_id, verdict.status, verdict.address_id) == (
            data["matchTaskId"],
            data["status"],
            data["addressId"],
        )
    assert TOPICS[heard.type](heard) == (f"match_task.{data['matchTaskId']}", "review_queue")
    assert TELLERS[heard.type] == heard.source
