"""A load of POST requests over HTTP/1.1 that checks every answer and remembers how long each took."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

__all__ = ["Load", "read_answer", "request_bytes", "run", "run_paced"]


@dataclass
class Load:
    """What came back."""

    latencies: list[float] = field(default_factory=list)
    """seconds"""
    seconds: float = 0
    wrong: int = 0
    """answers other than 200 with data and without errors"""

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.latencies)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 2)


def request_bytes(query: str) -> bytes:
    """One request."""
    body = orjson.dumps({"query": query})
    return b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


async def run(port: int, requests: Iterator[bytes], connections: int) -> Load:
    """Send them, so many at a time, until there are none left."""
    load = Load()
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_one_connection(port, requests, load))
    load.seconds = time.perf_counter() - began
    return load


async def run_paced(port: int, request: bytes, connections: int, rate: float, seconds: float) -> Load:
    """
    Send it ``rate`` times a second for so long, whether or not the answers keep up.

    How long one took counts from when it should have been sent: what waits behind a slow answer is late as well.
    """
    load = Load(seconds=seconds)
    async with asyncio.TaskGroup() as group:
        for number in range(connections):
            group.create_task(_one_paced(port, request, connections / rate, number / rate, seconds, load))
    return load


async def _one_paced(port: int, request: bytes, every: float, first: float, seconds: float, load: Load) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    began = time.perf_counter()
    due = first
    while due < seconds:
        await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
        await _ask(reader, writer, request, began + due, load)
        due += every
    writer.close()


async def read_answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of the next answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return head, await reader.readexactly(length)


async def _one_connection(port: int, requests: Iterator[bytes], load: Load) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    for request in requests:
        await _ask(reader, writer, request, time.perf_counter(), load)
    writer.close()


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, began: float, load: Load
) -> None:
    writer.write(request)
    head, body = await read_answer(reader)
    load.latencies.append(time.perf_counter() - began)
    if not head.startswith(b"HTTP/1.1 200 ") or not body.startswith(b'{"data":{') or b'"errors":' in body[-2000:]:
        load.wrong += 1
