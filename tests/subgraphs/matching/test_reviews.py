"""People decide what the engine leaves open; no two of them about the same item."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from django.test import override_settings

from subgraphs.chassis.clock import now
from subgraphs.matching import task_store
from tests.subgraphs.matching.questions import CLAIM, RESOLVE, TYPED, UNDO, task

CONTRACTS = Path(task_store.__file__).parent / "contracts"
QUEUE = """
query ($first: Int! = 20, $after: String) {
  reviewQueue(first: $first, after: $after) { nodes { id claimedBy } pageInfo { hasNextPage endCursor } totalCount }
}
"""


async def claim(ask, reviewer: str = "grace", id: str = "t-1") -> dict:
    return (await ask(CLAIM, id=id, reviewer=reviewer)).data["claimReview"]


async def resolve(ask, address_id: str | None, reviewer: str = "grace", id: str = "t-1") -> dict:
    wanted = {"id": id, "reviewer": reviewer, "addressId": address_id}
    return (await ask(RESOLVE, input=wanted)).data["resolveReview"]


async def undo(ask, reviewer: str = "grace", id: str = "t-1") -> dict:
    return (await ask(UNDO, id=id, reviewer=reviewer)).data["undoReview"]


def codes(said: dict) -> list[str]:
    return [problem["code"] for problem in said["problems"]]


async def test_the_queue_is_in_the_order_of_arrival(ask, db) -> None:
    db["match_tasks"].insert_many([task(f"t-{number}", minute=number) for number in (3, 1, 2)])
    db["match_tasks"].insert_one(task("t-0", status="MATCHED"))

    first = (await ask(QUEUE, first=2)).data["reviewQueue"]
    rest = (await ask(QUEUE, first=2, after=first["pageInfo"]["endCursor"])).data["reviewQueue"]

    assert [node["id"] for node in first["nodes"]] == ["t-1", "t-2"]
    assert [node["id"] for node in rest["nodes"]] == ["t-3"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (3, True, False)


async def test_of_many_reviewers_one_gets_the_item(ask, db) -> None:
    db["match_tasks"].insert_one(task("t-1"))

    said = await asyncio.gather(*(claim(ask, f"reviewer {number}") for number in range(8)))

    winners = [one["matchTask"]["claimedBy"] for one in said if not one["problems"]]
    assert len(winners) == 1
    assert {code for one in said for code in codes(one)} == {"CLAIMED_BY_SOMEBODY_ELSE"}
    assert db["match_tasks"].find_one()["claimedBy"] == winners[0]


async def test_a_claim_can_be_prolonged_by_its_holder(ask, db) -> None:
    db["match_tasks"].insert_one(task("t-1"))

    assert codes(await claim(ask)) == codes(await claim(ask)) == []


async def test_a_claim_that_has_ended_is_free_for_the_next(ask, db) -> None:
    ended = now() - timedelta(seconds=1)
    db["match_tasks"].insert_one(task("t-1", claimedBy="ada", claimedById="a-tester", claimedUntil=ended))

    assert (await ask(QUEUE)).data["reviewQueue"]["nodes"] == [{"id": "t-1", "claimedBy": None}]
    assert codes(await resolve(ask, "a-1", "ada")) == ["NOT_CLAIMED"]
    assert (await claim(ask))["matchTask"]["claimedBy"] == "grace"
    assert codes(await resolve(ask, "a-1", "ada")) == ["CLAIMED_BY_SOMEBODY_ELSE"]


async def test_another_caller_by_the_same_name_is_another_reviewer(ask, db) -> None:
    db["match_tasks"].insert_one(task("t-1"))
    impostor = ask.on_behalf_of("mallory", "reviews")

    assert codes(await claim(ask)) == []
    assert codes(await claim(impostor)) == codes(await resolve(impostor, None)) == ["CLAIMED_BY_SOMEBODY_ELSE"]
    assert codes(await resolve(ask, None)) == []
    assert codes(await undo(impostor)) == ["NOT_UNDOABLE"]
    assert codes(await undo(ask)) == []
    assert codes(await resolve(impostor, None)) == ["CLAIMED_BY_SOMEBODY_ELSE"]
    document = db["match_tasks"].find_one()
    assert (document["claimedById"], document["reviewerId"]) == ("a-tester", None)


@pytest.mark.parametrize(("reviewer", "expected"), [(" ", ["BLANK"]), ("r" * 200, []), ("r" * 201, ["TOO_LONG"])])
async def test_a_reviewer_has_a_name(ask, db, reviewer: str, expected: list[str]) -> None:
    db["match_tasks"].insert_one(task("t-1"))

    assert codes(await claim(ask, reviewer)) == expected


@pytest.mark.parametrize(("address_id", "status"), [("a-1", "MATCHED"), ("a-2", "MATCHED"), (None, "NEW")])
async def test_a_decision_and_its_fact_are_one_write(ask, db, address_id: str | None, status: str) -> None:
    db["match_tasks"].insert_one(task("t-1"))
    db["known_addresses"].insert_one({"_id": "a-1", **TYPED, "version": 1, "keys": []})
    await claim(ask)

    said = await resolve(ask, address_id)

    document = db["match_tasks"].find_one()
    (fact,) = document["unsent"]
    assert said["problems"] == []
    assert said["matchTask"]["status"] == document["status"] == status
    assert (said["matchTask"]["reviewer"], said["matchTask"]["claimedBy"]) == ("grace", None)
    assert said["matchTask"]["address"] == ({"id": address_id} if address_id else None)
    assert document["verdict"] == "REVIEW"
    assert fact["data"] == {
        "matchTaskId": "t-1",
        "subscriberId": "s-1",
        "status": status,
        "addressId": address_id,
        "address": document["address"],
        "knownAddress": TYPED if address_id == "a-1" else None,
        "reviewer": "grace",
    }
    jsonschema.validate(fact, json.loads((CONTRACTS / "address_review_resolved.v1.json").read_text()))
    jsonschema.validate(document, json.loads((CONTRACTS / "match_task.document.json").read_text()))


async def test_a_decision_needs_the_claim_and_an_address_that_is_known(ask, db) -> None:
    db["match_tasks"].insert_one(task("t-1"))
    db["known_addresses"].insert_many([{"_id": "a-2", "removed": True}, {"_id": "a-9"}])

    unclaimed = await resolve(ask, "a-1")
    await claim(ask)
    nowhere, removed = await resolve(ask, "a-7"), await resolve(ask, "a-2")
    of_the_register = await resolve(ask, "a-9")

    assert [codes(one) for one in (unclaimed, nowhere, removed, of_the_register)] == [
        ["NOT_CLAIMED"],
        ["UNKNOWN_ADDRESS"],
        ["UNKNOWN_ADDRESS"],
        [],
    ]


async def test_one_item_is_decided_once(ask, db) -> None:
    db["match_tasks"].insert_one(task("t-1"))
    await claim(ask)

    said = await asyncio.gather(*(resolve(ask, address) for address in ("a-1", "a-2", None, "a-1")))

    assert sorted(len(one["problems"]) for one in said) == [0, 1, 1, 1]
    assert {code for one in said for code in codes(one)} == {"NOT_IN_REVIEW"}
    assert len(db["match_tasks"].find_one()["unsent"]) == 1


@pytest.mark.parametrize("status", ["QUEUED", "RUNNING", "MATCHED", "NEW", "FAILED", "CANCELLED"])
async def test_only_what_is_in_review_can_be_claimed_or_decided(ask, db, status: str) -> None:
    db["match_tasks"].insert_one(task("t-1", status=status))

    assert codes(await claim(ask)) == codes(await resolve(ask, "a-1")) == ["NOT_IN_REVIEW"]


async def test_an_item_nobody_knows(ask) -> None:
    said = [await claim(ask), await resolve(ask, None), await undo(ask)]

    assert [codes(one) for one in said] == [["UNKNOWN_MATCH_TASK"]] * 3


async def test_a_decision_taken_back_is_in_review_again_and_told(ask, db) -> None:
    db["match_tasks"].insert_one(task("t-1"))
    before = db["match_tasks"].find_one()
    await claim(ask)
    await resolve(ask, "a-1")

    said = await undo(ask)

    document = db["match_tasks"].find_one()
    fact = document["unsent"][-1]
    assert said["problems"] == []
    assert (said["matchTask"]["status"], said["matchTask"]["claimedBy"]) == ("IN_REVIEW", "grace")
    assert (document["addressId"], document["decidedAt"], document["reviewer"]) == (
        before["addressId"],
        before["decidedAt"],
        None,
    )
    assert (fact["data"]["status"], fact["data"]["addressId"]) == ("IN_REVIEW", None)
    jsonschema.validate(fact, json.loads((CONTRACTS / "address_review_resolved.v1.json").read_text()))
    jsonschema.validate(document, json.loads((CONTRACTS / "match_task.document.json").read_text()))
    assert codes(await resolve(ask, None)) == []


async def test_a_decision_is_taken_back_once_and_only_by_who_made_it(ask, db) -> None:
    db["match_tasks"].insert_one(task("t-1"))
    await claim(ask)
    await resolve(ask, "a-1")

    stranger = await undo(ask, "ada")
    said = await asyncio.gather(*(undo(ask) for _ in range(4)))

    assert codes(stranger) == ["NOT_UNDOABLE"]
    assert sorted(len(one["problems"]) for one in said) == [0, 1, 1, 1]
    assert len(db["match_tasks"].find_one()["unsent"]) == 2


@override_settings(UNDO_SECONDS=60)
async def test_a_decision_can_be_taken_back_for_a_while(ask, db) -> None:
    def decided(seconds: int) -> dict:
        return {
            "status": "NEW",
            "reviewer": "grace",
            "reviewerId": "a-tester",
            "decidedAt": now() - timedelta(seconds=seconds),
        }

    db["match_tasks"].insert_many([task("t-1", **decided(50)), task("t-2", **decided(61))])

    assert codes(await undo(ask, id="t-1")) == []
    assert codes(await undo(ask, id="t-2")) == ["NOT_UNDOABLE"]


async def test_what_the_engine_decided_cannot_be_taken_back(ask, db) -> None:
    db["match_tasks"].insert_one(task("t-1", status="MATCHED", addressId="a-1"))

    assert codes(await undo(ask)) == ["NOT_UNDOABLE"]
