"""The updates of a topic in Redis: a stream of what is kept, and a snapshot of the latest beside it."""

from functools import cache
from typing import Any, cast

from django.conf import settings
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from realtime.live_results.update import Update

PAGE = 200
"""updates read at once, so that a long stream is never held in memory"""


class Streams:
    """Reads what ``workers/live_updates`` writes."""

    def __init__(self, redis: "Redis[bytes]", namespace: str) -> None:  # type: ignore[type-arg]
        self._redis = redis
        self._namespace = namespace

    async def latest(self, topic: str) -> Update | None:
        """The snapshot: the last update there was, if there was any."""
        text = await self._redis.get(f"{self._namespace}:snapshot:{topic}")
        return Update.from_json(None, text) if text else None

    async def following(self, topic: str, update_id: str) -> list[Update]:
        """The next page of updates that came after this one."""
        return await self._range(topic, f"({update_id}", "+", PAGE)

    async def exactly(self, topic: str, update_id: str) -> Update | None:
        """The update with this id, if the stream still keeps it."""
        found = await self._range(topic, update_id, update_id, 1)
        return found[0] if found else None

    async def first(self, topic: str) -> Update | None:
        """The oldest update the stream still keeps."""
        found = await self._range(topic, "-", "+", 1)
        return found[0] if found else None

    async def _range(self, topic: str, start: str, end: str, count: int) -> list[Update]:
        entries = await self._redis.xrange(f"{self._namespace}:updates:{topic}", start, end, count)
        found = cast("list[tuple[bytes, dict[bytes, bytes]]]", entries)
        return [Update.from_json(entry_id.decode(), fields[b"update"]) for entry_id, fields in found]


@cache
def redis_client() -> Any:
    """The process's connections to Redis, made when first asked."""
    pool = BlockingConnectionPool.from_url(
        settings.REDIS_URL,
        max_connections=settings.REDIS_CONNECTIONS,
        timeout=5,
        socket_timeout=5,
        socket_connect_timeout=2,
        # A connection that broke while idle is replaced at once; patience is decided in `updates`.
        retry=Retry(NoBackoff(), 1),
    )
    return Redis(connection_pool=pool)


async def close_redis_client() -> None:
    """Give the connections back at the stop of the process."""
    if redis_client.cache_info().currsize:
        await redis_client().aclose(close_connection_pool=True)
        redis_client.cache_clear()


def streams() -> Streams:
    """The streams of this installation."""
    return Streams(redis_client(), settings.DOORSTEP_NAMESPACE)
