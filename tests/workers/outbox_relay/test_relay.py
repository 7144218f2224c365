"""Facts leave the outbox in order, none is lost, and what cannot be told does not hold up the rest."""

from collections.abc import Iterator
from typing import Any

import pymongo
import pytest
from pymongo.collection import Collection

from tests.workers.servers import MONGO_URL, Server
from workers.chassis.facts import fact
from workers.outbox_relay.relay import Untellable, relay


class RememberingTeller:
    """Remembers what it was told to tell; may break, or refuse some facts."""

    def __init__(self, *, breaks_at: str | None = None, refuses: str | None = None) -> None:
        self.told: list[str] = []
        self.breaks_at, self.refuses = breaks_at, refuses

    def tell(self, fact: dict[str, Any]) -> None:
        if fact["id"] == self.refuses:
            raise Untellable("no such thing")
        if fact["id"] == self.breaks_at:
            raise ConnectionResetError("the broker went away")
        self.told.append(fact["id"])


@pytest.fixture
def outbox(server: Server) -> Iterator[Collection[dict[str, Any]]]:
    with pymongo.MongoClient(MONGO_URL) as client:
        yield client[f"{server.namespace}_matching"]["match_tasks"]


def said(id: str, second: int = 0) -> dict[str, Any]:
    told = fact("address.matched.v1", source="/matching", subject="t", audience=["live_updates"], data={}, id=id)
    return told | {"time": f"2026-01-31T09:30:{second:02d}.000Z"}


def test_the_oldest_is_told_first_and_the_documents_stay(outbox: Collection[dict[str, Any]]) -> None:
    outbox.insert_many(
        [
            {"_id": "t-1", "unsent": [said("c", 3)], "state": "kept"},
            {"_id": "t-2", "unsent": [said("a", 1), said("b", 2)]},
            {"_id": "t-3", "unsent": []},
            {"_id": "t-4"},
        ]
    )
    teller = RememberingTeller()

    assert relay(outbox, teller, at_most=10) == 3

    assert teller.told == ["a", "b", "c"]
    assert outbox.find_one({"_id": "t-1"}) == {"_id": "t-1", "unsent": [], "state": "kept"}
    assert relay(outbox, teller, at_most=10) == 0


def test_a_broken_broker_loses_nothing(outbox: Collection[dict[str, Any]]) -> None:
    outbox.insert_many([{"_id": f"t-{id}", "unsent": [said(id, n)]} for n, id in enumerate("abc")])
    broken = RememberingTeller(breaks_at="b")
    with pytest.raises(ConnectionResetError):
        relay(outbox, broken, at_most=10)
    mended = RememberingTeller()

    relay(outbox, mended, at_most=10)

    assert (broken.told, mended.told) == (["a"], ["b", "c"])


def test_a_fact_that_cannot_be_told_stays_and_the_others_go_on(outbox: Collection[dict[str, Any]]) -> None:
    outbox.insert_many([{"_id": "t-1", "unsent": [said("a", 1)]}, {"_id": "t-2", "unsent": [said("b", 2)]}])
    teller = RememberingTeller(refuses="a")

    assert relay(outbox, teller, at_most=10) == 1

    assert teller.told == ["b"]
    assert [document["_id"] for document in outbox.find({"unsent.0": {"$exists": True}})] == ["t-1"]


def test_documents_that_are_only_an_outbox_go_when_they_are_empty(outbox: Collection[dict[str, Any]]) -> None:
    outbox.insert_many([{"_id": "1", "unsent": [said("a")]}, {"_id": "2", "unsent": [said("b")]}])

    relay(outbox, RememberingTeller(refuses="b"), at_most=10, disposable=True)

    assert [document["_id"] for document in outbox.find()] == ["2"]
