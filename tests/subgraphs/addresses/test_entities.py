"""Entities come in batches: one query for all representations of a type, and what is wrong with one stays with it."""

from datetime import UTC, datetime

from django.db import DatabaseError
from structlog.testing import capture_logs

from subgraphs.addresses.model import Address

ENTITIES = """
query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Address { id city mergedInto { id city } }
    ... on AddressImport { id status rejectedRows(first: 1) { totalCount nodes { row reason } } }
  }
}
"""


def _of(typename: str, *ids: str) -> list[dict[str, str]]:
    return [{"__typename": typename, "id": id} for id in ids]


async def test_fifty_addresses_are_one_query(ask, known, commands) -> None:
    ids = known(*({"city": f"City {number}"} for number in range(50)))

    answer = await ask(ENTITIES, representations=_of("Address", *reversed(ids)))

    assert commands.names == ["aggregate"]
    assert [entity["id"] for entity in answer.data["_entities"]] == ids[::-1]


async def test_what_they_are_merged_into_is_one_more(ask, known, commands) -> None:
    (one, other) = known({"city": "Rouen"}, {"city": "Évreux"})
    merged = known(*({"status": "MERGED", "mergedInto": target} for target in (one, other) * 10))

    answer = await ask(ENTITIES, representations=_of("Address", *merged))

    assert commands.names == ["aggregate"] * 2
    assert [entity["mergedInto"]["city"] for entity in answer.data["_entities"]] == ["Rouen", "Évreux"] * 10


async def test_imports_and_their_rejected_rows_are_one_query_each(ask, db, commands) -> None:
    for name in "abc":
        db["address_imports"].insert_one(_import(f"i-{name}"))
        db["rejected_rows"].insert_many(
            {"_id": f"i-{name}:{row}", "importId": f"i-{name}", "row": row, "reason": f"{name}{row}", "line": row + 1}
            for row in (1, 2)
        )
    commands.names.clear()

    answer = await ask(ENTITIES, representations=_of("AddressImport", "i-a", "i-b", "i-c"))

    assert commands.names == ["aggregate"] * 3, "imports, their first rows, how many there are"
    assert [entity["rejectedRows"] for entity in answer.data["_entities"]] == [
        {"totalCount": 2, "nodes": [{"row": 1, "reason": f"{name}1"}]} for name in "abc"
    ]


async def test_one_query_for_each_type_however_they_are_mixed(ask, db, known, commands) -> None:
    ids = known({}, {})
    db["address_imports"].insert_one(_import("i-1"))
    commands.names.clear()
    mixed = [*_of("Address", ids[0]), *_of("AddressImport", "i-1"), *_of("Address", ids[1])]

    answer = await ask(
        "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }",
        r=mixed,
    )

    assert commands.names == ["aggregate"] * 2
    assert [entity["__typename"] for entity in answer.data["_entities"]] == ["Address", "AddressImport", "Address"]


async def test_what_is_wrong_with_one_stays_with_it(ask, known) -> None:
    (id,) = known({})
    representations = [
        {"__typename": "Nothing", "id": "1"},
        *_of("Address", id, "unknown"),
        {"__typename": "Address"},
        {"__typename": "Address", "id": id, "city": "from another service"},
    ]

    answer = await ask(ENTITIES, representations=representations)

    found = answer.body["data"]["_entities"]
    assert [entity and entity["id"] for entity in found] == [None, id, None, None, id]
    assert [error["path"] for error in answer.body["errors"]] == [["_entities", 0], ["_entities", 3]]
    assert "'Nothing' is no entity" in answer.messages[0]


async def test_a_type_that_cannot_be_loaded_leaves_the_others_and_is_logged_once(ask, db, known, monkeypatch) -> None:
    ids = known({}, {}, {})
    db["address_imports"].insert_one(_import("i-1"))

    def fails(_ids: object) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(Address.objects, "in_bulk", fails)

    with capture_logs() as logs:
        answer = await ask(ENTITIES, representations=[*_of("Address", *ids), *_of("AddressImport", "i-1")])

    assert [entity and entity["id"] for entity in answer.body["data"]["_entities"]] == [None, None, None, "i-1"]
    assert {error["extensions"]["code"] for error in answer.body["errors"]} == {"STORE_UNAVAILABLE"}
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["store failed"]


def _import(id: str) -> dict[str, object]:
    counts = dict.fromkeys(("total", "chunks", "done", "added", "changed", "unchanged"), 0)
    return {
        "_id": id,
        "fileName": "a.csv",
        "source": "test",
        "status": "FINISHED",
        **counts,
        "rejected": 2,
        "finishedChunks": [],
        "createdAt": datetime.now(UTC),
        "finishedAt": None,
    }
