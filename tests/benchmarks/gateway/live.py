"""
``python -m tests.benchmarks.gateway.live``: what open subscriptions cost the gateway, when nothing happens and when much does.

Each client has a WebSocket of its own. Idle ones wait; busy ones get an event each second, with the time it was sent.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from docker.local.ports import pick_free
from gateway_graphql import Subgraph, compose
from tests.benchmarks.gateway.measure import cpu_seconds, process, until_it_answers

__all__ = ["measure_live"]

SDL = "type Query { a: Int } type Subscription { quiet: Float ticks: Float }"
AT_ONCE = 100
"""connections that are being opened"""
SECONDS = 10.0
OPEN = b"GET /graphql HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: Upgrade\r\n" + (
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
)


async def measure_live(idle: int, busy: int) -> dict[str, Any]:
    """KiB of each idle socket, the share of a core, and milliseconds from the subgraph's event to the client."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    subgraph, port = pick_free(2)
    composed = compose([Subgraph.from_sdl("clock", SDL, f"http://127.0.0.1:{subgraph}/graphql")])
    assert composed.supergraph_sdl, composed.errors
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "supergraph.graphql"
        file.write_text(composed.supergraph_sdl)
        serve = ("-m", "gateway_graphql", "serve", "--supergraph", str(file), "--port", str(port))
        with process("-m", "tests.benchmarks.gateway.live", "--subgraph", str(subgraph)), process(*serve) as gateway:
            await asyncio.to_thread(until_it_answers, port, gateway)
            warm = await _clients(port, 50, "ticks")
            before = _resident(gateway.pid)
            quiet = await _clients(port, idle, "quiet")
            waiting = {"kib_per_socket": round((_resident(gateway.pid) - before) / idle, 1)}
            waiting["share_of_a_core"] = await _share(gateway.pid)
            loud = await _clients(port, busy, "ticks")
            for one in loud:
                one.delays.clear()
            share = await _share(gateway.pid)
            delays = sorted(delay for one in loud for delay in one.delays)
            assert all(not one.transport.is_closing() for one in (*warm, *quiet, *loud)), "a connection was closed"
            return {
                "idle": waiting,
                "busy": {
                    "events_per_second": round(len(delays) / SECONDS),
                    "share_of_a_core": share,
                    "p50_ms": _part(delays, 0.5),
                    "p99_ms": _part(delays, 0.99),
                },
                "memory_mib": round(_resident(gateway.pid) / 1024),
            }


def _part(ordered: list[float], share: float) -> float:
    return round(1000 * ordered[int(len(ordered) * share)], 1)


async def _share(pid: int) -> float:
    used = cpu_seconds(pid)
    await asyncio.sleep(SECONDS)  # what is measured is this time
    return round((cpu_seconds(pid) - used) / SECONDS, 2)


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


class Client(asyncio.Protocol):
    """As little of a WebSocket as it takes, so that the gateway is what is busy."""

    def __init__(self, field: str) -> None:
        self.delays: list[float] = []
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._field = field
        self._held = b""
        self._is_socket = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.transport.write(OPEN)

    def connection_lost(self, _: Exception | None) -> None:
        if not self.open.done():
            self.open.set_exception(ConnectionError("closed before it was acknowledged"))

    def data_received(self, data: bytes) -> None:
        self._held += data
        if not self._is_socket:
            head, found, rest = self._held.partition(b"\r\n\r\n")
            if not found:
                return
            assert head.startswith(b"HTTP/1.1 101 "), head
            self._is_socket, self._held = True, rest
            self._say({"type": "connection_init"})
        while len(self._held) >= 4:
            size, begins = self._held[1], 2
            if size == 126:
                size, begins = int.from_bytes(self._held[2:4], "big"), 4
            if len(self._held) < begins + size:
                return
            kind, text = self._held[0] & 15, self._held[begins : begins + size]
            self._held = self._held[begins + size :]
            if kind == 1:
                self._hear(json.loads(text))
            elif kind == 9:
                self.transport.write(
                    b"\x8a\x80\0\0\0\0" if not text else bytes((0x8A, 0x80 | size)) + b"\0\0\0\0" + text
                )

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "connection_ack":
            payload = {"query": f"subscription {{ {self._field} }}"}
            self._say({"id": "1", "type": "subscribe", "payload": payload})
            self.open.set_result(None)
        elif message["type"] == "next":
            self.delays.append(time.time() - message["payload"]["data"][self._field])
        else:
            raise AssertionError(message)

    def _say(self, message: dict[str, Any]) -> None:
        text = json.dumps(message).encode()
        self.transport.write(bytes((0x81, 0x80 | len(text))) + b"\0\0\0\0" + text)  # masked with zeroes


async def _clients(port: int, count: int, field: str) -> list[Client]:
    loop = asyncio.get_running_loop()
    room = asyncio.Semaphore(AT_ONCE)

    async def one() -> Client:
        async with room:
            _, client = await loop.create_connection(lambda: Client(field), "127.0.0.1", port)
            await client.open
            return client

    opened = await asyncio.gather(*(one() for _ in range(count)))
    await asyncio.sleep(2)  # their subscriptions are on their way, and none of them says when it is there
    return opened


async def _subscriptions(request: web.Request) -> web.WebSocketResponse:
    """The subgraph: ``ticks`` says what time it is, each second; ``quiet`` says nothing."""
    socket = web.WebSocketResponse(protocols=("graphql-transport-ws",))
    await socket.prepare(request)
    ticking: dict[str, asyncio.Task[None]] = {}

    async def tick(id: str) -> None:
        while True:
            await asyncio.sleep(1)
            await socket.send_json({"id": id, "type": "next", "payload": {"data": {"ticks": time.time()}}})

    async for frame in socket:
        if frame.type is not aiohttp.WSMsgType.TEXT:
            continue
        message = json.loads(frame.data)
        if message["type"] == "connection_init":
            await socket.send_json({"type": "connection_ack"})
        elif message["type"] == "ping":
            await socket.send_json({"type": "pong"})
        elif message["type"] == "subscribe" and "ticks" in message["payload"]["query"]:
            ticking[message["id"]] = asyncio.create_task(tick(message["id"]))
        elif message["type"] == "complete" and message["id"] in ticking:
            ticking.pop(message["id"]).cancel()
    for task in ticking.values():
        task.cancel()
    return socket


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.gateway.live")
    parser.add_argument("--idle", type=int, default=5000)
    parser.add_argument("--busy", type=int, default=1000)
    parser.add_argument("--subgraph", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.subgraph:
        app = web.Application()
        app.router.add_get("/graphql", _subscriptions)
        web.run_app(app, host="127.0.0.1", port=options.subgraph, print=None)
        return
    print(json.dumps({"live": asyncio.run(measure_live(options.idle, options.busy))}, indent=2))


if __name__ == "__main__":
    main()
