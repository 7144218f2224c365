"""Log lines as they come: those that were asked for, and no more of them than wait."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from realtime.live_results.log_tail import OnlyLines, Watcher
from tests.realtime.client import Updates
from tests.realtime.conftest import EVERYTHING, REDIS_URL, Server

TAIL = """
subscription ($level: LogLevel, $service: String, $text: String) {
  logTail(level: $level, service: $service, text: $text) { entry { id } event level service skipped }
}
"""
ALL = f"{EVERYTHING} operations"


def entry(number: int, **more: Any) -> dict[str, Any]:
    return {
        "_id": f"{number:012x}:b:0",
        "time": "2026-03-01T09:30:00.000+00:00",
        "level": "info",
        "service": "subscribers",
        "process": "serve",
        "event": f"event {number}",
        "requestId": None,
        "traceId": None,
        "line": json.dumps({"event": f"event {number}"}),
    } | more


class Log:
    """Who shows lines, as the writer does."""

    def __init__(self, client: "redis.Redis", namespace: str) -> None:
        self._redis = client
        self._key = f"{namespace}:log_tail"

    def show(self, *entries: dict[str, Any]) -> None:
        self._redis.xadd(self._key, {"entries": json.dumps(entries)}, maxlen=200, approximate=True)


@pytest.fixture
def log(namespace: str) -> Iterator[Log]:
    with redis.Redis.from_url(REDIS_URL) as client:
        yield Log(client, namespace)


async def begin(updates: Updates, log: Log) -> None:
    """Show lines until the first of them arrives: nobody says when somebody has begun to watch."""
    showing = asyncio.ensure_future(updates.next())
    while not showing.done():
        log.show(entry(0, level="critical", service="matching", line='{"event": "Begin"}'))
        await asyncio.wait([showing], timeout=0.1)


async def next_but_the_first(updates: Updates) -> dict[str, Any]:
    while (line := await updates.next())["event"] == "event 0":
        continue
    return line


async def test_lines_arrive_as_they_are_written(server: Server, log: Log) -> None:
    async with server.client(ALL) as live, live.subscribe(TAIL) as updates:
        await begin(updates, log)
        log.show(entry(1), entry(2, level="error"))
        found = [await next_but_the_first(updates) for _ in range(2)]

    shown = {"service": "subscribers", "skipped": 0}
    assert found == [
        {"entry": {"id": entry(1)["_id"]}, "event": "event 1", "level": "INFO", **shown},
        {"entry": {"id": entry(2)["_id"]}, "event": "event 2", "level": "ERROR", **shown},
    ]


async def test_only_the_lines_that_were_asked_for_arrive(server: Server, log: Log) -> None:
    wanted = {"level": "ERROR", "service": "matching", "text": "begin"}
    async with server.client(ALL) as live, live.subscribe(TAIL, **wanted) as updates:
        await begin(updates, log)
        log.show(entry(1, level="error"), entry(2, service="matching"), entry(3, level="error", service="matching"))
        log.show(entry(4, level="critical", service="matching", line='{"event": "BEGIN again"}'))

        assert (await next_but_the_first(updates))["event"] == "event 4"


async def test_who_may_not_see_logs_watches_none(server: Server) -> None:
    async with server.client(EVERYTHING) as live, live.subscribe(TAIL) as updates:
        assert "needs the scope operations" in (await updates.error())["message"]


async def test_who_reads_slowly_loses_the_oldest_and_is_told_how_many() -> None:
    watcher = Watcher(OnlyLines(), most=3)
    for number in range(10):
        watcher.offer(entry(number))
    lines = watcher.lines()
    found = [await anext(lines) for _ in range(3)]

    assert [(line.entry["event"], line.skipped) for line in found] == [("event 7", 7), ("event 8", 0), ("event 9", 0)]
