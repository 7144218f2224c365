"""Where answers are kept: in Redis, for all gateways together, or in this process."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from gateway_graphql.server.access_log import log
from gateway_graphql.server.caching.answers import AnswerStore
from gateway_graphql.server.settings import CacheSettings

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["InMemory", "InRedis", "store_of"]

T = TypeVar("T")
REDIS_SECONDS = 0.25
"""how long Redis may take: an answer that is asked anew is not much later"""
TRY_AGAIN = 5.0
"""seconds without Redis before it is asked again"""
TAG_SECONDS = 2 * 24 * 3600
"""how long a tag's version is kept: longer than any answer"""


def store_of(settings: CacheSettings) -> AnswerStore:
    """The store that the settings name."""
    if settings.redis_url is None:
        return InMemory(settings.memory_bytes)
    return InRedis(settings.redis_url, settings.redis_prefix)


class InRedis:
    """
    Answers in Redis, under ``{prefix}:answer:{key}``; the versions of tags under ``{prefix}:tag:{tag}``.

    Whoever knows that something has changed calls answers back by writing there: ``SET {prefix}:tag:{tag} <anything new>``.
    Where Redis is away, nothing is kept, and nobody waits for it. A Redis that makes room by itself must not forget tags before
    answers: answers have the shorter time to live, so ``volatile-ttl`` is right.
    """

    def __init__(self, url: str, prefix: str) -> None:
        self._url = url
        self._prefix = prefix
        self._redis: Redis | None = None
        self._ask_at = 0.0

    async def read(self, keys: Sequence[str], tags: Sequence[str]) -> tuple[list[bytes | None], list[str]]:
        """See :class:`AnswerStore`; when Redis is away, no version is told, so that nothing is kept."""
        names = [*map(self._answer, keys), *map(self._tag, tags)]
        found = await self._asked(lambda redis: redis.mget(names))
        if found is None:
            return [None] * len(keys), [] if tags else ["away"]
        answers: list[Any] = found[: len(keys)]
        versions: list[Any] = found[len(keys) :]
        return answers, [(version or b"").decode() for version in versions]

    async def write(self, entries: Sequence[tuple[str, bytes, int]]) -> None:
        """See :class:`AnswerStore`."""

        async def write(redis: Redis) -> bool:
            async with redis.pipeline(transaction=False) as pipeline:
                for key, value, seconds in entries:
                    pipeline.set(self._answer(key), value, ex=seconds)
                await pipeline.execute()
            return True

        await self._asked(write)

    async def call_back(self, tags: Sequence[str]) -> None:
        """See :class:`AnswerStore`."""

        async def write(redis: Redis) -> bool:
            async with redis.pipeline(transaction=False) as pipeline:
                for tag in tags:
                    pipeline.set(self._tag(tag), uuid.uuid4().hex, ex=TAG_SECONDS)
                await pipeline.execute()
            return True

        await self._asked(write)

    async def close(self) -> None:
        """See :class:`AnswerStore`."""
        if self._redis is not None:
            await self._redis.aclose()

    def _answer(self, key: str) -> str:
        return f"{self._prefix}:answer:{key}"

    def _tag(self, tag: str) -> str:
        return f"{self._prefix}:tag:{tag}"

    async def _asked(self, ask: Callable[[Redis], Awaitable[T]]) -> T | None:
        """What Redis says; None when it is away."""
        if time.monotonic() < self._ask_at:
            return None
        try:
            async with asyncio.timeout(2 * REDIS_SECONDS):
                if self._redis is None:
                    self._redis = _connected(self._url)
                return await ask(self._redis)
        except Exception as problem:
            # A cache is not worth an outage.
            self._ask_at = time.monotonic() + TRY_AGAIN
            log.warning("answers are not kept: Redis is away", problem=type(problem).__name__)
            return None


def _connected(url: str) -> Redis:
    # Loaded only where something is kept: that takes longer than much of a start.
    from redis.asyncio import Redis

    options: Any = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
    redis: Redis = Redis.from_url(url, **options)
    return redis


class InMemory:
    """Answers of this process alone; beyond ``most_bytes`` of them, those go that were used longest ago."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._size = 0
        self._answers: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._tags: dict[str, str] = {}
        self._changes = 0

    async def read(self, keys: Sequence[str], tags: Sequence[str]) -> tuple[list[bytes | None], list[str]]:
        """See :class:`AnswerStore`."""
        return [self._answer(key) for key in keys], [self._tags.get(tag, "") for tag in tags]

    async def write(self, entries: Sequence[tuple[str, bytes, int]]) -> None:
        """See :class:`AnswerStore`."""
        until = time.monotonic()
        for key, value, seconds in entries:
            self._drop(key)
            if len(value) <= self._most:
                self._answers[key] = (value, until + seconds)
                self._size += len(value)
        while self._size > self._most:
            self._drop(next(iter(self._answers)))

    async def call_back(self, tags: Sequence[str]) -> None:
        """See :class:`AnswerStore`."""
        self._changes += 1
        self._tags.update((tag, str(self._changes)) for tag in tags)

    async def close(self) -> None:
        """See :class:`AnswerStore`."""

    def _answer(self, key: str) -> bytes | None:
        found = self._answers.get(key)
        if found is None:
            return None
        if time.monotonic() >= found[1]:
            self._drop(key)
            return None
        self._answers.move_to_end(key)
        return found[0]

    def _drop(self, key: str) -> None:
        dropped = self._answers.pop(key, None)
        if dropped is not None:
            self._size -= len(dropped[0])
