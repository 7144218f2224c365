"""Somebody asks which addresses the register has twice: one search at a time, and its pairs in pages."""

import asyncio
import json
from pathlib import Path

import jsonschema
import pytest
from pymongo.errors import WriteError

from subgraphs.matching import duplicate_store
from tests.subgraphs.matching.questions import EVIDENCE

CONTRACTS = Path(duplicate_store.__file__).parent / "contracts"
FIND = "mutation { findDuplicates { duplicateSearch { id status progress } problems { code } } }"
CANCEL = """
mutation ($id: ID!) { cancelDuplicateSearch(id: $id) { duplicateSearch { status finishedAt } problems { code } } }
"""
SEARCH = "query ($id: ID) { duplicateSearch(id: $id) { id status total done progress problem } }"
PAIRS = """
query ($first: Int! = 20, $after: String) {
  duplicates(first: $first, after: $after) {
    nodes { addresses { id } score verdict evidence { field contribution } }
    pageInfo { hasNextPage endCursor } totalCount
  }
}
"""

APART = """
mutation ($ids: [ID!]!) {
  tellDuplicatesApart(addressIds: $ids, reviewer: "Ada") { duplicatePair { score addresses { id } } problems { code } }
}
"""
UNDO = """
mutation ($ids: [ID!]!) {
  undoTellDuplicatesApart(addressIds: $ids) { duplicatePair { score addresses { id } } problems { code } }
}
"""


def contract(name: str) -> dict:
    return json.loads((CONTRACTS / name).read_text())


def pair(a: str, b: str, score: float, verdict: str = "MATCH") -> dict:
    return {
        "_id": f"{a}:{b}",
        "searchId": "d-1",
        "addressIds": [a, b],
        "score": score,
        "verdict": verdict,
        "evidence": [EVIDENCE],
    }


async def test_a_search_is_begun_once_however_often_it_is_asked_for(ask, db) -> None:
    answers = await asyncio.gather(*(ask(FIND) for _ in range(5)))

    (document,) = db["duplicate_searches"].find()
    (fact,) = document["unsent"]
    said = [answer.data["findDuplicates"] for answer in answers]
    assert all(
        one == {"duplicateSearch": {"id": document["_id"], "status": "QUEUED", "progress": 0.0}, "problems": []}
        for one in said
    )
    jsonschema.validate(document, contract("duplicate_search.document.json"))
    jsonschema.validate(fact, contract("duplicates_requested.v1.json"))
    assert fact["data"] == {"duplicateSearchId": document["_id"]}


async def test_a_search_that_is_over_makes_room_for_another(ask) -> None:
    first = (await ask(FIND)).data["findDuplicates"]["duplicateSearch"]["id"]

    cancelled = (await ask(CANCEL, id=first)).data["cancelDuplicateSearch"]
    second = (await ask(FIND)).data["findDuplicates"]["duplicateSearch"]["id"]

    assert cancelled["duplicateSearch"]["status"] == "CANCELLED"
    assert cancelled["duplicateSearch"]["finishedAt"] is not None
    assert second != first
    assert (await ask(SEARCH)).data["duplicateSearch"]["id"] == second
    assert (await ask(SEARCH, id=first)).data["duplicateSearch"]["status"] == "CANCELLED"


@pytest.mark.parametrize(("known", "code"), [(True, "NOT_RUNNING"), (False, "UNKNOWN_DUPLICATE_SEARCH")])
async def test_only_a_search_under_way_can_be_cancelled(ask, known: bool, code: str) -> None:
    id = "none"
    if known:
        id = (await ask(FIND)).data["findDuplicates"]["duplicateSearch"]["id"]
        await ask(CANCEL, id=id)

    said = (await ask(CANCEL, id=id)).data["cancelDuplicateSearch"]

    assert said == {"duplicateSearch": None, "problems": [{"code": code}]}


@pytest.mark.parametrize(
    ("changes", "progress"),
    [
        ({"status": "RUNNING", "total": 8, "done": 2}, 0.25),
        ({"status": "RUNNING", "total": 8, "done": 9}, 0.99),
        ({"status": "FINISHED", "total": 0, "done": 0}, 1.0),
    ],
)
async def test_a_search_says_how_far_it_is(ask, db, changes: dict, progress: float) -> None:
    id = (await ask(FIND)).data["findDuplicates"]["duplicateSearch"]["id"]
    db["duplicate_searches"].update_one({"_id": id}, {"$set": changes})

    assert (await ask(SEARCH, id=id)).data["duplicateSearch"] == {
        "id": id,
        **changes,
        "progress": progress,
        "problem": None,
    }


