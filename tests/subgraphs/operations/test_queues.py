"""Queues and who reads them, as the broker says."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel

from subgraphs.operations.kinds import kind_of
from subgraphs.operations.management import Queue
from subgraphs.operations.waiting import Waiting
from tests.subgraphs.operations.conftest import MATCHING
from tests.subgraphs.service import NAMESPACE, RABBITMQ_URL, GraphQLOfService

QUEUES = "{ queues { name vhost kind ready unacknowledged consumers waitingSeconds } }"
WORKERS = "{ workers { name queue prefetch unacknowledged since } }"


async def told(ask: GraphQLOfService, query: str, fits: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """Ask until the broker, which counts every few seconds, says so."""
    (name,) = (await ask(query)).data
    async with asyncio.timeout(30):
        while True:
            found: list[dict[str, Any]] = (await ask(query)).data[name]
            if fits(found):
                return found
            await asyncio.sleep(0.2)  # between two questions


def named(name: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    return next((one for one in found if one["name"] == name), {})


async def test_a_queue_says_what_waits_in_it_and_for_how_long(ask: GraphQLOfService, channel: BlockingChannel) -> None:
    for number in range(3):
        channel.basic_publish(f"{MATCHING}.again", MATCHING, str(number).encode(), mandatory=True)
    found = await told(ask, QUEUES, lambda queues: named(MATCHING, queues).get("ready") == 3)

    matching = named(MATCHING, found)
    assert (matching["kind"], matching["unacknowledged"], matching["consumers"]) == ("FACTS", 0, 0)
    assert matching["waitingSeconds"] >= 0
    assert named(f"{NAMESPACE}.dead_letters", found)["waitingSeconds"] is None
    assert {one["name"].split(".")[0] for one in found} == {NAMESPACE}
    assert found[0]["name"] == MATCHING

    channel.queue_purge(MATCHING)
    await told(ask, QUEUES, lambda queues: named(MATCHING, queues).get("waitingSeconds", 0) is None)


async def test_who_reads_a_queue_is_told_by_name(ask: GraphQLOfService, channel: BlockingChannel) -> None:
    parameters = pika.URLParameters(RABBITMQ_URL)
    parameters.client_properties = {"connection_name": "doorstep matching"}
    with pika.BlockingConnection(parameters) as connection:
        reading = connection.channel()
        reading.basic_qos(prefetch_count=7)
        reading.basic_consume(MATCHING, lambda *_: None)

        found = await told(ask, WORKERS, lambda workers: any(one["name"] == "doorstep matching" for one in workers))

    [reader] = [one for one in found if one["queue"] == MATCHING]
    assert (reader["name"], reader["prefetch"]) == ("doorstep matching", 7)
    assert reader["since"]


def queue(ready: int, name: str = "q") -> Queue:
    return Queue("/", name, ready, 0, 0, 0.0, 0.0)


def test_what_waits_has_waited_since_the_queue_was_seen_empty_last(monkeypatch: Any) -> None:
    now = 100.0
    monkeypatch.setattr("subgraphs.operations.waiting.time.time", lambda: now)
    waiting = Waiting()
    waiting.look([queue(0)])
    assert waiting.seconds(queue(0)) is None
    now = 110.0
    waiting.look([queue(2)])
    now = 125.0
    waiting.look([queue(1), queue(5, "other")])
    assert (waiting.seconds(queue(1)), waiting.seconds(queue(5, "other"))) == (15.0, 0.0)
    waiting.look([queue(0)])
    now = 130.0
    waiting.look([queue(3)])
    assert waiting.seconds(queue(3)) == 0.0


def test_the_name_of_a_queue_says_what_it_is_for() -> None:
    for vhost, name, kind in (
        ("/", f"{NAMESPACE}.matching", "FACTS"),
        ("/", f"{NAMESPACE}.matching.again.5000", "LATER"),
        ("/", f"{NAMESPACE}.dead_letters", "DEAD_LETTERS"),
        (f"{NAMESPACE}.tasks.matching", f"{NAMESPACE}.tasks.batches", "TASKS"),
        (f"{NAMESPACE}.tasks.matching", "celery_delayed_3", "LATER"),
        (f"{NAMESPACE}.search", f"{NAMESPACE}.search", "QUESTIONS"),
        ("/", "somebody.else", "OTHER"),
    ):
        assert kind_of(vhost, name) == kind, name


async def test_a_broker_that_does_not_answer_is_an_error_that_says_so(
    ask: GraphQLOfService, settings_of: Callable[..., None]
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    settings_of(RABBITMQ_MANAGEMENT_URL=f"http://127.0.0.1:{port}", RABBITMQ_URL=f"amqp://127.0.0.1:{port}/%2F")
    for query in (
        QUEUES,
        WORKERS,
        "{ deadLetters { id } }",
        'mutation { discardDeadLetter(id: "Lw==") { problems { code } } }',
    ):
        answer = await ask(query)
        assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["BROKER_UNAVAILABLE"], query


async def test_nobody_without_the_scope_is_told_anything(ask: GraphQLOfService) -> None:
    for query in (
        QUEUES,
        WORKERS,
        "{ deadLetters { id } }",
        "{ serviceHealth { service } }",
        "{ operationsConsoles { url } }",
    ):
        answer = await ask.on_behalf_of("ada", "register:read")(query)
        assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["FORBIDDEN"], query
