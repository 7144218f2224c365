"""Somebody asks for the match of one address."""

import json
from pathlib import Path

import jsonschema
import pytest

from subgraphs.matching import task_store
from tests.subgraphs.matching.questions import MATCH_ADDRESS, task

CONTRACTS = Path(task_store.__file__).parent / "contracts"
TASK = "query ($id: ID!) { matchTask(id: $id) { id status typedAddress { city } address { id } score verdict "
TASK += "candidates { address { id } score evidence { field similarity } } evidence { field typed known similarity "
TASK += "weight contribution note } subscriber { id } problem createdAt decidedAt attempts claimedBy reviewer } }"


async def test_one_document_carries_the_task_and_its_fact(ask, db) -> None:
    said = (await ask(MATCH_ADDRESS, address={"address": " 1  High St", "city": "Leeds", "country": "uk"})).data

    (document,) = db["match_tasks"].find()
    (fact,) = document["unsent"]
    assert said["matchAddress"]["matchTask"]["id"] == document["_id"]
    assert said["matchAddress"]["matchTask"]["status"] == "QUEUED"
    assert said["matchAddress"]["matchTask"]["typedAddress"] == {
        "address": "1 High St",
        "city": "Leeds",
        "country": "GB",
    }
    jsonschema.validate(fact, json.loads((CONTRACTS / "match_requested.v1.json").read_text()))
    jsonschema.validate(document, json.loads((CONTRACTS / "match_task.document.json").read_text()))
    assert (await ask(TASK, id=document["_id"])).data["matchTask"]["typedAddress"] == {"city": "Leeds"}


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ({"address": "x"}, ("address", "INCOMPLETE_ADDRESS")),
        ({"address": " ", "city": "Leeds"}, ("address.address", "BLANK")),
        ({"address": "x", "city": "Leeds", "country": "Atlantis"}, ("address.country", "UNKNOWN_COUNTRY")),
        ({"address": "x", "postalCode": "1", "country": "DE"}, ("address.postalCode", "INVALID_POSTAL_CODE")),
        ({"address": "x" * 501, "city": "Leeds"}, ("address.address", "TOO_LONG")),
        ({"address": "x", "city": "L" * 101}, ("address.city", "TOO_LONG")),
    ],
)
async def test_what_is_wrong_is_data_and_nothing_is_written(ask, db, address: dict, problem: tuple) -> None:
    said = (await ask(MATCH_ADDRESS, address=address)).data["matchAddress"]

    assert said["matchTask"] is None
    assert [(one["field"], one["code"]) for one in said["problems"]] == [problem]
    assert db["match_tasks"].count_documents({}) == 0


async def test_the_longest_fields_are_accepted(ask) -> None:
    address = {"name": "n" * 200, "address": "x" * 500, "city": "L" * 100, "region": "r" * 100}

    assert (await ask(MATCH_ADDRESS, address=address)).data["matchAddress"]["problems"] == []


async def test_a_task_nobody_has_heard_of_is_queued(ask) -> None:
    assert (await ask(TASK, id="on its way")).data["matchTask"] == {
        "id": "on its way",
        "status": "QUEUED",
        "typedAddress": None,
        "address": None,
        "score": None,
        "verdict": None,
        "candidates": [],
        "evidence": [],
        "subscriber": None,
        "problem": None,
        "createdAt": None,
        "decidedAt": None,
        "attempts": 0,
        "claimedBy": None,
        "reviewer": None,
    }


async def test_a_task_explains_itself(ask, db) -> None:
    db["match_tasks"].insert_one(task("t-1"))

    found = (await ask(TASK, id="t-1")).data["matchTask"]

    assert [candidate["address"]["id"] for candidate in found["candidates"]] == ["a-1", "a-2"]
    assert found["evidence"] == [
        {
            "field": "street",
            "typed": "12 rue",
            "known": "12 rue des lilas",
            "similarity": 0.8,
            "weight": 4.0,
            "contribution": 2.5,
            "note": None,
        }
    ]
    assert (found["status"], found["verdict"], found["subscriber"]) == ("IN_REVIEW", "REVIEW", {"id": "s-1"})
