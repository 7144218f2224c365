"""The subscriber's document keeps the newest verdict about the address the subscriber has now."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pymongo
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pymongo.collection import Collection

from tests.workers.servers import MONGO_URL, Server, eventually
from tests.workers.telling import examples, heard, made, tell, wait_for_listener
from workers.chassis import mongo
from workers.chassis.facts import Refused
from workers.subscribers.facts import verdict_from
from workers.subscribers.store import MongoSubscribers
from workers.subscribers.store_verdict import store_verdict

MATCHED = {"matchTaskId": "t-1", "subscriberId": "s-1", "status": "MATCHED", "addressId": "a-1"}
IN_REVIEW = {**MATCHED, "status": "IN_REVIEW", "addressId": None}
NEW = {**MATCHED, "status": "NEW", "addressId": None}


@pytest.fixture
def subscribers(server: Server) -> Collection[dict[str, Any]]:
    found = pymongo.MongoClient(MONGO_URL, tz_aware=True)[f"{server.namespace}_subscribers"]["subscribers"]
    now = datetime.now(UTC)
    [example] = examples("subgraphs/subscribers/contracts/subscriber.document.json")
    found.insert_one(example | {"createdAt": now, "updatedAt": now})
    return found


def hear(type: str, data: Mapping[str, Any], at: str) -> bool:
    store = MongoSubscribers(mongo.database("subscribers"))
    return store_verdict(verdict_from(heard(type, data, time=at)), subscribers=store)


def state(subscribers: Collection[dict[str, Any]]) -> tuple[str, str | None]:
    found = subscribers.find_one({"_id": "s-1"})
    assert found
    return found["addressStatus"], found["addressId"]


def test_a_verdict_heard_twice_changes_nothing_the_second_time(subscribers: Collection[dict[str, Any]]) -> None:
    assert hear("address.matched.v1", MATCHED, "2026-03-01T09:30:00.000Z")
    assert not hear("address.matched.v1", MATCHED, "2026-03-01T09:30:00.000Z")
    assert state(subscribers) == ("MATCHED", "a-1")


TOLD = [
    ("address.review_requested.v1", IN_REVIEW, "2026-03-01T09:30:00.000Z"),
    ("address.review_resolved.v1", MATCHED, "2026-03-01T09:31:00.000Z"),
    ("address.review_resolved.v1", NEW, "2026-03-01T09:32:00.000Z"),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_whatever_order_they_come_the_newest_stands(
    subscribers: Collection[dict[str, Any]], order: tuple[int, ...]
) -> None:
    for index in order:
        hear(*TOLD[index])

    assert state(subscribers) == ("NEW", None)


def test_a_verdict_about_an_address_given_up_since_is_left_out(subscribers: Collection[dict[str, Any]]) -> None:
    hear("address.matched.v1", MATCHED, "2026-03-01T09:30:00.000Z")
    subscribers.update_one({}, {"$set": {"matchTaskId": "t-2", "addressId": None, "addressStatus": "QUEUED"}})

    assert not hear("address.matched.v1", MATCHED, "2026-03-01T09:35:00.000Z")
    assert state(subscribers) == ("QUEUED", None)
    # The clock of another machine may be behind; the task says that it is another decision.
    assert hear("address.matched.v1", {**NEW, "matchTaskId": "t-2"}, "2026-03-01T09:29:00.000Z")
    assert state(subscribers) == ("NEW", None)


def test_an_address_nobody_subscribed_with_concerns_nobody(subscribers: Collection[dict[str, Any]]) -> None:
    assert not hear("address.matched.v1", MATCHED | {"subscriberId": None}, "2026-03-01T09:30:00Z")
    assert not hear("address.matched.v1", MATCHED | {"subscriberId": "nobody"}, "2026-03-01T09:30:00Z")


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"status": "PERHAPS"}, "not one of MATCHED"),
        ({"matchTaskId": 7}, "data.matchTaskId is a number, not a text"),
        ({"status": None}, "data.status is null, not a text"),
    ],
)
def test_a_fact_that_says_nothing_sensible_is_refused(broken: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        verdict_from(heard("address.matched.v1", MATCHED | broken))


@pytest.mark.parametrize("time", ["soon", "2026-03-01T09:30:00"])
def test_a_time_nobody_can_compare_is_refused(time: str) -> None:
    with pytest.raises(Refused, match=r"fact\.time"):
        verdict_from(heard("address.matched.v1", MATCHED, time=time))


def test_the_real_process_stores_what_it_hears(
    server: Server, channel: BlockingChannel, subscribers: Collection[dict[str, Any]]
) -> None:
    process = server.process("-m", "workers.subscribers", "listen")
    try:
        wait_for_listener(channel, server, "subscribers")
        tell(channel, server, made("address.matched.v1", MATCHED))
        eventually(lambda: state(subscribers) == ("MATCHED", "a-1"))
    finally:
        process.terminate()
        assert process.wait(15) == 0
