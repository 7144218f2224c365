"""The real servers the tests talk to, and how their leftovers are removed."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import pika
import pika.exceptions
import pymongo

MONGO_URL = os.environ.get("MONGO_URL", "mongodb://127.0.0.1:27017/?replicaSet=rs0")
RABBITMQ_URL = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/%2F")

T = TypeVar("T")


@dataclass(frozen=True)
class Server:
    """One namespace on the real servers."""

    namespace: str
    environment: Mapping[str, str]

    def process(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start a Python process in this namespace."""
        return subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, **self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def talking_process(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start a Python process in this namespace that is told what to do on its standard input."""
        return subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, **self.environment, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )


def eventually(ask: Callable[[], T], *, within: float = 15.0) -> T:
    """Ask until the answer is true; the last answer is in the failure."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s; the last answer was {answer!r}")
        pause.wait(0.03)


def take(queue: str) -> tuple[Mapping[str, Any], Any] | None:
    """The next message of a queue: its headers and what its JSON says; ``None`` while there is none."""
    # A connection of its own: asking for a queue that is just being made may close it.
    try:
        with pika.BlockingConnection(pika.URLParameters(RABBITMQ_URL)) as connection:
            method, properties, body = connection.channel().basic_get(queue, auto_ack=True)
    except pika.exceptions.AMQPError:
        return None
    if method is None:
        return None
    try:
        said = json.loads(body)
    except ValueError:
        said = body
    return properties.headers or {}, said


def waiting(queue: str) -> int | None:
    """How many messages wait in a queue; ``None`` where there is no such queue."""
    connection = pika.BlockingConnection(pika.URLParameters(RABBITMQ_URL))
    try:
        return int(connection.channel().queue_declare(queue, passive=True).method.message_count)
    except pika.exceptions.AMQPError:
        return None
    finally:
        if connection.is_open:
            connection.close()


LISTENERS = (
    "subscribers",
    "addresses",
    "matching",
    "notifications",
    "suggestions",
    "discounts",
    "logs",
    "live_updates",
    "caches",
)


def drop_queues(namespace: str) -> None:
    """Remove everything of a namespace from the broker."""
    connection = pika.BlockingConnection(pika.URLParameters(RABBITMQ_URL))
    channel = connection.channel()
    delays = (50, 100, 1_000, 5_000, 15_000, 60_000, 300_000)
    names = [*LISTENERS, *(f"{name}.again.{delay}" for name in LISTENERS for delay in delays), "dead_letters", "search"]
    names += [f"tasks.{name}" for name in ("matching", "batches", "addresses", "notifications", "suggestions", "test")]
    for name in names:
        channel.queue_delete(f"{namespace}.{name}")
    for name in ("facts", "dead", "tasks", "log_lines", *(f"{name}.again" for name in LISTENERS)):
        channel.exchange_delete(f"{namespace}.{name}")
    connection.close()


def drop_databases(namespace: str) -> None:
    """Remove the databases of a namespace."""
    with pymongo.MongoClient(MONGO_URL, serverSelectionTimeoutMS=5_000) as client:
        for name in client.list_database_names():
            if name.startswith(f"{namespace}_"):
                client.drop_database(name)
