"""What one reader of a live subscription has not taken yet: bounded, for a reader may be slow and updates large."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

from gateway_graphql.server.settings import LiveSettings

__all__ = ["TOO_SLOW", "Backlog"]

TOO_SLOW = "more updates than the client could read; subscribe again to go on"

Event = TypeVar("Event")


class Backlog(Generic[Event]):
    """Events in their order; ``settings`` say how many may wait, and how large all of them together may be."""

    def __init__(self, settings: LiveSettings) -> None:
        self._most = settings.buffered_updates
        self._most_bytes = settings.buffered_bytes
        self._bytes = 0
        self._waiting: asyncio.Queue[tuple[Event, int]] = asyncio.Queue()

    @property
    def is_full(self) -> bool:
        """Whether the reader is so far behind that nobody listens for it any more."""
        return self._waiting.qsize() >= self._most or self._bytes >= self._most_bytes

    def put(self, event: Event, size: int = 0) -> None:
        """One more; ``size`` in bytes. The end fits also where nothing else does."""
        self._bytes += size
        self._waiting.put_nowait((event, size))

    async def get(self) -> Event:
        """The next one."""
        event, size = await self._waiting.get()
        self._bytes -= size
        return event
