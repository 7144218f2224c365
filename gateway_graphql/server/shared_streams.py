"""Live subscriptions that are alike in every byte become one stream of the subgraph, where the settings allow it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Hashable
from contextlib import aclosing
from typing import Any, cast

from gateway_graphql.execution.errors import SubgraphError
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from gateway_graphql.server.backlog import TOO_SLOW, Backlog
from gateway_graphql.server.envelope import envelope
from gateway_graphql.server.json_text import dumps, loads
from gateway_graphql.server.request_id import identity_of
from gateway_graphql.server.settings import LiveSettings

__all__ = ["SharedStreams"]

Event = dict[str, Any]
Open = Callable[[SubgraphRequest], AsyncIterator[Event]]


class SharedStreams:
    """
    Opens each stream once, for all who ask for it while it is open; the last who leaves closes it.

    Who joins hears what comes from then on: it is for streams that have no beginning of their own.
    """

    def __init__(self, open_stream: Open, live: LiveSettings) -> None:
        """``live``: how much may wait for one reader before its own subscription ends."""
        self._open_stream = open_stream
        self._live = live
        self._streams: dict[Hashable, _Shared] = {}

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[Event]:
        """Every event of the stream from now on, each for this reader alone."""
        key = _key(request)
        shared = self._streams.get(key)
        if shared is None:
            shared = self._streams[key] = _Shared(request.subgraph, self._open_stream(request), self._live)
            shared.reading.add_done_callback(lambda _: self._forget(key, shared))
        reader = shared.join()
        try:
            while (event := await reader.get()) is not None:
                if isinstance(event, Exception):
                    raise event
                yield loads(event)
        finally:
            if shared.leave(reader):
                self._forget(key, shared)
                await shared.close()

    def _forget(self, key: Hashable, shared: _Shared) -> None:
        if self._streams.get(key) is shared:
            del self._streams[key]


Told = bytes | Exception | None
"""an event, what ended the stream, or its end"""


class _Shared:
    def __init__(self, subgraph: str, events: AsyncIterator[Event], live: LiveSettings) -> None:
        self._subgraph = subgraph
        self._live = live
        self._readers: set[Backlog[Told]] = set()
        self.reading = asyncio.create_task(self._read(events))

    def join(self) -> Backlog[Told]:
        """What this reader has not taken yet."""
        reader: Backlog[Told] = Backlog(self._live)
        self._readers.add(reader)
        return reader

    def leave(self, reader: Backlog[Told]) -> bool:
        """Whether nobody is left."""
        self._readers.discard(reader)
        return not self._readers

    async def close(self) -> None:
        """Leave the subgraph's stream."""
        self.reading.cancel()
        await asyncio.gather(self.reading, return_exceptions=True)

    async def _read(self, events: AsyncIterator[Event]) -> None:
        end: Told = None
        try:
            async with aclosing(cast(Any, events)):
                async for event in events:
                    self._tell(dumps(event))  # each reader changes its own copy
        except Exception as problem:
            end = problem
        for reader in self._readers:
            reader.put(end)

    def _tell(self, event: bytes) -> None:
        for reader in list(self._readers):
            if not reader.is_full:
                reader.put(event, len(event))
                continue
            # One who reads too slowly must hold up nobody else, and must not be left with a gap.
            self._readers.discard(reader)
            reader.put(SubgraphError(self._subgraph, TOO_SLOW))


def _key(request: SubgraphRequest) -> Hashable:
    return request.subgraph, request.url, dumps(envelope(request)), identity_of(request)
