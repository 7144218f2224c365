"""Each reader is thanked by one letter, through plain RabbitMQ or through Celery, whoever is killed in between."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pymongo
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pymongo.collection import Collection

from tests.workers.notifications.mail_server import MailServer
from tests.workers.notifications.test_sending import kill_all
from tests.workers.servers import MONGO_URL, Server, eventually, take
from tests.workers.telling import made, tell, wait_for_listener

REPOSITORY = Path(__file__).parents[3]
THANKED = json.loads((REPOSITORY / "workers/suggestions/contracts/suggestion_thanked.v1.json").read_text())
DOCUMENT = json.loads((REPOSITORY / "subgraphs/suggestions/contracts/suggestion.document.json").read_text())
COUNT = 60


@pytest.fixture
def suggestions(server: Server) -> Collection[dict[str, Any]]:
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(MONGO_URL, tz_aware=True)
    return client[f"{server.namespace}_suggestions"]["suggestions"]


def suggested(suggestions: Collection[dict[str, Any]], number: int) -> dict[str, Any]:
    """Keep a suggestion as the subgraph does; the fact that tells of it."""
    id = f"g-{number}"
    document = {**DOCUMENT["examples"][0], "_id": id, "email": f"ada{number}@example.org", "status": "RECEIVED"}
    suggestions.insert_one(document | {"letterId": None, "thankedAt": None, "receivedAt": datetime.now(UTC)})
    return made("suggestion.received.v1", {"suggestionId": id}, source="/suggestions")


class Worker:
    """The processes of the worker, one of which is killed."""

    def __init__(self, server: Server, channel: BlockingChannel, way: str) -> None:
        self._server, self._channel, self._way = server, channel, way
        queue = f"{server.namespace}.tasks.suggestions"
        self._commands = {
            "suggestions": ("-m", "workers.suggestions", "listen"),
            "tasks.suggestions": (
                *("-m", "celery", "-A", "workers.suggestions.tasks", "worker"),
                *("-Q", queue, "-c", "1", "-l", "WARNING"),
            ),
        }
        self.does_it = "suggestions" if way == "rabbitmq" else "tasks.suggestions"
        """the queue of the process that thanks"""
        self._running = {name: self._start(name) for name in self._commands}

    def _start(self, name: str) -> Any:
        return self._server.process(*self._commands[name], SUGGESTIONS_LETTERS_BY=self._way)

    def wait(self) -> None:
        for name in self._commands:
            wait_for_listener(self._channel, self._server, name)

    def kill(self) -> None:
        kill_all(self._running[self.does_it].pid)
        self._running[self.does_it].wait()

    def start_again(self) -> None:
        self._running[self.does_it] = self._start(self.does_it)

    def end(self) -> None:
        for process in self._running.values():
            process.terminate()
        self.said = {name: process.communicate(timeout=20)[0] for name, process in self._running.items()}


@pytest.mark.parametrize("way", ["rabbitmq", "celery"])
def test_every_reader_is_thanked_once_though_the_worker_is_killed_in_the_middle(
    server: Server, channel: BlockingChannel, suggestions: Collection[dict[str, Any]], way: str
) -> None:
    worker = Worker(server, channel, way)
    try:
        worker.wait()
        for number in range(COUNT):
            told = suggested(suggestions, number)
            tell(channel, server, told)
            if number % 3 == 0:
                tell(channel, server, told)
        eventually(lambda: suggestions.count_documents({"status": "THANKED"}) > 5, within=30)
        worker.kill()
        worker.start_again()
        eventually(lambda: suggestions.count_documents({"status": "THANKED"}) == COUNT, within=60)
        # What was told twice, and what was in hand when the worker was killed, comes once more; it finds the work done.
        worker.wait()
        eventually(
            lambda: not channel.queue_declare(f"{server.namespace}.{worker.does_it}", passive=True).method.message_count
        )
    finally:
        worker.end()

    # How long each had waited for its turn is in the line about it, which alerts read.
    event = {"rabbitmq": "fact handled", "celery": "task done"}[way]
    lines = [json.loads(line) for line in worker.said[worker.does_it].splitlines() if f'"{event}"' in line]
    assert lines
    assert all(0 <= line["waited_ms"] < 60_000 for line in lines if line.get("attempt", 1) == 1)
    for document in suggestions.find():
        (fact,) = document["unsent"]
        jsonschema.validate(fact, THANKED)
        assert fact["data"]["letter"]["recipients"][0]["email"] == document["email"]
        assert fact["data"]["letter"]["recipients"][0]["letterId"] == document["letterId"]
    assert take(f"{server.namespace}.dead_letters") is None


@pytest.mark.parametrize("way", ["rabbitmq", "celery"])
def test_a_suggestion_that_is_none_is_set_aside_with_the_reason(
    server: Server, channel: BlockingChannel, suggestions: Collection[dict[str, Any]], way: str
) -> None:
    worker = Worker(server, channel, way)
    try:
        worker.wait()
        tell(channel, server, made("suggestion.received.v1", {"suggestionId": "nothing"}, source="/suggestions"))
        dead = eventually(lambda: take(f"{server.namespace}.dead_letters"), within=30)
    finally:
        worker.end()

    headers, _ = dead
    if way == "rabbitmq":
        assert headers["reason"] == "there is no suggestion 'nothing'"
    assert suggestions.count_documents({}) == 0


def test_the_letter_is_sent_once_by_the_post_office_however_often_it_is_handed_in(
    server: Server, channel: BlockingChannel, suggestions: Collection[dict[str, Any]]
) -> None:
    with MailServer() as mail:
        settings = {"SMTP_URL": mail.url, "SMTP_TIMEOUT": "1"}
        queue = f"{server.namespace}.tasks.notifications"
        processes = [
            server.process("-m", "workers.notifications", "listen", **settings),
            server.process(
                *(
                    "-m",
                    "celery",
                    "-A",
                    "workers.notifications.tasks",
                    "worker",
                    "-Q",
                    queue,
                    "-c",
                    "1",
                    "-l",
                    "WARNING",
                ),
                **settings,
            ),
        ]
        try:
            wait_for_listener(channel, server, "notifications")
            wait_for_listener(channel, server, "tasks.notifications")
            told: Mapping[str, Any] = made(
                "suggestion.thanked.v1", THANKED["examples"][0]["data"], source="/suggestions"
            )
            for _ in range(3):
                tell(channel, server, told)
            letters = suggestions.database.client[f"{server.namespace}_notifications"]["notifications"]
            eventually(lambda: letters.count_documents({"status": "SENT"}) == 1, within=30)
            eventually(lambda: not channel.queue_declare(queue, passive=True).method.message_count)
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(20)

    (taken,) = mail.taken
    assert b"To: Ada Lovelace <ada@example.org>" in taken
    assert b"Subject: Thank you for your suggestion" in taken
    (letter,) = letters.find()
    assert (letter["kind"], letter["subscriberId"], letter["matchTaskId"], letter["unsent"]) == (
        "THANKS",
        None,
        None,
        [],
    )
    contract = json.loads((REPOSITORY / "subgraphs/notifications/contracts/notification.document.json").read_text())
    shown = {name: str(value) if name in ("intendedAt", "sentAt") else value for name, value in letter.items()}
    jsonschema.validate(shown, contract)
