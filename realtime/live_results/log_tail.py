"""
The log lines of all services as they come, for those who watch.

The process reads one short stream in Redis, however many watch here, and only while somebody does. Whoever reads slowly keeps
a few hundred lines that wait and loses the oldest of them; nobody else waits, and the next line says how many were lost.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import structlog
from django.conf import settings
from graphql import GraphQLError
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()

LEVELS = ("debug", "info", "warning", "error", "critical")
BLOCK_MS = 1_000
"""how long one reading waits for lines; shorter than the client's patience with its socket"""
BATCHES = 20
"""read at once"""


@dataclass(frozen=True)
class OnlyLines:
    """Which lines somebody watches; ``None``: any."""

    level: str | None = None
    """this one and what matters more"""
    service: str | None = None
    text: str | None = None
    """somewhere in the line, in lower case"""

    def let_through(self, entry: Mapping[str, Any]) -> bool:
        """Whether this line is one of them."""
        return (
            (self.level is None or LEVELS.index(entry["level"]) >= LEVELS.index(self.level))
            and (self.service is None or entry["service"] == self.service)
            and (self.text is None or self.text in entry["line"].lower())
        )


@dataclass(frozen=True)
class Line:
    """One line, and what was lost before it."""

    entry: Mapping[str, Any]
    skipped: int


@dataclass(eq=False)
class Watcher:
    """Somebody who watches, and the lines that wait for them."""

    only: OnlyLines
    most: int
    _waiting: deque[Mapping[str, Any]] = field(default_factory=deque)
    _skipped: int = 0
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _problem: Exception | None = None

    def offer(self, entry: Mapping[str, Any]) -> None:
        """Let the line wait, if it is one of theirs; the oldest goes where too many do."""
        if not self.only.let_through(entry):
            return
        if len(self._waiting) >= self.most:
            self._waiting.popleft()
            self._skipped += 1
        self._waiting.append(entry)
        self._woken.set()

    def fail(self, problem: Exception) -> None:
        """Nothing will come any more."""
        self._problem = problem
        self._woken.set()

    async def lines(self) -> AsyncGenerator[Line, None]:
        """What comes, for as long as somebody listens."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._waiting:
                skipped, self._skipped = self._skipped, 0
                yield Line(self._waiting.popleft(), skipped)
            if self._problem:
                raise self._problem


class LogTailUnavailable(GraphQLError):
    """Redis has been away for too long."""

    def __init__(self) -> None:
        super().__init__(
            "the log is not available at the moment; subscribe again, and ask `logEntries` for what was missed",
            extensions={"code": "LIVE_UPDATES_UNAVAILABLE"},
        )


class LogTail:
    """
    Reads for all who watch in this process.

    :param most: lines that wait for one of them
    :param patience: seconds Redis may be away before they are told
    """

    def __init__(self, url: str, key: str, *, most: int, patience: float) -> None:
        self._url = url
        self._key = key
        self._most = most
        self._patience = patience
        self._watchers: set[Watcher] = set()
        self._reading: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watching(self, only: OnlyLines) -> AsyncIterator[Watcher]:
        """Somebody watches until the block ends."""
        watcher = Watcher(only, self._most)
        self._watchers.add(watcher)
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    async def _read(self) -> None:
        client: Any = Redis.from_url(self._url, socket_timeout=5, socket_connect_timeout=2)
        clock = asyncio.get_running_loop().time
        position: bytes | None = None
        well = clock()
        try:
            while self._watchers:
                try:
                    if position is None:
                        newest = await client.xrevrange(self._key, count=1)
                        position = newest[0][0] if newest else b"0-0"
                    found = await client.xread({self._key: position}, count=BATCHES, block=BLOCK_MS)
                    well = clock()
                except (RedisError, OSError) as problem:
                    log.warning("redis does not answer", problem=str(problem) or type(problem).__name__)
                    if clock() - well > self._patience:
                        self._give_up()
                        return
                    await asyncio.sleep(0.5)
                    continue
                for _, batches in found or ():
                    for id, fields in batches:
                        position = id
                        self._offer(fields)
        finally:
            with suppress(RedisError, OSError):
                await client.aclose()

    def _offer(self, fields: Mapping[bytes, bytes]) -> None:
        for entry in json.loads(fields[b"entries"]):
            for watcher in self._watchers:
                watcher.offer(entry)

    def _give_up(self) -> None:
        for watcher in self._watchers:
            watcher.fail(LogTailUnavailable())


@cache
def log_tail() -> LogTail:
    """The one of this process."""
    return LogTail(
        settings.REDIS_URL,
        f"{settings.DOORSTEP_NAMESPACE}:log_tail",
        most=settings.LOG_TAIL_LINES,
        patience=settings.REDIS_PATIENCE,
    )
