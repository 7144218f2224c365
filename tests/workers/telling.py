"""Telling facts as the relay does, and reading what a listener makes of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pika
import pika.exceptions
from pika.adapters.blocking_connection import BlockingChannel

from tests.workers.servers import Server, eventually
from workers.chassis.facts import Heard, fact
from workers.chassis.identity import Identity

REPOSITORY = Path(__file__).parents[2]


def heard(type: str, data: Mapping[str, Any], *, source: str = "/matching", **more: Any) -> Heard:
    """A fact as a listener hears it."""
    return Heard.from_bytes(json.dumps(made(type, data, source=source) | more).encode())


def made(type: str, data: Mapping[str, Any], *, source: str = "/matching", **more: Any) -> dict[str, Any]:
    """A fact that somebody tells everybody."""
    everybody = [
        "subscribers",
        "addresses",
        "matching",
        "notifications",
        "suggestions",
        "discounts",
        "live_updates",
        "caches",
    ]
    return fact(type, source=source, subject="test", audience=everybody, data=data, **more)


def listens(channel: BlockingChannel, queue: str) -> bool:
    """Whether somebody reads this queue."""
    probe = channel.connection.channel()
    try:
        return bool(probe.queue_declare(queue, passive=True).method.consumer_count)
    except pika.exceptions.ChannelClosedByBroker:
        return False
    finally:
        if probe.is_open:
            probe.close()


def wait_for_listener(channel: BlockingChannel, server: Server, name: str) -> None:
    """Wait until a listener, or a Celery worker, reads its queue."""
    eventually(lambda: listens(channel, f"{server.namespace}.{name}"), within=30)


def tell(channel: BlockingChannel, server: Server, told: Mapping[str, Any]) -> None:
    """Publish a fact with its teller's token."""
    teller = Identity(
        told["source"].removeprefix("/"), server.environment[f"{told['source'].strip('/').upper()}_SERVICE_KEY"]
    )
    token = teller.sign(told["audience"], lifetime=300, subject=told["id"], claims={"typ_fact": told["type"]})
    properties = pika.BasicProperties(
        content_type="application/cloudevents+json", delivery_mode=2, headers={"service-token": token}
    )
    channel.basic_publish(
        f"{server.namespace}.facts", told["type"], json.dumps(told).encode(), properties, mandatory=True
    )


def examples(path: str) -> list[dict[str, Any]]:
    """The examples of a contract."""
    return list(json.loads((REPOSITORY / path).read_text())["examples"])
