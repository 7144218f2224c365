"""Live subscriptions to subgraphs: graphql-transport-ws, one connection for all streams of a subgraph."""

from __future__ import annotations

import asyncio
import itertools
import ssl
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import orjson

from gateway_graphql.execution.errors import (
    SubgraphError,
    SubgraphRefused,
    SubgraphSpokeNonsense,
    SubgraphTimedOut,
    SubgraphUnreachable,
)
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from gateway_graphql.server.backlog import TOO_SLOW, Backlog
from gateway_graphql.server.envelope import envelope
from gateway_graphql.server.json_text import dumps, loads
from gateway_graphql.server.request_id import PER_REQUEST, Identity, identity_in, identity_of
from gateway_graphql.server.settings import LiveSettings, ServerSettings

__all__ = ["HeadersFor", "LiveConnections", "SessionOf", "TlsFor"]

PROTOCOL = "graphql-transport-ws"
LINGER = 10.0
"""seconds a connection stays open after its last stream"""

Key = tuple[str, Identity]
SessionOf = Callable[[], aiohttp.ClientSession]
HeadersFor = Callable[[SubgraphRequest], dict[str, str]]
TlsFor = Callable[[str], ssl.SSLContext | None]
"""what to speak to a subgraph with over TLS; ``None``: with whom the system believes"""


class LiveConnections:
    """A connection for each subgraph, and for each identity that speaks through it; opened when first needed."""

    def __init__(self, settings: ServerSettings, session: SessionOf, headers: HeadersFor, tls: TlsFor) -> None:
        self._settings = settings
        self._session = session
        self._headers = headers
        self._tls = tls
        self._open: dict[Key, asyncio.Task[LiveConnection]] = {}

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[dict[str, Any]]:
        """Every event of one stream. A lost connection ends it with :class:`SubgraphUnreachable`."""
        connection = await self._connection_for(request)
        stream = await connection.start(request)
        try:
            while True:
                event = await stream.events.get()
                if event is None:
                    return
                if isinstance(event, SubgraphError):
                    raise event
                yield event
        finally:
            await connection.stop(stream)

    async def close(self) -> None:
        """Close every connection."""
        tasks = list(self._open.values())
        self._open.clear()
        for task in tasks:
            if task.done() and not task.cancelled() and task.exception() is None:
                await task.result().close()
            else:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection_for(self, request: SubgraphRequest) -> LiveConnection:
        url = self._url_for(request)
        key = (url, identity_of(request))
        task = self._open.get(key)
        if task is None or _is_over(task):
            task = asyncio.ensure_future(self._connect(request, url))
            self._open[key] = task
            task.add_done_callback(lambda done: self._forget_when_closed(key, done))
        # Shielded: others may wait for the same connection.
        return await asyncio.shield(task)

    def _url_for(self, request: SubgraphRequest) -> str:
        known = self._settings.subgraphs.get(request.subgraph)
        url = (known.subscription_url if known else None) or request.url
        scheme, separator, rest = url.partition("://")
        return {"http": "ws", "https": "wss"}.get(scheme, scheme) + separator + rest

    async def _connect(self, request: SubgraphRequest, url: str) -> LiveConnection:
        live, subgraph = self._settings.live, request.subgraph
        # It is not for one request alone: what only names the request travels with the operation.
        headers = self._headers(replace(request, headers=dict(identity_in(request.headers))))
        socket: aiohttp.ClientWebSocketResponse | None = None
        try:
            async with asyncio.timeout(live.connection_init):
                socket = await self._session().ws_connect(
                    url,
                    protocols=(PROTOCOL,),
                    headers=headers,
                    ssl=self._tls(subgraph) or True,
                    heartbeat=live.heartbeat,
                    max_msg_size=self._settings.limits.answer_bytes,
                )
                if socket.protocol != PROTOCOL:
                    raise SubgraphSpokeNonsense(subgraph, f"does not speak {PROTOCOL}")
                await _say(socket, {"type": "connection_init", "payload": {}})
                await _acknowledged(subgraph, socket)
                connection = LiveConnection(subgraph, socket, live)
                socket = None
                return connection
        except aiohttp.WSServerHandshakeError as problem:
            raise SubgraphRefused(subgraph, problem.status) from None
        except TimeoutError:
            raise SubgraphTimedOut(
                subgraph, f"did not open a live connection within {live.connection_init:g} s"
            ) from None
        except (aiohttp.ClientError, OSError):
            raise SubgraphUnreachable(subgraph, "no live connection") from None
        except (orjson.JSONDecodeError, AttributeError):
            raise SubgraphSpokeNonsense(subgraph, f"sent a message that is not {PROTOCOL}") from None
        finally:
            if socket is not None:
                await socket.close()

    def _forget_when_closed(self, key: Key, task: asyncio.Task[LiveConnection]) -> None:
        if task.cancelled() or task.exception() is not None:
            if self._open.get(key) is task:
                del self._open[key]
            return

        def forget() -> None:
            if self._open.get(key) is task:
                del self._open[key]

        task.result().when_closed = forget


