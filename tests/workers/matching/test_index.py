"""Both indexes find the same, never too much, and old news changes nothing."""

from collections.abc import Iterator
from typing import Any

import pymongo
import pytest
from pymongo.database import Database

from tests.workers.servers import MONGO_URL, Server
from workers.matching.index import MOST_BEHIND_A_KEY, MOST_CANDIDATES
from workers.matching.index.memory import MemoryIndex
from workers.matching.index.mongo import Change, MongoIndex
from workers.matching.index.rows import Entry
from workers.matching.matcher import Address

REGISTER = {
    "a-1": Address("12 rue des Lilas", postal_code="76000", city="Rouen", country="FR"),
    "a-2": Address("14 rue des Lilas", postal_code="76000", city="Rouen", country="FR"),
    "a-3": Address("12 avenue Foch", postal_code="76000", city="Rouen", country="FR"),
    "a-4": Address("7 Elm Street", city="Springwood", country="US"),
}
TYPED = [
    Address("12 rue des Lillas", city="Rouen"),
    Address("12 rue des Lilas 76000 Rouen"),
    Address("12 avenue Fosh", postal_code="76000"),
    Address("9 Elm St", city="Springwood"),
    Address("1 nowhere"),
    Address(""),
]


@pytest.fixture
def database(server: Server) -> Iterator[Database[dict[str, Any]]]:
    with pymongo.MongoClient(MONGO_URL) as client:
        yield client[f"{server.namespace}_matching"]


@pytest.fixture
def index(database: Database[dict[str, Any]]) -> MongoIndex:
    index = MongoIndex(database)
    index.prepare()
    index.keep(Change(id, 1, address) for id, address in REGISTER.items())
    return index


def test_both_indexes_find_the_same(index: MongoIndex) -> None:
    memory = MemoryIndex(REGISTER.items())

    found = index.near(TYPED)

    def addresses(near: list[list[Entry]]) -> list[dict[str, Address]]:
        return [{entry.id: entry.address for entry in entries} for entries in near]

    assert addresses(found) == addresses(memory.near(TYPED))
    expected = ("a-1", "a-1", "a-3", "a-4", None, None)
    assert all(id in near if id else not near for id, near in zip(expected, addresses(found), strict=True))


def test_an_exactly_known_address_is_found_however_it_is_written(index: MongoIndex) -> None:
    assert index.exactly(Address("12, RUE DES LILAS", postal_code="76000", city="rouen", country="FR")) == "a-1"
    assert index.exactly(Address("13 rue des Lilas", postal_code="76000", city="Rouen", country="FR")) is None
    index.keep([Change("a-9", 1, REGISTER["a-1"])])
    assert index.exactly(REGISTER["a-1"]) is None


def test_an_older_change_that_comes_late_is_left_out(index: MongoIndex, database: Database[dict[str, Any]]) -> None:
    index.keep([Change("a-1", 3, None)])
    index.keep([Change("a-1", 2, REGISTER["a-1"]), Change("a-5", 1, REGISTER["a-3"])])

    assert index.exactly(REGISTER["a-1"]) is None
    known = {document["_id"]: document for document in database["known_addresses"].find()}
    assert (known["a-1"]["removed"], known["a-1"]["version"], known["a-5"]["removed"]) == (True, 3, False)


def test_a_key_with_too_many_behind_it_is_skipped(index: MongoIndex) -> None:
    many = {f"m-{n:04d}": Address(f"5 Main Street, flat {n}", city="Crowdham") for n in range(MOST_BEHIND_A_KEY + 5)}
    index.keep(Change(id, 1, address) for id, address in many.items())

    typed = [Address("5 Main Street", city="Crowdham")]
    assert index.near(typed) == [[]] == MemoryIndex(many.items()).near(typed)


def test_there_are_never_too_many_candidates(index: MongoIndex) -> None:
    many = {f"m-{n:04d}": Address(f"5 Main Street, flat {n}", city="Crowdham") for n in range(MOST_BEHIND_A_KEY - 5)}
    index.keep(Change(id, 1, address) for id, address in many.items())

    assert len(index.near([Address("5 Main Street", city="Crowdham")])[0]) == MOST_CANDIDATES


def test_the_register_is_never_scanned(index: MongoIndex, database: Database[dict[str, Any]]) -> None:
    database.command("profile", 2)
    index.near(TYPED)
    index.exactly(TYPED[0])
    database.command("profile", 0)

    plans = [
        entry.get("planSummary", "") for entry in database["system.profile"].find({"op": {"$in": ["query", "command"]}})
    ]
    assert plans
    assert not [plan for plan in plans if "COLLSCAN" in plan and "known_addresses" in plan]
