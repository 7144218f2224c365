"""Those who run the system see what waits, who works, and what was set aside; and send a dead letter once more."""

import asyncio
import json
from typing import Any

import pika
import pytest

from docker.local.demo.client import GraphQLClient
from docker.local.processes import SUBGRAPHS
from docker.local.up import RunningSystem
from tests.journeys.steps import until
from workers.chassis import broker
from workers.chassis.broker import Names
from workers.chassis.facts import fact

pytestmark = pytest.mark.asyncio(loop_scope="session")

SEEN = """{
  queues { name kind ready consumers waitingSeconds }
  workers { name queue since }
  serviceHealth { service isReady problem checks { name isOk finding } }
}"""
LETTERS = "{ deadLetters { id type reason setAsideBy body } }"
RETRY = "mutation R($id: ID!) { retryDeadLetter(id: $id) { problems { code message } } }"
DISCARD = "mutation D($id: ID!) { discardDeadLetter(id: $id) { problems { code message } } }"


async def test_every_service_is_ready_and_every_queue_is_read(system: RunningSystem, client: GraphQLClient) -> None:
    async def all_seen() -> dict[str, Any] | None:
        seen = await client.execute(SEEN)
        read = {one["name"] for one in seen["queues"] if one["kind"] == "FACTS" and one["consumers"]}
        return seen if len(read) >= 8 and len(seen["workers"]) > len(read) else None

    seen = await until(all_seen, what="what RabbitMQ counts every few seconds")

    health = {one["service"]: one for one in seen["serviceHealth"]}
    assert set(health) == {*SUBGRAPHS, "realtime", "gateway"}
    assert {name: one for name, one in health.items() if not one["isReady"]} == {}
    assert any(one["name"] == "doorstep matching" for one in seen["workers"])
    assert {one["kind"] for one in seen["queues"]} >= {"FACTS", "TASKS", "QUESTIONS", "DEAD_LETTERS"}


async def test_a_dead_letter_goes_back_to_who_set_it_aside(system: RunningSystem, client: GraphQLClient) -> None:
    names = Names(system.settings.namespace)
    told = fact("address.matched.v1", source="/matching", subject="t", audience=["subscribers"], data={})

    def set_aside() -> None:
        with pika.BlockingConnection(pika.URLParameters(system.infrastructure.rabbitmq_url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            headers = broker.set_aside_headers({}, listener="subscribers", reason="for the journey")
            broker.publish(channel, names.dead, "", json.dumps(told).encode(), headers)

    async def letters(reason: str) -> list[dict[str, Any]]:
        found = (await client.execute(LETTERS))["deadLetters"]
        return [one for one in found if told["id"] in one["body"] and reason in one["reason"]]

    await asyncio.to_thread(set_aside)
    [dead] = await until(lambda: letters("for the journey"), what="the dead letter")
    assert (dead["type"], dead["setAsideBy"]) == ("address.matched.v1", "subscribers")

    assert (await client.execute(RETRY, {"id": dead["id"]}))["retryDeadLetter"]["problems"] == []

    # Its listener looks at it anew: there is no token, so it is set aside once more, and now it says so.
    [again] = await until(lambda: letters("token"), what="the listener's own word")
    assert await letters("for the journey") == []
    assert (await client.execute(DISCARD, {"id": again["id"]}))["discardDeadLetter"]["problems"] == []
    assert await letters("") == []
