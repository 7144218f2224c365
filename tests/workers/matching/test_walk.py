"""From a fact in an outbox to a verdict in an outbox, over the real processes of this side."""

import signal
import subprocess
import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pymongo
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.workers.servers import MONGO_URL, Server, eventually, take
from workers.chassis.facts import fact
from workers.matching.index.mongo import Change, MongoIndex
from workers.matching.matcher import Address

LILAS = Address("12 rue des Lilas", postal_code="76000", city="Rouen", country="FR")


class System:
    """The processes of matching, and the databases they meet in."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(MONGO_URL, tz_aware=True)
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.output: dict[str, list[str]] = {}

    def database(self, service: str) -> Any:
        return self.client[f"{self.server.namespace}_{service}"]

    def start(self, name: str, *arguments: str) -> None:
        process = self.server.process(*arguments)
        lines: list[str] = []
        threading.Thread(target=lambda: lines.extend(process.stdout or []), daemon=True).start()
        self.processes[name], self.output[name] = process, lines

    def start_celery(self, name: str, queue: str, children: int = 1) -> None:
        queue = f"{self.server.namespace}.tasks.{queue}"
        arguments = ("-Q", queue, "-c", str(children), "-n", f"{name}@{self.server.namespace}", "--loglevel", "INFO")
        quiet = ("--without-gossip", "--without-mingle")
        self.start(name, "-m", "celery", "-A", "workers.matching.tasks", "worker", *arguments, *quiet)

    def start_all(self, *, batches: bool = False) -> None:
        self.start("relay", "-m", "workers.outbox_relay")
        self.start("listener", "-m", "workers.matching", "listen")
        if batches:
            self.start_celery("batches", "batches", 2)
        else:
            self.start_celery("tasks", "matching")

    def stop(self) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        self.client.close()

    def submit(self, address: Address, task_id: str | None = None) -> str:
        """What the subscribers service does: a document with its fact, in one write."""
        task_id = task_id or str(uuid4())
        told = fact(
            "address.submitted.v1",
            source="/subscribers",
            subject=task_id,
            audience=["matching", "notifications"],
            data={
                "matchTaskId": task_id,
                "subscriberId": f"s-{task_id}",
                "recipient": {"name": "Ada", "email": "ada@example.org"},
                "address": address.as_document(),
            },
            request_id="r-1",
        )
        self.database("subscribers")["subscribers"].insert_one({"_id": f"s-{task_id}", "unsent": [told]})
        return task_id

    def task(self, task_id: str) -> dict[str, Any] | None:
        return self.database("matching")["match_tasks"].find_one({"_id": task_id})

    def answered(self, task_id: str) -> dict[str, Any]:
        def ask() -> Any:
            found = self.task(task_id)
            return found if found and found["status"] not in {"QUEUED", "RUNNING"} else None

        return eventually(ask, within=40)


@pytest.fixture
def system(server: Server) -> Iterator[System]:
    system = System(server)
    index = MongoIndex(system.database("matching"))
    index.prepare()
    index.keep([Change("a-1", 1, LILAS)])
    yield system
    system.stop()


def told_to(channel: BlockingChannel, namespace: str, listener: str) -> Any:
    return eventually(lambda: take(channel, f"{namespace}.{listener}"), within=30)


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
        "decidedAt": "",
    }
    assert headers["service-token"]
    eventually(lambda: system.task(task_id)["unsent"] == [])
