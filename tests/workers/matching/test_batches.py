"""Batches over real processes: counted once, cancelled, resumed, and no row lost when a worker is killed."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.workers.matching.system import LILAS, System
from tests.workers.servers import Server, eventually, take
from workers.chassis.facts import fact
from workers.matching.batch_store import BatchStore
from workers.matching.matcher import Address


@pytest.fixture
def system(server: Server) -> Iterator[System]:
    system = System(server)
    yield system
    system.stop()


def upload(system: System, rows: int, *, size: int = 10, told: bool = True) -> None:
    """What the subgraph does with a file: chunks first, then the batch with its fact."""
    db = system.database("matching")
    chunks = [range(start, min(start + size, rows)) for start in range(0, rows, size)]
    for number, numbers in enumerate(chunks):
        db["batch_chunks"].insert_one(
            {
                "_id": f"b-1:{number}",
                "batchId": "b-1",
                "chunk": number,
                "rows": [{"row": n + 1, "queryId": f"q-{n}", "address": _address(n).as_document()} for n in numbers],
            }
        )
    requested = fact(
        "batch.requested.v1",
        source="/matching",
        subject="b-1",
        audience=["matching"],
        data={"batchId": "b-1", "attempt": 1},
    )
    counts = dict.fromkeys(("done", "matched", "inReview", "new", "failed"), 0)
    db["match_batches"].insert_one(
        {
            "_id": "b-1",
            "status": "QUEUED",
            "fileName": "customers.csv",
            "total": rows,
            "chunks": len(chunks),
            **counts,
            "rejected": 1,
            "attempt": 1,
            "createdAt": datetime.now(UTC),
            "startedAt": None,
            "finishedAt": None,
            "finishedChunks": [],
            "unsent": [requested] if told else [],
        }
    )


def _address(number: int) -> Address:
    # Two of three are known, the third is another house.
    return LILAS if number % 3 else Address("99 rue des Lilas", postal_code="76000", city="Rouen", country="FR")


def batch(system: System) -> dict[str, Any]:
    return system.database("matching")["match_batches"].find_one({"_id": "b-1"}) or {}


def finished(system: System) -> dict[str, Any]:
    def ask() -> dict[str, Any] | None:
        found = batch(system)
        return found if found["status"] == "FINISHED" else None

    return eventually(ask, within=60) or {}


def test_a_batch_is_matched_and_told(system: System, channel: BlockingChannel) -> None:
    upload(system, 50)
    system.start_all(batches=True)

    found = finished(system)

    assert {name: found[name] for name in ("done", "matched", "inReview", "new", "failed")} == {
        "done": 50,
        "matched": 33,
        "inReview": 0,
        "new": 17,
        "failed": 0,
    }
    results = list(system.database("matching")["match_results"].find({"batchId": "b-1"}).sort("row"))
    assert [result["row"] for result in results] == list(range(1, 51))
    assert {(result["verdict"], result["addressId"]) for result in results} == {("MATCH", "a-1"), ("NEW", None)}
    told = [eventually(lambda: take(f"{system.server.namespace}.live_updates"), within=30)[1] for _ in range(5)]
    assert [(one["type"], one["data"]["done"]) for one in told] == [
        ("batch.progressed.v1", 10),
        ("batch.progressed.v1", 20),
        ("batch.progressed.v1", 30),
        ("batch.progressed.v1", 40),
        ("batch.finished.v1", 50),
    ]
    assert told[-1]["data"] == {
        "batchId": "b-1",
        "status": "FINISHED",
        "total": 50,
        "done": 50,
        "matched": 33,
        "inReview": 0,
        "new": 17,
        "failed": 0,
        "rejected": 1,
    }


def test_killed_workers_lose_no_row(system: System) -> None:
    """SIGKILL of the whole worker, children included, in the middle of a batch; another one ends it."""
    upload(system, 400)
    system.start_all(batches=True)
    eventually(lambda: batch(system)["done"] > 20, within=60)

    victim = system.processes["batches"]
    for child in _children(victim.pid):
        os.kill(child, signal.SIGKILL)
    victim.kill()
    system.start_celery("others", "batches", 2)

    found = finished(system)
    assert (found["done"], found["matched"], found["new"]) == (400, 266, 134)
    assert sorted(found["finishedChunks"]) == list(range(40))


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def test_a_cancelled_batch_stops_and_a_resumed_one_goes_on(system: System) -> None:
    upload(system, 60, told=False)
    batches = BatchStore(system.database("matching"))
    documents = system.database("matching")["match_batches"]
    assert batches.begin("b-1", 1)
    assert batches.finish_chunk("b-1", 0, 1, {"done": 10, "matched": 10})
    documents.update_one({"_id": "b-1"}, {"$set": {"status": "CANCELLED", "finishedAt": datetime.now(UTC)}})

    assert batches.rows_to_do("b-1", 1, 1) is None
    assert not batches.finish_chunk("b-1", 1, 1, {"done": 10})
    assert batches.begin("b-1", 1) is None

    documents.update_one({"_id": "b-1"}, {"$set": {"status": "QUEUED", "attempt": 2, "finishedAt": None}})
    again = batches.begin("b-1", 2)
    assert again
    assert again["finishedChunks"] == [0]
    assert batches.rows_to_do("b-1", 0, 2) is None
    assert batches.rows_to_do("b-1", 1, 1) is None
    assert [row["row"] for row in batches.rows_to_do("b-1", 1, 2) or []] == list(range(11, 21))


def test_a_chunk_is_counted_and_told_once(system: System) -> None:
    upload(system, 20, told=False)
    batches = BatchStore(system.database("matching"))
    batches.begin("b-1", 1)

    counted = [batches.finish_chunk("b-1", chunk, 1, {"done": 10, "failed": 10}) for chunk in (0, 0, 1, 1)]

    found = batch(system)
    assert counted == [True, False, True, False]
    assert (found["status"], found["done"], found["failed"]) == ("FINISHED", 20, 20)
    assert [(one["type"], one["data"]["done"]) for one in found["unsent"]] == [
        ("batch.progressed.v1", 10),
        ("batch.finished.v1", 20),
    ]


def test_results_of_a_chunk_that_somebody_began_are_replaced(system: System) -> None:
    upload(system, 10, told=False)
    batches, results = BatchStore(system.database("matching")), system.database("matching")["match_results"]

    batches.save_results([{"_id": f"b-1:{row}", "row": row, "verdict": None} for row in (1, 2)])
    batches.save_results([{"_id": f"b-1:{row}", "row": row, "verdict": "NEW"} for row in (1, 2, 3)])

    assert [(one["row"], one["verdict"]) for one in results.find().sort("row")] == [(1, "NEW"), (2, "NEW"), (3, "NEW")]


def test_a_running_batch_says_how_fast_it_is(system: System) -> None:
    upload(system, 30, told=False)
    batches = BatchStore(system.database("matching"))
    documents = system.database("matching")["match_batches"]
    begun = batches.begin("b-1", 1)
    assert begun
    assert begun["pace"]["rowsPerSecond"] is None

    batches.finish_chunk("b-1", 0, 1, {"done": 10, "new": 10})
    assert batch(system)["pace"]["rowsPerSecond"] is None
    earlier = datetime.now(UTC) - timedelta(seconds=10)
    documents.update_one({"_id": "b-1"}, {"$set": {"pace.since": earlier}})
    batches.finish_chunk("b-1", 1, 1, {"done": 10, "new": 10})

    pace = batch(system)["pace"]
    assert pace["done"] == 20
    assert pace["rowsPerSecond"] == pytest.approx(2.0, rel=0.2)
    assert (batches.begin("b-1", 1) or {})["pace"] == pace


def test_a_batch_without_a_row_is_finished_at_once(system: System) -> None:
    upload(system, 0)
    system.start_all(batches=True)

    assert finished(system)["finishedAt"]