async def test_pairs_come_in_pages_the_most_probable_first(ask, db) -> None:
    assert (await ask(SEARCH)).data["duplicateSearch"] is None
    db["duplicate_pairs"].insert_many(
        [pair("a", "b", 0.8), pair("c", "d", 1.0), pair("a", "c", 0.5, "REVIEW"), pair("e", "f", 0.8)]
    )
    for document in db["duplicate_pairs"].find():
        jsonschema.validate(document, contract("duplicate_pair.document.json"))
    seen, after = [], None
    while True:
        page = (await ask(PAIRS, first=2, after=after)).data["duplicates"]
        seen += [tuple(one["id"] for one in node["addresses"]) for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert seen == [("c", "d"), ("a", "b"), ("e", "f"), ("a", "c")]
    assert page["totalCount"] == 4
    assert page["nodes"][-1]["verdict"] == "REVIEW"
    assert page["nodes"][-1]["evidence"] == [{"field": "street", "contribution": 2.5}]


async def test_a_pair_that_is_none_leaves_the_list_and_may_be_said_twice(ask, db) -> None:
    db["duplicate_pairs"].insert_many([pair("a", "b", 0.8), pair("c", "d", 1.0)])

    said = [(await ask(APART, ids=ids)).data["tellDuplicatesApart"] for ids in (["b", "a"], ["a", "b"])]

    expected = {"score": 0.8, "addresses": [{"id": "a"}, {"id": "b"}]}
    assert said == [{"duplicatePair": expected, "problems": []}] * 2
    (left,) = (await ask(PAIRS)).data["duplicates"]["nodes"]
    assert [one["id"] for one in left["addresses"]] == ["c", "d"]


async def test_only_what_was_found_to_be_one_can_be_told_apart(ask, db) -> None:
    said = (await ask(APART, ids=["a", "b"])).data["tellDuplicatesApart"]

    assert said == {"duplicatePair": None, "problems": [{"code": "UNKNOWN_DUPLICATE_PAIR"}]}
    assert db["distinct_pairs"].count_documents({}) == 0


async def test_what_is_said_of_a_pair_keeps_its_contract_in_the_database(ask, db) -> None:
    db["duplicate_pairs"].insert_one(pair("a", "b", 0.8))
    await ask(APART, ids=["a", "b"])

    document = db["distinct_pairs"].find_one()
    plain = {**document, "decidedAt": document["decidedAt"].isoformat()}
    jsonschema.validate(plain, contract("distinct_pair.document.json"))
    assert document["reviewer"] == "Ada"
    with pytest.raises(WriteError, match="Document failed validation"):
        db["distinct_pairs"].update_one({}, {"$unset": {"reviewer": ""}})


async def test_what_was_told_apart_can_be_taken_back_and_may_be_said_twice(ask, db) -> None:
    db["duplicate_pairs"].insert_one(before := pair("a", "b", 0.8))
    await ask(APART, ids=["a", "b"])

    said = [(await ask(UNDO, ids=ids)).data["undoTellDuplicatesApart"] for ids in (["b", "a"], ["a", "b"])]

    assert said == [{"duplicatePair": {"score": 0.8, "addresses": [{"id": "a"}, {"id": "b"}]}, "problems": []}] * 2
    assert list(db["duplicate_pairs"].find()) == [before]
    assert db["distinct_pairs"].count_documents({}) == 0


async def test_a_search_under_way_keeps_a_pair_that_is_put_back_behind_it(ask, db) -> None:
    db["duplicate_pairs"].insert_one(pair("a", "b", 0.8))
    await ask(APART, ids=["a", "b"])
    running = (await ask(FIND)).data["findDuplicates"]["duplicateSearch"]["id"]

    await ask(UNDO, ids=["a", "b"])

    assert db["duplicate_pairs"].find_one()["searchId"] == running


async def test_only_what_was_found_to_be_one_can_be_put_back(ask, db) -> None:
    said = (await ask(UNDO, ids=["a", "b"])).data["undoTellDuplicatesApart"]

    assert said == {"duplicatePair": None, "problems": [{"code": "UNKNOWN_DUPLICATE_PAIR"}]}
    assert db["duplicate_pairs"].count_documents({}) == 0
