"""
HTTP/1.1 for the gateway's own server: bytes in, a request for the application, its answer in one piece out.

Mounted elsewhere, the application speaks ASGI like any other. Here it is called without the messages of ASGI in between,
which cost as much as the rest of a small request. What the two have in common is :meth:`GatewayApp.answer_to`. Uvicorn
still owns the sockets, the signals and the end of the process, and the WebSockets.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote

import httptools
from uvicorn import Config
from uvicorn.server import ServerState

from gateway_graphql.server.asgi import Answer, HttpRequest, Message, StreamedAnswer
from gateway_graphql.server.request_id import REQUEST_ID, request_id_from

__all__ = ["HttpConnection"]

Reply = Answer | StreamedAnswer
Write = Callable[[Reply], Awaitable[None]]
Application = Callable[[HttpRequest, Write], Awaitable[None]]

HEAD_BYTES = 64 * 1024
"""the request line and the headers of one request"""
HEAD_SECONDS = 30.0
"""from the first byte of a request to the end of its headers"""
BODY_SECONDS = 20.0
"""that a body may take in any case"""
BODY_BYTES_A_SECOND = 1000
"""what each second more must have brought: enough for the worst of lines, and too much for who sends a byte at a time"""
MOST_CONNECTIONS = 10_000
BODY_AHEAD = 256 * 1024
"""bytes of a body that may wait for the application before the client has to"""
LOOK_EVERY = 1.0
"""seconds between two looks whether a connection has been quiet for too long: cheaper than a timer for each request"""
LINGER = 1.0
"""seconds that a client has to read why it was refused"""
STATUS_LINES = {one.value: f"HTTP/1.1 {one.value} {one.phrase}\r\n".encode() for one in HTTPStatus}
GONE: Message = {"type": "http.disconnect"}


class HttpConnection(asyncio.Protocol):
    """One connection of a client; made by uvicorn's server, after the application is bound."""

    def __init__(
        self,
        application: Application,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        most_connections: int = MOST_CONNECTIONS,
    ) -> None:
        """``most_connections``: beyond them those that were quiet for longest are closed."""
        self._application = application
        self._config = config
        self._state = server_state
        self._most_connections = most_connections
        self._app_state = app_state
        self._loop = _loop or asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport = cast(asyncio.Transport, None)
        self._arriving: _Exchange | None = None
        """what the parser is in the middle of"""
        self._answering: _Exchange | None = None
        self._waiting: deque[_Exchange] = deque()
        self.address = ""
        self._quiet_since = self._loop.time()
        self._writable: asyncio.Event | None = None
        """while the client reads too slowly"""
        self._head_held = 0
        """bytes of a head that is not complete yet"""
        self._is_deaf = False
        self._ending = False
        self._paused = False

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else ""
        self._state.connections.add(self)  # type: ignore[arg-type]
        if len(self._state.connections) > self._most_connections:
            self._make_room()
        self._look = self._loop.call_later(LOOK_EVERY, self._look_at_the_time)

    def connection_lost(self, _: Exception | None) -> None:
        self._state.connections.discard(self)  # type: ignore[arg-type]
        self._look.cancel()
        self.resume_writing()
        for exchange in (self._arriving, self._answering, *self._waiting):
            if exchange is not None:
                exchange.leave()
        self._waiting.clear()
        del self._parser  # it knows us: in a circle only the collector would find us both

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            return
        in_a_head = self._arriving is not None and not self._arriving.has_head
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserCallbackError as problem:
            self._refuse(431 if isinstance(problem.__context__, _HeadTooLarge) else 400)
        except httptools.HttpParserError:
            self._refuse(400)
        else:
            if in_a_head:
                self._count_what_the_parser_holds(len(data))

    def pause_writing(self) -> None:
        self._writable = asyncio.Event()

    def resume_writing(self) -> None:
        if self._writable is not None:
            self._writable.set()
            self._writable = None

    # -- uvicorn's server

    def shutdown(self) -> None:
        """Close when there is nothing under way, else after the answer."""
        self._ending = True
        if self._answering is None:
            self._transport.close()

    # -- httptools

    def on_message_begin(self) -> None:
        self._arriving = _Exchange(self)
        self._quiet_since = self._loop.time()

    def on_url(self, url: bytes) -> None:
        self._exchange.url += url
        self._count(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._exchange.headers.append((name.lower(), value))
        self._count(name, value)

    def on_headers_complete(self) -> None:
        if self._parser.should_upgrade():
            return  # the parser stops here and says so
        exchange = self._exchange
        exchange.has_head = True
        exchange.method = self._parser.get_method().decode()
        exchange.is_old = self._parser.get_http_version() == "1.0"
        exchange.keeps_alive = self._parser.should_keep_alive()
        if self._answering is None:
            self._start(exchange)
        else:
            self._waiting.append(exchange)
            self.pause_reading()  # it came with the one before; what comes after them can wait outside

    def on_body(self, body: bytes) -> None:
        exchange = self._exchange
        exchange.take(body)
        if exchange.waiting_bytes > BODY_AHEAD:
            self.pause_reading()

    def on_message_complete(self) -> None:
        if self._arriving is not None and not self._parser.should_upgrade():
            self._arriving.complete()
            self._arriving = None

    @property
    def _exchange(self) -> _Exchange:
        assert self._arriving is not None  # noqa: S101 (the parser begins every message)
        return self._arriving

    def _count(self, *parts: bytes) -> None:
        self._exchange.head_bytes += sum(map(len, parts))
        if self._exchange.head_bytes > HEAD_BYTES:
            raise _HeadTooLarge

    def _count_what_the_parser_holds(self, size: int) -> None:
        """The parser tells of a header when it is there, however long it becomes until then."""
        if self._arriving is None or self._arriving.has_head:
            self._head_held = 0
            return
        self._head_held += size
        if self._head_held > HEAD_BYTES:
            self._refuse(431)

    # -- reading

    def pause_reading(self) -> None:
        """Let the client wait."""
        if not self._paused and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Let it go on."""
        if self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def say_continue(self) -> None:
        """Tell a client that waits for it to send its body."""
        self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _upgrade(self, rest: bytes) -> None:
        exchange, self._arriving = self._exchange, None
        headers = dict(exchange.headers)
        method = self._parser.get_method()
        if headers.get(b"upgrade", b"").lower() == b"websocket" and self._answering is None:
            self._look.cancel()
            self._state.connections.discard(self)  # type: ignore[arg-type]
            del self._parser
            socket = cast(Any, self._config.ws_protocol_class)(
                config=self._config, server_state=self._state, app_state=self._app_state
            )
            socket.connection_made(self._transport)
            self._transport.set_protocol(socket)
            socket.data_received(_head(method, exchange.url, exchange.headers) + rest)
            return
        # Whoever offers another protocol can also go on in this one (RFC 9110, section 7.8): the offer is passed over.
        offered = (b"upgrade", b"connection", b"http2-settings")
        kept = [(name, value) for name, value in exchange.headers if name not in offered]
        self._parser = httptools.HttpRequestParser(self)
        self.data_received(_head(method, exchange.url, kept) + rest)

    def _refuse(self, status: int) -> None:
        """This is no HTTP, or too much of it: nothing that follows can be understood."""
        if self._answering is None:
            line = STATUS_LINES[status]
            self._transport.write(line + b"content-length: 0\r\nconnection: close\r\n\r\n")
        # To close while more is coming would make the system throw our answer away with it.
        self._is_deaf = True
        if self._transport.can_write_eof():
            self._transport.write_eof()
            self._loop.call_later(LINGER, self._transport.close)
        else:
            self._transport.close()

    def _look_at_the_time(self) -> None:
        quiet = self._loop.time() - self._quiet_since
        if self._answering is None:
            limit = HEAD_SECONDS if self._arriving is not None else self._config.timeout_keep_alive
            if quiet > limit:
                self._transport.close()
                return
        elif self._answering.is_too_slow():
            self._transport.close()
            return
        self._look = self._loop.call_later(LOOK_EVERY, self._look_at_the_time)

    def _make_room(self) -> None:
        """Close what was quiet for longest: many at a time, so that it is not looked for at each new connection."""
        others = (one for one in self._state.connections if isinstance(one, HttpConnection) and one is not self)
        idle = sorted((one for one in others if one._answering is None), key=lambda one: one._quiet_since)
        for one in idle[: max(1, self._most_connections // 20)]:
            one._transport.close()
            self._state.connections.discard(one)  # type: ignore[arg-type]
        if not idle:
            self._transport.close()

    # -- answering

    def _start(self, exchange: _Exchange) -> None:
        self._answering = exchange
        # A task of its own: what a request leaves in its context must not be there for the next one.
        task = self._loop.create_task(self._answer(exchange))
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    async def _answer(self, exchange: _Exchange) -> None:
        try:
            await self._application(exchange.request(), exchange.write)
        finally:
            self._finish(exchange)

    def _finish(self, exchange: _Exchange) -> None:
        self._answering = None
        self._state.total_requests += 1
        self._quiet_since = self._loop.time()
        if self._transport.is_closing():
            return
        if self._ending or not exchange.is_answered or not exchange.keeps_alive:
            self._transport.close()
            return
        exchange.forget_body()
        if self._waiting:
            self._start(self._waiting.popleft())
        else:
            self.resume_reading()

    async def send(self, exchange: _Exchange, reply: Reply) -> None:
        """Write an answer."""
        if self._transport.is_closing():
            return
        has_body = exchange.method != "HEAD" and reply.status not in (204, 304)
        closes = not exchange.keeps_alive or self._ending
        parts = [STATUS_LINES[reply.status]]
        lines = [*self._state.default_headers, (b"content-type", reply.content_type), *reply.headers]
        lines.append((REQUEST_ID.encode(), exchange.request_id.encode()))
        if isinstance(reply, Answer):
            lines.append((b"content-length", b"%d" % len(reply.body)))
        elif exchange.is_old:
            closes, exchange.keeps_alive = True, False
        else:
            lines.append((b"transfer-encoding", b"chunked"))
        if closes:
            lines.append((b"connection", b"close"))
        elif exchange.is_old:
            lines.append((b"connection", b"keep-alive"))
        for name, value in lines:
            parts += (name, b": ", value, b"\r\n")
        parts.append(b"\r\n")
        head = b"".join(parts)
        if head.count(b"\n") != len(lines) + 2:
            raise ValueError("a header of the answer has a line break in it")
        if isinstance(reply, Answer):
            self._transport.write(head + reply.body if has_body else head)
        else:
            self._transport.write(head)
            await self._stream(exchange, reply)
        exchange.is_answered = True
        await self._drained()

    async def _stream(self, exchange: _Exchange, reply: StreamedAnswer) -> None:
        async with aclosing(reply.chunks) as chunks:
            async for chunk in chunks:
                if self._transport.is_closing():
                    return
                if chunk:
                    self._transport.write(chunk if exchange.is_old else b"%x\r\n%b\r\n" % (len(chunk), chunk))
                    await self._drained()
        if not exchange.is_old:
            self._transport.write(b"0\r\n\r\n")

    async def _drained(self) -> None:
        if self._writable is not None:
            await self._writable.wait()


class _HeadTooLarge(Exception):
    pass


class _Exchange:
    """One request, and whether it was answered."""

    def __init__(self, connection: HttpConnection) -> None:
        self.url = b""
        self.method = ""
        self.headers: list[tuple[bytes, bytes]] = []
        self.head_bytes = 0
        self.has_head = False
        self.is_old = False
        """HTTP/1.0: no chunks, and a connection ends after its answer unless it says otherwise"""
        self.keeps_alive = True
        self.is_answered = False
        self.request_id = ""
        self.waiting_bytes = 0
        self._connection = connection
        self._body: list[bytes] = []
        self._is_complete = False
        self._began = 0.0
        self._came = 0
        """bytes of the body"""
        self._was_read = False
        self._is_gone = False
        self._forgets = False
        self._awaits_continue = False
        self._wake: asyncio.Future[None] | None = None

    def request(self) -> HttpRequest:
        """For the application."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self.headers}
        self._awaits_continue = headers.get("expect", "").lower() == "100-continue"
        self.request_id = request_id_from(headers.get(REQUEST_ID))
        path, _, query = self.url.partition(b"?")
        if not path.startswith(b"/"):  # the absolute form, as it is sent to a proxy
            path = b"/" + path.partition(b"://")[2].partition(b"/")[2]
        spelled = path.decode("latin-1")
        if "%" in spelled:
            spelled = unquote(spelled)
        query = query.partition(b"#")[0]
        address = self._connection.address
        return HttpRequest(self.method, spelled, query, headers, self.receive, self.request_id, address=address)

    async def write(self, reply: Reply) -> None:
        """Answer."""
        await self._connection.send(self, reply)

    async def receive(self) -> Message:
        """The next of the body; after its end, that the client has gone. In the words of ASGI."""
        while True:
            if self._is_gone:
                return GONE
            if not self._was_read and (self._body or self._is_complete):
                body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
                self._body.clear()
                self.waiting_bytes = 0
                self._was_read = self._is_complete
                self._connection.resume_reading()
                return {"type": "http.request", "body": body, "more_body": not self._is_complete}
            if self._awaits_continue and not self._is_complete:
                self._awaits_continue = False
                self._connection.say_continue()
            loop = asyncio.get_running_loop()
            if not self._is_complete and not self._began:
                self._began = loop.time()
            self._wake = loop.create_future()
            await self._wake

    def take(self, body: bytes) -> None:
        """More of the body has come."""
        self._awaits_continue = False
        self._came += len(body)
        if not self._forgets:
            self._body.append(body)
            self.waiting_bytes += len(body)
            self._awake()

    def complete(self) -> None:
        """The whole request is here."""
        self._is_complete = True
        self._awake()

    def leave(self) -> None:
        """The client has gone."""
        self._is_gone = True
        self._awake()

    def is_too_slow(self) -> bool:
        """Whether the application waits for a body that comes too slowly. Time in which the body waits does not count."""
        if self._is_complete or self._forgets or not self._began:
            return False
        if self.waiting_bytes:
            self._began += LOOK_EVERY
            return False
        took = asyncio.get_running_loop().time() - self._began
        return took > BODY_SECONDS + self._came / BODY_BYTES_A_SECOND

    def forget_body(self) -> None:
        """It was answered: what still comes of it is read and thrown away, so that the next request can be found."""
        self._forgets = True
        self._body.clear()
        self.waiting_bytes = 0

    def _awake(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)


def _head(method: bytes, url: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
    lines = [b"%b %b HTTP/1.1" % (method, url), *(b"%b: %b" % header for header in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n"
