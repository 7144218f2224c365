"""The operations service under its own settings, on a real RabbitMQ with its management API, in a namespace of its own."""

import os
from collections.abc import Callable, Iterator

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.subgraphs.service import NAMESPACE, RABBITMQ_URL, GraphQLOfService, set_environment

set_environment("operations")
os.environ.setdefault("RABBITMQ_MANAGEMENT_URL", "http://guest:guest@127.0.0.1:15672")

import django  # noqa: E402

django.setup()

DEAD = f"{NAMESPACE}.dead"
DEAD_LETTERS = f"{NAMESPACE}.dead_letters"
MATCHING = f"{NAMESPACE}.matching"
TASKS = f"{NAMESPACE}.tasks"
TASK_QUEUE = f"{NAMESPACE}.tasks.matching"
QUORUM = {"x-queue-type": "quorum"}
KILLS = {
    **QUORUM,
    "x-dead-letter-exchange": DEAD,
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}


@pytest.fixture
def channel() -> Iterator[BlockingChannel]:
    """The broker, with what workers make on it: a listener, tasks, and dead letters."""
    connection = pika.BlockingConnection(pika.URLParameters(RABBITMQ_URL))
    opened = connection.channel()
    opened.confirm_delivery()
    opened.exchange_declare(DEAD, "fanout", durable=True)
    opened.queue_declare(DEAD_LETTERS, durable=True, arguments=QUORUM)
    opened.queue_bind(DEAD_LETTERS, DEAD)
    opened.exchange_declare(f"{MATCHING}.again", "direct", durable=True)
    opened.queue_declare(MATCHING, durable=True, arguments=KILLS)
    opened.queue_bind(MATCHING, f"{MATCHING}.again", routing_key=MATCHING)
    opened.exchange_declare(TASKS, "topic", durable=True)
    opened.queue_declare(TASK_QUEUE, durable=True, arguments=KILLS)
    opened.queue_bind(TASK_QUEUE, TASKS, routing_key=TASK_QUEUE)
    yield opened
    connection.close()
    with pika.BlockingConnection(pika.URLParameters(RABBITMQ_URL)) as last:
        after = last.channel()
        for queue in (DEAD_LETTERS, MATCHING, TASK_QUEUE):
            after.queue_delete(queue)
        for exchange in (DEAD, f"{MATCHING}.again", TASKS):
            after.exchange_delete(exchange)


@pytest.fixture
def ask() -> GraphQLOfService:
    """The service's GraphQL endpoint."""
    return GraphQLOfService("operations")


@pytest.fixture
def settings_of() -> Iterator[Callable[..., None]]:
    """Change settings of the service for one test."""
    from django.test import override_settings

    changed: list[override_settings] = []

    def change(**settings: object) -> None:
        changed.append(override_settings(**settings))
        changed[-1].enable()

    yield change
    for one in changed:
        one.disable()
