"""The real processes of matching, and what others do to make them work."""

import signal
import subprocess
import threading
from typing import Any
from uuid import uuid4

import pymongo

from tests.workers.servers import MONGO_URL, Server, eventually
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
        self.told: list[dict[str, Any]] = []
        index = MongoIndex(self.database("matching"))
        index.prepare()
        index.keep([Change("a-1", 1, LILAS)])

    def database(self, service: str) -> Any:
        return self.client[f"{self.server.namespace}_{service}"]

    def start(self, name: str, *arguments: str, **environment: str) -> None:
        process = self.server.process(*arguments, **environment)
        lines: list[str] = []
        threading.Thread(target=lambda: lines.extend(process.stdout or []), daemon=True).start()
        self.processes[name], self.output[name] = process, lines

    def start_celery(self, name: str, queue: str, children: int = 1, **environment: str) -> None:
        queue = f"{self.server.namespace}.tasks.{queue}"
        arguments = ("-Q", queue, "-c", str(children), "-n", f"{name}@{self.server.namespace}", "--loglevel", "INFO")
        quiet = ("--without-gossip", "--without-mingle")
        self.start(name, "-m", "celery", "-A", "workers.matching.tasks", "worker", *arguments, *quiet, **environment)

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
        data = {
            "matchTaskId": task_id,
            "subscriberId": f"s-{task_id}",
            "recipient": {"name": "Ada", "email": "ada@example.org"},
            "address": address.as_document(),
        }
        self.tell("address.submitted.v1", data, document_id=f"s-{task_id}")
        return task_id

    def tell(
        self, type: str, data: dict[str, Any], *, source: str = "subscribers", document_id: str | None = None
    ) -> None:
        """Let a service tell a fact, the way all of them do: in the outbox of a document."""
        subject, collection = str(data.get("matchTaskId", "x")), "outbox" if source == "addresses" else source
        told = fact(type, source=f"/{source}", subject=subject, audience=["matching"], data=data, request_id="r-1")
        self.told.append(told)
        self.database(source)[collection].insert_one({"_id": document_id or str(uuid4()), "unsent": [told]})

    def task(self, task_id: str) -> dict[str, Any] | None:
        return self.database("matching")["match_tasks"].find_one({"_id": task_id})

    def answered(self, task_id: str) -> dict[str, Any]:
        def ask() -> Any:
            found = self.task(task_id)
            return found if found and found["status"] not in {"QUEUED", "RUNNING"} else None

        return eventually(ask, within=40)
