"""
An HTTP/1.1 client for one thing: send a JSON body, get the whole answer, keep the connection for the next.

A gateway sends several of these for each request it answers, so what a general client does around them (cookies,
redirects, tracing, streams) would be most of its work. Uploads and live subscriptions use a general client.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import cast

import httptools

from gateway_graphql.server.http_answer import (
    AnswerBrokeOff,
    AnswerTooLarge,
    ConnectionClosed,
    HttpAnswer,
    NoConnection,
    NotHttp,
    decoded,
)
from gateway_graphql.server.http_url import Place, ends_a_header, http_url

__all__ = ["HttpClient"]


class HttpClient:
    """Connections to any number of servers; for one event loop."""

    def __init__(
        self, *, connect_seconds: float, keep_seconds: float, largest_answer: int, keep_headers: Iterable[str] = ()
    ) -> None:
        """``keep_headers``: which headers of an answer somebody wants to know."""
        self._connect_seconds = connect_seconds
        self._keep_seconds = keep_seconds
        self._largest_answer = largest_answer
        self._keep_headers = frozenset(name.lower().encode("latin-1", "replace") for name in keep_headers)
        self._idle: dict[tuple[Place, ssl.SSLContext | None], deque[_Connection]] = {}
        self._tls: ssl.SSLContext | None = None

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds: float, tls: ssl.SSLContext | None = None
    ) -> HttpAnswer:
        """
        Send a body and read the answer, whatever its status; redirects are not followed.

        ``tls``: what to speak https with; left out: with whom the system believes.

        :raises ValueError: the URL or a header cannot be sent.
        :raises TimeoutError: connecting and answering took longer than ``seconds``.
        """
        to, head = _place_and_head(url)
        lines = [head]
        for name, value in headers.items():
            if ends_a_header(value):
                raise ValueError(f"the header {name} has a line break in it")
            lines.append(f"{name}: {value}\r\n")
        lines.append(f"content-length: {len(body)}\r\n\r\n")
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        place = (to, tls)
        connection = self._kept(place, loop.time()) or await self._connect(to, tls, seconds)
        try:
            answer = await connection.ask("".join(lines).encode("latin-1", "replace") + body, until - loop.time())
        except BaseException:
            connection.abort()
            raise
        if connection.is_reusable:
            connection.idle_since = loop.time()
            self._idle.setdefault(place, deque()).append(connection)
        else:
            connection.abort()
        return answer

    def close(self) -> None:
        """Close the connections that are kept."""
        for connections in self._idle.values():
            for connection in connections:
                connection.abort()
        self._idle.clear()

    def _kept(self, place: tuple[Place, ssl.SSLContext | None], now: float) -> _Connection | None:
        idle = self._idle.get(place)
        while idle:
            # The newest first: the others may grow too old, and so there are no more of them than are needed.
            connection = idle.pop()
            if connection.is_reusable and now - connection.idle_since < self._keep_seconds:
                return connection
            connection.abort()
        return None

    async def _connect(self, to: Place, tls: ssl.SSLContext | None, seconds: float) -> _Connection:
        loop = asyncio.get_running_loop()
        within = min(seconds, self._connect_seconds)
        try:
            async with asyncio.timeout(within):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._largest_answer, self._keep_headers),
                    to.host,
                    to.port,
                    ssl=(tls or self._context()) if to.tls else None,
                )
        except TimeoutError as late:
            if seconds < self._connect_seconds:
                raise
            raise NoConnection from late
        except OSError as problem:
            raise NoConnection from problem
        return connection

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


@lru_cache(maxsize=1024)
def _place_and_head(url: str) -> tuple[Place, str]:
    to = http_url(url)
    head = f"POST {to.target} HTTP/1.1\r\nhost: {to.host}\r\naccept-encoding: identity\r\n"
    if to.authorization is not None:
        head += f"authorization: {to.authorization}\r\n"
    return to.place, head


class _Connection(asyncio.Protocol):
    """One connection: at any time one request is on its way, or none."""

    def __init__(self, largest_answer: int, keep_headers: frozenset[bytes]) -> None:
        self._keep_headers = keep_headers
        self.idle_since = 0.0
        self.is_reusable = True
        self._largest_answer = largest_answer
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[HttpAnswer] | None = None
        self._begin()

    async def ask(self, request: bytes, seconds: float) -> HttpAnswer:
        """Send a request and wait for its answer."""
        loop = asyncio.get_running_loop()
        if not self.is_reusable or self._transport is None:
            raise ConnectionClosed
        self._begin()
        waiting = self._waiting = loop.create_future()
        late = loop.call_later(seconds, self._is_late)
        self._transport.write(request)
        try:
            return await waiting
        finally:
            late.cancel()
            self._waiting = None
            del waiting  # it has the exception, which has this frame: in a circle only the collector would find them

    def abort(self) -> None:
        """Close it at once."""
        self.is_reusable = False
        if self._transport is not None:
            self._transport.abort()

    def _begin(self) -> None:
        self._parts: list[bytes] = []
        self._headers: list[tuple[bytes, bytes]] = []
        self._size = 0
        self._encoding = b""
        self._has_length = False
        self._began = False

    def _is_late(self) -> None:
        self._fail(TimeoutError())

    def _fail(self, problem: Exception) -> None:
        self.is_reusable = False
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(problem)

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._waiting is None:
            # Nobody asked anything: whatever this is, it must not be taken for the next answer.
            self.abort()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError as problem:
            self._fail(problem.__context__ if isinstance(problem.__context__, AnswerTooLarge) else NotHttp())
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(NotHttp())

    def connection_lost(self, problem: Exception | None) -> None:
        if self._waiting is None or self._waiting.done():
            self.is_reusable = False
        elif isinstance(problem, ssl.SSLError):
            # A server that does not like our certificate says so when we think that we are through.
            refused = NoConnection()
            refused.__cause__ = problem
            self._fail(refused)
        elif not self._began:
            self._fail(ConnectionClosed())
        elif self._has_length:
            self._fail(AnswerBrokeOff())
        else:
            # Without a length, the answer ends where the connection ends.
            self.is_reusable = False
            self.on_message_complete()
        del self._parser  # it knows us: in a circle only the collector would find us both

    # -- httptools

    def on_message_begin(self) -> None:
        if self._waiting is None or self._waiting.done():
            # A second answer to one request: which of them the next one would get is anybody's guess.
            self.is_reusable = False
        self._begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == b"content-encoding":
            self._encoding = value.lower().strip()
        elif name == b"content-length":
            self._has_length = True
            if value.isdigit() and int(value) > self._largest_answer:
                raise AnswerTooLarge
        elif name == b"transfer-encoding":
            self._has_length = True
        if name in self._keep_headers:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._began = True

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > self._largest_answer:
            raise AnswerTooLarge
        self._parts.append(body)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            # Informational: the answer is yet to come.
            return
        if self.is_reusable:
            self.is_reusable = self._parser.should_keep_alive()
        if self._waiting is None or self._waiting.done():
            return
        parts = self._parts
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        try:
            if self._encoding not in (b"", b"identity"):
                body = decoded(body, self._encoding, self._largest_answer)
        except (AnswerTooLarge, NotHttp) as problem:
            self._fail(problem)
            return
        self._waiting.set_result(HttpAnswer(status, body, tuple(self._headers)))
