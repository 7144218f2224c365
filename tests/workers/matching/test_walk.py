"""From a fact in an outbox to a verdict in an outbox, over the real processes of this side."""

from collections.abc import Iterator
from typing import Any

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.workers.matching.system import LILAS, System
from tests.workers.servers import Server, eventually, take
from workers.matching.matcher import Address


@pytest.fixture
def system(server: Server) -> Iterator[System]:
    system = System(server)
    yield system
    system.stop()


def told_to(channel: BlockingChannel, namespace: str, listener: str) -> Any:
    return eventually(lambda: take(f"{namespace}.{listener}"), within=30)


def test_a_typed_address_comes_back_matched(system: System, channel: BlockingChannel) -> None:
    system.start_all()
    task_id = system.submit(Address("12 r. des Lillas", postal_code="76000", city="ROUEN"))

    task = system.answered(task_id)

    assert (task["status"], task["addressId"], task["verdict"]) == ("MATCHED", "a-1", "MATCH")
    assert {one["field"] for one in task["candidates"][0]["evidence"]} >= {"house number", "street", "postal code"}
    headers, told = told_to(channel, system.server.namespace, "live_updates")
    assert told["type"] == "address.matched.v1"
    assert told["requestid"] == "r-1"
    assert told["data"] | {"decidedAt": "", "score": 0} == {
        "matchTaskId": task_id,
        "subscriberId": f"s-{task_id}",
        "status": "MATCHED",
        "addressId": "a-1",
        "score": 0,
        "address": Address("12 r. des Lillas", postal_code="76000", city="ROUEN").as_document(),
        "knownAddress": LILAS.as_document(),
        "decidedAt": "",
    }
    assert headers["service-token"]
    eventually(lambda: system.task(task_id)["unsent"] == [])


def test_doubt_and_news_are_told_as_such(system: System, channel: BlockingChannel) -> None:
    system.start_all()
    doubtful = system.submit(Address("rue des Lilas", postal_code="76000", city="Rouen", country="FR"))
    new = system.submit(Address("1 Elm Street", postal_code="90210", city="Springwood", country="US"))

    answers = [system.answered(task_id) for task_id in (doubtful, new)]

    assert [(task["status"], task["addressId"]) for task in answers] == [("IN_REVIEW", None), ("NEW", None)]
    assert [candidate["addressId"] for candidate in answers[0]["candidates"]] == ["a-1"]
    told = [told_to(channel, system.server.namespace, "live_updates")[1] for _ in range(2)]
    assert {(one["type"], one["subject"]) for one in told} == {
        ("address.review_requested.v1", doubtful),
        ("address.matched.v1", new),
    }


def test_a_repeated_fact_changes_and_says_nothing_new(system: System, channel: BlockingChannel) -> None:
    system.start_all()
    task_id = system.submit(LILAS)
    first = system.answered(task_id)
    told_to(channel, system.server.namespace, "live_updates")

    # The relay died between publishing and clearing: the very same fact is published again.
    subscribers = system.database("subscribers")["subscribers"]
    told = system.told[-1]
    subscribers.update_one({"_id": f"s-{task_id}"}, {"$push": {"unsent": told}})
    eventually(lambda: subscribers.find_one({"_id": f"s-{task_id}"})["unsent"] == [])
    other = system.submit(LILAS)
    system.answered(other)

    assert system.task(task_id)["decidedAt"] == first["decidedAt"]
    assert told_to(channel, system.server.namespace, "live_updates")[1]["subject"] == other


def test_a_task_that_cannot_work_is_given_up_and_told(system: System, channel: BlockingChannel) -> None:
    system.start("relay", "-m", "workers.outbox_relay")
    system.start_celery("tasks", "matching", TASK_TRIES="2")
    system.database("matching")["match_tasks"].insert_one(
        {"_id": "t-1", "status": "QUEUED", "subscriberId": None, "address": {"address": 5}, "attempts": 0, "unsent": []}
    )

    enqueue(system.server, "t-1")

    task = system.answered("t-1")
    assert (task["status"], task["attempts"]) == ("FAILED", 2)
    assert task["problem"].partition(": ")[0].endswith("Error")
    _, told = told_to(channel, system.server.namespace, "live_updates")
    assert (told["type"], told["data"]["problem"]) == ("address.match_failed.v1", task["problem"])


def test_a_task_that_another_service_sent_is_set_aside(system: System, channel: BlockingChannel) -> None:
    system.start_celery("tasks", "matching")
    system.database("matching")["match_tasks"].insert_one({"_id": "t-1", "status": "QUEUED"})

    enqueue(system.server, "t-1", MATCHING_SERVICE_KEY=system.server.environment["ADDRESSES_SERVICE_KEY"])

    headers, _ = told_to(channel, system.server.namespace, "dead_letters")
    assert headers["task"] == "matching.match_submission"
    assert system.task("t-1") == {"_id": "t-1", "status": "QUEUED"}
    eventually(lambda: any("task refused" in line for line in system.output["tasks"]))


def test_who_unsubscribes_is_not_matched_any_more(system: System) -> None:
    """The task is still queued, because no worker runs: it is cancelled, and stays so when a worker comes."""
    system.start("relay", "-m", "workers.outbox_relay")
    system.start("listener", "-m", "workers.matching", "listen")
    task_id = system.submit(LILAS)
    eventually(lambda: system.task(task_id), within=30)

    system.tell("subscriber.unsubscribed.v1", {"subscriberId": f"s-{task_id}", "matchTaskId": task_id})

    eventually(lambda: system.task(task_id)["status"] == "CANCELLED", within=30)
    system.start_celery("tasks", "matching")
    other = system.submit(LILAS)
    system.answered(other)
    assert system.task(task_id)["status"] == "CANCELLED"


def test_a_changed_register_is_searched(system: System) -> None:
    system.start_all()
    new = {"id": "a-2", "change": "added", "version": 1, **Address("7 Elm Street", city="Springwood").as_document()}
    system.tell("register.changed.v1", {"importId": "i-1", "chunk": 0, "addresses": [new]}, source="addresses")
    chunks = system.database("matching")["indexed_chunks"]
    eventually(lambda: chunks.find_one({"_id": "i-1:0", "importId": "i-1", "count": 1}), within=30)

    found = system.answered(system.submit(Address("7 Elm St", city="Springwood")))

    assert (found["status"], found["addressId"]) == ("MATCHED", "a-2")


def enqueue(server: Server, task_id: str, **environment: str) -> None:
    """Enqueue a task from a process of its own, as the Celery app is bound to one namespace."""
    code = f"from workers.matching.tasks import CeleryQueue; CeleryQueue().match_submission({task_id!r})"
    process = server.process("-c", code, **environment)
    output = process.communicate(timeout=30)[0]
    assert process.returncode == 0, output