class Stream:
    """The events of one subscription that nobody has taken yet."""

    def __init__(self, id: str, live: LiveSettings) -> None:
        self.id = id
        self.events: Backlog[dict[str, Any] | SubgraphError | None] = Backlog(live)
        """each, and a problem or None at the end"""
        self.over = False
        """the subgraph has nothing more to say, or must be told to stop no more"""

    def end(self, problem: SubgraphError | None = None) -> None:
        """No more will come."""
        if not self.over:
            self.over = True
            self.events.put(problem)


class LiveConnection:
    """One WebSocket to one subgraph, and the streams that run over it."""

    def __init__(self, subgraph: str, socket: aiohttp.ClientWebSocketResponse, live: LiveSettings) -> None:
        self._subgraph = subgraph
        self._socket = socket
        self._live = live
        self._ids = itertools.count(1)
        self._streams: dict[str, Stream] = {}
        # From the start: whoever asked for the connection may have left while it was opened.
        self._linger: asyncio.TimerHandle | None = asyncio.get_running_loop().call_later(LINGER, self._close_idle)
        self._closing: asyncio.Task[Any] | None = None
        self.closed = False
        self.when_closed: Callable[[], None] = lambda: None
        self._reader = asyncio.ensure_future(self._read())

    async def start(self, request: SubgraphRequest) -> Stream:
        """Begin a stream."""
        if self._linger is not None:
            self._linger.cancel()
            self._linger = None
        stream = Stream(str(next(self._ids)), self._live)
        self._streams[stream.id] = stream
        payload = envelope(request)
        # The connection is shared, so what belongs to one request travels with the operation, not in a header.
        extras = {name: value for name, value in request.headers.items() if name in PER_REQUEST}
        if extras:
            payload["extensions"] = {"headers": extras}
        try:
            await _say(self._socket, {"id": stream.id, "type": "subscribe", "payload": payload})
        except (ConnectionError, aiohttp.ClientError):
            self._lost("the live connection broke")
        return stream

    async def stop(self, stream: Stream) -> None:
        """Leave a stream; the subgraph is told unless it ended by itself."""
        self._streams.pop(stream.id, None)
        if not stream.over and not self.closed:
            stream.over = True
            try:
                await _say(self._socket, {"id": stream.id, "type": "complete"})
            except (ConnectionError, aiohttp.ClientError):
                self._lost("the connection broke")
        if not self._streams and not self.closed and self._linger is None:
            self._linger = asyncio.get_running_loop().call_later(LINGER, self._close_idle)

    async def close(self) -> None:
        """End everything."""
        self._lost("the gateway is closing")
        if self._linger is not None:
            self._linger.cancel()
        await self._socket.close()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    def _close_idle(self) -> None:
        self._linger = None
        if not self._streams:
            self._closing = asyncio.ensure_future(self.close())

    async def _read(self) -> None:
        reason = "the live connection was closed"
        try:
            async for frame in self._socket:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    continue
                await self._hear(loads(frame.data), len(frame.data))
            if self._socket.close_code not in (None, 1000, 1001):
                reason = f"the live connection was closed with code {self._socket.close_code}"
        except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
            reason = f"sent a message that is not {PROTOCOL}"
        except (ConnectionError, aiohttp.ClientError):
            reason = "the live connection broke"
        finally:
            self._lost(reason)
            if not self._socket.closed:
                self._closing = asyncio.ensure_future(self._socket.close(code=4400))

    async def _hear(self, message: dict[str, Any], size: int) -> None:
        kind = message["type"]
        if kind == "ping":
            await _say(self._socket, {"type": "pong"})
            return
        stream = self._streams.get(message.get("id", ""))
        # A stream that we left may still have had events under way.
        if stream is None:
            return
        if kind == "next":
            if stream.events.is_full:
                await _say(self._socket, {"id": stream.id, "type": "complete"})
                del self._streams[stream.id]
                stream.end(SubgraphError(self._subgraph, TOO_SLOW))
                return
            stream.events.put(message["payload"], size)
        elif kind == "error":
            stream.events.put({"data": None, "errors": message["payload"]})
            stream.end()
        elif kind == "complete":
            stream.end()

    def _lost(self, reason: str) -> None:
        if self.closed:
            return
        self.closed = True
        self.when_closed()
        for stream in list(self._streams.values()):
            stream.end(SubgraphUnreachable(self._subgraph, f"{reason}; subscribe again to go on"))


def _is_over(task: asyncio.Task[LiveConnection]) -> bool:
    if not task.done():
        return False
    return task.cancelled() or task.exception() is not None or task.result().closed


async def _say(socket: aiohttp.ClientWebSocketResponse, message: dict[str, Any]) -> None:
    await socket.send_str(dumps(message).decode())


async def _acknowledged(subgraph: str, socket: aiohttp.ClientWebSocketResponse) -> None:
    while True:
        frame = await socket.receive()
        if frame.type is not aiohttp.WSMsgType.TEXT:
            raise SubgraphUnreachable(subgraph, f"closed the live connection at once (code {socket.close_code})")
        kind = orjson.loads(frame.data).get("type")
        if kind == "connection_ack":
            return
        if kind == "ping":
            await _say(socket, {"type": "pong"})
