"""The register changes by hand: each change lands with its fact, or not at all, and nobody overwrites what he has not seen."""

import asyncio
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django_redis import get_redis_connection

from subgraphs.addresses import register
from subgraphs.addresses.model import address_id
from tests.subgraphs.service import NAMESPACE

REPOSITORY = Path(__file__).parents[3]
CONTRACT = json.loads((REPOSITORY / "workers/addresses/contracts/register_changed.v1.json").read_text())
DOCUMENT = json.loads((REPOSITORY / "subgraphs/addresses/contracts/address.document.json").read_text())

PAYLOAD = "{ address { id version status city formatted mergedInto { id } } problems { field code message } }"
CREATE = f"mutation ($input: CreateAddressInput!) {{ done: createAddress(input: $input) {PAYLOAD} }}"
UPDATE = f"mutation ($input: UpdateAddressInput!) {{ done: updateAddress(input: $input) {PAYLOAD} }}"
REMOVE = f"mutation ($id: ID!) {{ done: removeAddress(id: $id) {PAYLOAD} }}"
MERGE = f"mutation ($input: MergeAddressesInput!) {{ done: mergeAddresses(input: $input) {PAYLOAD} }}"


def _told(db: Any) -> list[dict[str, Any]]:
    facts = [fact for document in db["outbox"].find() for fact in document["unsent"]]
    for fact in facts:
        jsonschema.validate(fact, CONTRACT)
    return [change for fact in facts for change in fact["data"]["addresses"]]


def _generation() -> int:
    return int(get_redis_connection("default").get(f"{NAMESPACE}:register_generation") or 0)


def _codes(answer: Any) -> list[tuple[str | None, str]]:
    return [(problem["field"], problem["code"]) for problem in answer.data["done"]["problems"]]


async def test_an_address_is_added_with_its_fact(ask, db) -> None:
    wanted = {"address": "  12  Rue des Lilas ", "city": "Évreux", "postalCode": "27000", "country": "fr"}

    done = (await ask(CREATE, input=wanted)).data["done"]

    stored = db["addresses"].find_one()
    assert done["problems"] == []
    assert done["address"]["formatted"] == "12 Rue des Lilas, 27000 Évreux, FR"
    assert stored["_id"] == done["address"]["id"] == address_id("manual", stored["reference"])
    assert stored["searchText"] == ["12", "27000", "des", "evreux", "lilas", "rue"]
    jsonschema.validate(json.loads(json.dumps(stored, default=lambda at: at.isoformat())), DOCUMENT)
    (change,) = _told(db)
    assert change == {
        "id": stored["_id"],
        "change": "added",
        "version": 1,
        "name": None,
        "address": "12 Rue des Lilas",
        "postalCode": "27000",
        "city": "Évreux",
        "region": None,
        "country": "FR",
    }
    assert _generation() == 1


async def test_the_request_id_travels_with_the_fact(ask, db) -> None:
    body = {"query": CREATE, "variables": {"input": {"address": "1 Main St"}}}

    await ask.post(body, headers={"X-Request-Id": "r-17"})

    assert db["outbox"].find_one()["unsent"][0]["requestid"] == "r-17"


async def test_a_reference_is_taken_once_in_its_source(ask, db) -> None:
    wanted = {"address": "1 Main St", "source": "land-registry", "reference": "x-1"}
    first = (await ask(CREATE, input=wanted)).data["done"]["address"]

    second = await ask(CREATE, input=wanted)

    assert first["id"] == address_id("land-registry", "x-1"), "an import of the same source would find it again"
    assert _codes(second) == [("reference", "ALREADY_EXISTS")]
    assert len(_told(db)) == 1


@pytest.mark.parametrize(
    ("wanted", "problems"),
    [
        ({"address": " "}, [("address", "BLANK")]),
        ({"address": "x" * 500}, []),
        ({"address": "x" * 501}, [("address", "TOO_LONG")]),
        ({"name": "x" * 501}, [("name", "TOO_LONG")]),
        ({"postalCode": "x" * 501, "city": "y" * 501}, [("postalCode", "TOO_LONG"), ("city", "TOO_LONG")]),
        ({"region": "x" * 501}, [("region", "TOO_LONG")]),
        ({"city": "a\x00b"}, [("city", "INVALID_CHARACTERS")]),
        ({"country": "DEU"}, [("country", "UNKNOWN_COUNTRY")]),
        ({"country": "4x"}, [("country", "UNKNOWN_COUNTRY")]),
        ({"reference": "x" * 200}, []),
        ({"reference": "x" * 201}, [("reference", "TOO_LONG")]),
        ({"source": "x" * 100}, []),
        ({"source": "x" * 101}, [("source", "INVALID_SOURCE")]),
        ({"source": "a:b"}, [("source", "INVALID_SOURCE")]),
    ],
    ids=str,
)
async def test_what_an_address_may_hold(ask, db, wanted: dict[str, str], problems: list[Any]) -> None:
    answer = await ask(CREATE, input={"address": "1 Main St", **wanted})

    assert _codes(answer) == problems
    assert db["addresses"].count_documents({}) == len(_told(db)) == (0 if problems else 1)


async def test_a_correction_is_the_next_version(ask, db, known) -> None:
    (id,) = known({"city": "Ruen", "region": "Normandie"})

    done = (await ask(UPDATE, input={"id": id, "version": 1, "city": "Rouen", "region": None})).data["done"]

    stored = db["addresses"].find_one({"_id": id})
    assert (done["address"]["version"], done["address"]["city"], done["problems"]) == (2, "Rouen", [])
    assert (stored["region"], stored["address"], stored["version"]) == (None, "12 Rue des Lilas", 2)
    assert "rouen" in stored["searchText"]
    assert "ruen" not in stored["searchText"]
    assert stored["updatedAt"] > stored["createdAt"]
    assert [(change["change"], change["version"]) for change in _told(db)] == [("changed", 2)]


