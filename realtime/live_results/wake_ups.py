"""
Being told that a topic has something new.

A wake-up carries no news, only the reason to read the stream: one that is lost costs a few seconds, never an update.
The process keeps one channel and joins it to the group of every topic somebody watches here.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any

import structlog
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

log = structlog.get_logger()


class WakeUps:
    """Every watcher of this process, by topic."""

    def __init__(self, layer: Any) -> None:
        self._layer = layer
        self._channel: str | None = None
        self._reader: asyncio.Task[None] | None = None
        self._watchers: dict[str, set[asyncio.Event]] = {}
        self._joined: set[str] = set()
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def watching(self, topic: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever the topic has something new, joined before the block begins."""
        event = asyncio.Event()
        self._watchers.setdefault(topic, set()).add(event)
        try:
            await self.join(topic)
            yield event
        finally:
            watchers = self._watchers[topic]
            watchers.discard(event)
            if not watchers:
                del self._watchers[topic]
                await asyncio.shield(self._leave(topic))

    async def join(self, topic: str) -> None:
        """Join the topic's group if that has not succeeded yet; while Redis is away, reading again must do."""
        if topic in self._joined:
            return
        async with self._lock:
            if topic in self._joined:
                return
            try:
                await self._layer.group_add(f"updates.{topic}", await self._own_channel())
            except (RedisError, OSError) as problem:
                log.warning("group not joined", topic=topic, problem=str(problem))
            else:
                self._joined.add(topic)

    async def _leave(self, topic: str) -> None:
        async with self._lock:
            if topic in self._watchers or topic not in self._joined:
                return
            self._joined.discard(topic)
            with suppress(RedisError, OSError):
                await self._layer.group_discard(f"updates.{topic}", self._channel)

    async def _own_channel(self) -> str:
        # Kept for good: while a channel is open the layer's receiver waits on the connection, instead of looking
        # ten times a second whether anybody came.
        if self._channel is None:
            self._channel = await self._layer.new_channel()
            self._reader = asyncio.create_task(self._read(self._channel))
        return self._channel

    async def _read(self, channel: str) -> None:
        while True:
            message = await self._layer.receive(channel)
            for event in self._watchers.get(message.get("topic", ""), ()):
                event.set()

    async def close(self) -> None:
        """Stop listening."""
        if self._reader:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        if self._channel:
            await self._layer.flush()


@cache
def wake_ups() -> WakeUps:
    """The wake-ups of this process."""
    return WakeUps(get_channel_layer())
