"""Addresses that the register has twice are found by the running processes, whatever happens in between."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.workers.matching.system import LILAS, System
from tests.workers.servers import Server, eventually
from workers.chassis.facts import fact
from workers.matching.duplicate_store import DuplicateStore
from workers.matching.find_duplicates import find_duplicates
from workers.matching.index.mongo import Change, MongoIndex
from workers.matching.matcher import Thresholds

AGAIN = replace(LILAS, address="12, r. des Lilas")
THIRD = replace(LILAS, address="12 rue des Lilass")
NEIGHBOUR = replace(LILAS, address="14 rue des Lilas")


@pytest.fixture
def system(server: Server) -> Iterator[System]:
    system = System(server)
    MongoIndex(system.database("matching")).keep(
        [Change("a-2", 1, AGAIN), Change("a-3", 1, NEIGHBOUR), Change("a-4", 1, THIRD)]
    )
    yield system
    system.stop()


def asked(system: System, id: str = "d-1", *, told: bool = False) -> None:
    requested = fact(
        "duplicates.requested.v1",
        source="/matching",
        subject=id,
        audience=["matching"],
        data={"duplicateSearchId": id},
    )
    system.database("matching")["duplicate_searches"].insert_one(
        {
            "_id": id,
            "status": "QUEUED",
            "isOpen": True,
            "total": 0,
            "done": 0,
            "cursor": "",
            "problem": None,
            "createdAt": datetime.now(UTC),
            "startedAt": None,
            "finishedAt": None,
            "unsent": [requested] if told else [],
        }
    )


def search(system: System, id: str = "d-1") -> dict[str, Any]:
    return system.database("matching")["duplicate_searches"].find_one({"_id": id}) or {}


def pairs(system: System) -> list[list[str]]:
    return [one["addressIds"] for one in system.database("matching")["duplicate_pairs"].find().sort("_id")]


def step(system: System, duplicates: DuplicateStore, id: str = "d-1") -> bool:
    index = MongoIndex(system.database("matching"))
    return find_duplicates(id, duplicates=duplicates, index=index, thresholds=Thresholds())


def test_a_search_over_real_processes_finds_each_pair_and_ends(system: System) -> None:
    asked(system, told=True)
    system.start_all(batches=True)

    eventually(lambda: search(system)["status"] == "FINISHED", within=60)

    # Three copies are three pairs; the neighbour is none of theirs.
    assert pairs(system) == [["a-1", "a-2"], ["a-1", "a-4"], ["a-2", "a-4"]]
    found = search(system)
    assert (found["total"], found["done"]) == (4, 4)
    assert "isOpen" not in found
    (one,) = system.database("matching")["duplicate_pairs"].find({"_id": "a-1:a-2"})
    assert one["verdict"] == "MATCH"
    assert {evidence["field"] for evidence in one["evidence"]} >= {"street", "city", "postal code"}


def test_of_two_that_do_the_same_one_goes_on(system: System) -> None:
    asked(system)
    duplicates = DuplicateStore(system.database("matching"))
    duplicates.begin("d-1")

    assert duplicates.advance("d-1", "", "a-2", 2)
    assert not duplicates.advance("d-1", "", "a-2", 2)

    assert step(system, duplicates)
    assert (search(system)["cursor"], search(system)["done"]) == ("a-4", 4)
    assert not step(system, duplicates)
    assert search(system)["status"] == "FINISHED"
    assert not step(system, duplicates)


def test_a_new_search_forgets_the_pairs_that_are_none_any_more(system: System) -> None:
    duplicates = DuplicateStore(system.database("matching"))
    asked(system)
    while step(system, duplicates):
        pass
    MongoIndex(system.database("matching")).keep([Change("a-4", 2, replace(LILAS, address="99 avenue Foch"))])
    asked(system, "d-2")
    while step(system, duplicates, "d-2"):
        pass

    assert pairs(system) == [["a-1", "a-2"]]


def test_pairs_of_what_left_the_register_go(system: System) -> None:
    duplicates = DuplicateStore(system.database("matching"))
    asked(system)
    while step(system, duplicates):
        pass

    duplicates.forget(["a-2"])

    assert pairs(system) == [["a-1", "a-4"]]


def test_a_search_that_cannot_go_on_says_why(system: System) -> None:
    duplicates = DuplicateStore(system.database("matching"))
    asked(system)
    duplicates.begin("d-1")

    duplicates.give_up("d-1", "ValueError: x")

    found = search(system)
    assert (found["status"], found["problem"]) == ("FAILED", "ValueError: x")
    assert not step(system, duplicates)


def test_what_a_reviewer_has_told_apart_is_never_found_again(system: System) -> None:
    db = system.database("matching")
    duplicates = DuplicateStore(db)
    asked(system)
    while step(system, duplicates):
        pass
    before = pairs(system)
    apart = before[0]
    db["distinct_pairs"].insert_one({"_id": ":".join(apart), "addressIds": apart})

    db["duplicate_pairs"].delete_one({"_id": ":".join(apart)})
    asked(system, "d-2")
    while step(system, duplicates, "d-2"):
        pass

    assert len(before) > 1
    assert pairs(system) == before[1:]
    duplicates.forget([apart[0]])
    assert db["distinct_pairs"].count_documents({}) == 0