async def test_a_correction_that_changes_nothing_tells_nothing(ask, db, known) -> None:
    (id,) = known({"city": "Rouen"})

    done = (await ask(UPDATE, input={"id": id, "version": 1, "city": " Rouen "})).data["done"]

    assert done["address"]["version"] == 1
    assert _told(db) == []
    assert _generation() == 0


async def test_nobody_overwrites_what_he_has_not_seen(ask, db, known) -> None:
    (id,) = known({})
    await ask(UPDATE, input={"id": id, "version": 1, "city": "Caen"})

    late = await ask(UPDATE, input={"id": id, "version": 1, "city": "Paris"})

    assert _codes(late) == [("version", "VERSION_CONFLICT")]
    assert late.data["done"]["address"]["city"] == "Caen", "so that the client can show what it is now"
    assert len(_told(db)) == 1


async def test_of_many_at_the_same_time_one_wins(ask, db, known) -> None:
    (id,) = known({})

    answers = await asyncio.gather(*(ask(UPDATE, input={"id": id, "version": 1, "city": f"C{n}"}) for n in range(8)))

    assert sum(not answer.data["done"]["problems"] for answer in answers) == 1
    assert db["addresses"].find_one({"_id": id})["version"] == 2
    assert len(_told(db)) == 1


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({"id": "unknown"}, [("id", "NOT_FOUND")]),
        ({"address": None}, [("address", "BLANK")]),
        ({"city": "x" * 501}, [("city", "TOO_LONG")]),
        ({"country": "Freedonia"}, [("country", "UNKNOWN_COUNTRY")]),
    ],
    ids=str,
)
async def test_a_correction_that_cannot_be(ask, db, known, change: dict[str, Any], problems: list[Any]) -> None:
    (id,) = known({})

    answer = await ask(UPDATE, input={"id": id, "version": 1, **change})

    assert _codes(answer) == problems
    assert _told(db) == []


async def test_what_is_removed_keeps_its_place(ask, db, known) -> None:
    (id,) = known({})

    done = (await ask(REMOVE, id=id)).data["done"]
    again = (await ask(REMOVE, id=id)).data["done"]

    assert done["address"]["status"] == again["address"]["status"] == "REMOVED"
    assert again["problems"] == []
    assert db["addresses"].find_one({"_id": id})["version"] == 2
    assert [(change["change"], change["version"]) for change in _told(db)] == [("removed", 2)]
    assert _codes(await ask(UPDATE, input={"id": id, "version": 2, "city": "Caen"})) == [("id", "NOT_ACTIVE")]
    assert _codes(await ask(REMOVE, id="unknown")) == [("id", "NOT_FOUND")]


async def test_one_address_stands_for_its_duplicates_and_theirs(ask, db, known) -> None:
    (into, duplicate, gone) = known({}, {}, {})
    await ask(MERGE, input={"into": duplicate, "duplicates": [gone]})

    done = (await ask(MERGE, input={"into": into, "duplicates": [duplicate, duplicate]})).data["done"]

    assert (done["address"]["id"], done["problems"]) == (into, [])
    assert {it["_id"]: (it["status"], it["mergedInto"], it["version"]) for it in db["addresses"].find()} == {
        into: ("ACTIVE", None, 1),
        duplicate: ("MERGED", into, 2),
        gone: ("MERGED", into, 3),
    }
    assert [(it["id"], it["change"], it["mergedInto"], it["version"]) for it in _told(db)] == [
        (gone, "merged", duplicate, 2),
        (duplicate, "merged", into, 2),
        (gone, "merged", into, 3),
    ]
    again = await ask(MERGE, input={"into": into, "duplicates": [duplicate]})
    assert (_codes(again), len(_told(db))) == ([], 3)


async def test_what_cannot_be_merged(ask, db, known) -> None:
    (one, other, removed) = known({}, {}, {"status": "REMOVED"})
    many = known(*({} for _ in range(101)))

    async def codes(into: str, *duplicates: str) -> list[tuple[str | None, str]]:
        return _codes(await ask(MERGE, input={"into": into, "duplicates": duplicates}))

    assert await codes(one) == [("duplicates", "BLANK")]
    assert await codes(one, other, one) == [("duplicates", "SAME_ADDRESS")]
    assert await codes(one, "unknown") == [("duplicates", "NOT_FOUND")]
    assert await codes("unknown", one) == [("into", "NOT_FOUND")]
    assert await codes(one, removed) == [("duplicates", "NOT_ACTIVE")]
    assert await codes(removed, one) == [("into", "NOT_ACTIVE")]
    assert await codes(one, *many) == [("duplicates", "TOO_MANY")]
    assert _told(db) == []
    assert await codes(one, *many[:100]) == []
    assert len(_told(db)) == 100


async def test_a_circle_of_merges_at_the_same_time_leaves_one(ask, db, known) -> None:
    (one, other) = known({}, {})

    await asyncio.gather(
        ask(MERGE, input={"into": one, "duplicates": [other]}), ask(MERGE, input={"into": other, "duplicates": [one]})
    )

    assert sorted(it["status"] for it in db["addresses"].find()) == ["ACTIVE", "MERGED"]
    assert len(_told(db)) == 1


async def test_without_its_fact_a_change_does_not_happen(ask, db, monkeypatch) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("before the fact is written")

    monkeypatch.setattr(register, "register_changed", fails)

    answer = await ask(CREATE, input={"address": "1 Main St"})

    assert answer.body["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert "before the fact" not in answer.messages[0]
    assert db["addresses"].count_documents({}) == db["outbox"].count_documents({}) == 0
    assert _generation() == 0
