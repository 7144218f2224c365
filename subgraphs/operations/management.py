"""What RabbitMQ's management API says: queues, and who reads them."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
from django.conf import settings


class BrokerAway(Exception):
    """The management API does not answer as it should; the text says how."""


@dataclass(frozen=True)
class Queue:
    """One queue of this system."""

    vhost: str
    name: str
    ready: int
    unacknowledged: int
    consumers: int
    published_per_second: float
    delivered_per_second: float

    @property
    def depth(self) -> int:
        """All that is in it, taken or not."""
        return self.ready + self.unacknowledged


@dataclass(frozen=True)
class Reader:
    """Somebody who reads a queue: a listener, or a worker of Celery."""

    vhost: str
    queue: str
    tag: str
    connection: str
    """the name that it gave its connection, else its address"""
    prefetch: int
    unacknowledged: int
    since: datetime | None


async def queues() -> list[Queue]:
    """
    Every queue of this system's namespace.

    :raises BrokerAway: nobody answers.
    """
    return [_queue(one) for one in await _asked("queues") if _is_ours(one["vhost"], one["name"])]


async def readers() -> list[Reader]:
    """
    Everybody who reads one of them.

    :raises BrokerAway: nobody answers.
    """
    connections = {one["name"]: one for one in await _asked("connections")}
    return [
        _reader(one, connections.get(one["channel_details"].get("connection_name"), {}))
        for one in await _asked("consumers")
        if one.get("channel_details") and _is_ours(one["queue"]["vhost"], one["queue"]["name"])
    ]


def tls() -> ssl.SSLContext:
    """Whom this service believes over TLS."""
    return ssl.create_default_context(cafile=settings.CA_FILE)


async def _asked(what: str) -> Sequence[Mapping[str, Any]]:
    url = f"{settings.RABBITMQ_MANAGEMENT_URL.rstrip('/')}/api/{what}"
    timeout = aiohttp.ClientTimeout(total=settings.PATIENCE)
    connector = aiohttp.TCPConnector(ssl=tls() if url.startswith("https") else True)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, connector=connector) as session,
            session.get(url) as answer,
        ):
            if answer.status != 200:
                raise BrokerAway(f"RabbitMQ's management API answered {answer.status} to /api/{what}")
            found: Sequence[Mapping[str, Any]] = await answer.json()
            return found
    except (aiohttp.ClientError, TimeoutError, ValueError) as problem:
        raise BrokerAway(f"RabbitMQ's management API does not answer ({type(problem).__name__})") from None


def _is_ours(vhost: str, queue: str) -> bool:
    namespace = settings.NAMESPACE
    return vhost.startswith(f"{namespace}.") or queue.startswith(f"{namespace}.")


def _queue(told: Mapping[str, Any]) -> Queue:
    rates = told.get("message_stats", {})
    return Queue(
        vhost=told["vhost"],
        name=told["name"],
        # Of a queue that has just been made not everything is known yet.
        ready=told.get("messages_ready", 0),
        unacknowledged=told.get("messages_unacknowledged", 0),
        consumers=told.get("consumers", 0),
        published_per_second=_rate(rates, "publish_details"),
        delivered_per_second=_rate(rates, "deliver_get_details"),
    )


def _rate(rates: Mapping[str, Any], name: str) -> float:
    return float(rates.get(name, {}).get("rate", 0.0))


def _reader(told: Mapping[str, Any], connection: Mapping[str, Any]) -> Reader:
    named = connection.get("client_properties", {}).get("connection_name")
    since = connection.get("connected_at")
    return Reader(
        vhost=told["queue"]["vhost"],
        queue=told["queue"]["name"],
        tag=told["consumer_tag"],
        connection=str(named or told["channel_details"].get("connection_name") or "unknown"),
        prefetch=told.get("prefetch_count", 0),
        unacknowledged=told["channel_details"].get("messages_unacknowledged", 0),
        since=datetime.fromtimestamp(since / 1000, UTC) if since else None,
    )
