"""
A client like :mod:`~gateway_graphql.server.http_client` that speaks HTTP/2 (RFC 9113): all requests to one server share a connection.

The protocol is read and written by h2; here is what goes out when, and what happens to a request when something goes wrong.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, cast

from h2.config import H2Configuration
from h2.connection import ConnectionInputs, H2Connection, H2ConnectionStateMachine
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import NoAvailableStreamIDError, NoSuchStreamError, ProtocolError
from h2.settings import SettingCodes, Settings

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

__all__ = ["Http2Client"]

ATTEMPTS = 3
"""with a server that says that it did not look at a request: it is going away, or has enough to do"""
STREAM_WINDOW = 1024 * 1024
"""bytes of one answer that may be on their way; a large answer must not wait for our signs at every step"""
CONNECTION_WINDOW = 2**24
"""the same of all answers together"""

_SETTINGS = b"\x04"
"""the type of the frame that a server must begin with; h2 would wait for the end of what anything else says its length is"""

Fields = list[tuple[str, str]]


class _NotTaken(Exception):
    """The server has not looked at the request: it may be sent again, whatever it does (RFC 9113, 8.7)."""


class Http2Client:
    """One connection to each server; for one event loop."""

    def __init__(
        self, *, connect_seconds: float, keep_seconds: float, largest_answer: int, keep_headers: Iterable[str] = ()
    ) -> None:
        """``keep_headers``: which headers of an answer somebody wants to know."""
        self._connect_seconds = connect_seconds
        self._keep_seconds = keep_seconds
        self._largest_answer = largest_answer
        self._keep_headers = frozenset(name.lower().encode("latin-1", "replace") for name in keep_headers)
        self._connections: dict[tuple[Place, ssl.SSLContext | None], _Connection] = {}
        self._connecting: dict[tuple[Place, ssl.SSLContext | None], asyncio.Task[_Connection]] = {}

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds: float, tls: ssl.SSLContext | None = None
    ) -> HttpAnswer:
        """
        Send a body and read the answer, whatever its status; redirects are not followed.

        ``tls``: what to speak https with, offering ``h2``. Over http, the server must speak HTTP/2 from the first byte.

        :raises ValueError: the URL or a header cannot be sent.
        :raises TimeoutError: connecting and answering took longer than ``seconds``.
        """
        to = http_url(url)
        fields = [
            (":method", "POST"),
            (":scheme", url.partition(":")[0]),
            (":authority", to.host),
            (":path", to.target),
        ]
        fields.append(("accept-encoding", "identity"))
        if to.authorization is not None:
            fields.append(("authorization", to.authorization))
        for name, value in headers.items():
            if ends_a_header(value):
                raise ValueError(f"the header {name} has a line break in it")
            fields.append((name.lower(), value))
        fields.append(("content-length", str(len(body))))
        until = asyncio.get_running_loop().time() + seconds
        for _ in range(ATTEMPTS):
            connection = await self._connection((to.place, tls), until)
            try:
                return await connection.ask(fields, body, until)
            except _NotTaken:
                continue
        raise ConnectionClosed

    def close(self) -> None:
        """Close every connection."""
        for task in self._connecting.values():
            task.cancel()
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    async def _connection(self, place: tuple[Place, ssl.SSLContext | None], until: float) -> _Connection:
        now = asyncio.get_running_loop().time()
        known = self._connections.get(place)
        if known is not None:
            if known.takes_requests and (known.is_busy or now - known.idle_since < self._keep_seconds):
                return known
            known.close_when_idle()
            del self._connections[place]
        connecting = self._connecting.get(place)
        if connecting is None:
            connecting = self._connecting[place] = asyncio.ensure_future(self._connect(place))
            connecting.add_done_callback(lambda done: self._connected(place, done))
        try:
            async with asyncio.timeout_at(until):
                # Others wait for it as well: it goes on when this request is given up.
                return await asyncio.shield(connecting)
        except NoConnection as problem:
            raise NoConnection from problem.__cause__  # each its own: tracebacks grow

    def _connected(self, place: tuple[Place, ssl.SSLContext | None], connecting: asyncio.Task[_Connection]) -> None:
        del self._connecting[place]
        if not connecting.cancelled() and connecting.exception() is None:
            self._connections[place] = connecting.result()

    async def _connect(self, place: tuple[Place, ssl.SSLContext | None]) -> _Connection:
        to, tls = place
        try:
            async with asyncio.timeout(self._connect_seconds):
                transport, connection = await asyncio.get_running_loop().create_connection(
                    lambda: _Connection(self._largest_answer, self._keep_headers),
                    to.host,
                    to.port,
                    ssl=(tls or _trusting_the_system()) if to.tls else None,
                )
                try:
                    if to.tls and transport.get_extra_info("ssl_object").selected_alpn_protocol() != "h2":
                        raise NotHttp
                    await connection.ready
                except BaseException:
                    transport.abort()
                    raise
        except (TimeoutError, OSError) as problem:
            raise NoConnection from problem
        return connection


def _trusting_the_system() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2"])
    return context


class _OpenAfterGoaway(H2ConnectionStateMachine):
    """h2 takes a GOAWAY for the end of the connection; the requests that were taken before are still answered (6.8)."""

    def process_input(self, input_: ConnectionInputs) -> list[Event]:
        return [] if input_ is ConnectionInputs.RECV_GOAWAY else super().process_input(input_)


class _Stream:
    """One request and what has come of its answer."""

    __slots__ = ("began_at", "encoding", "headers", "parts", "size", "status", "unsent", "waiting")

    def __init__(self, waiting: asyncio.Future[HttpAnswer], body: bytes, began_at: float) -> None:
        self.waiting = waiting
        self.unsent = memoryview(body)
        self.began_at = began_at
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.encoding = b""
        self.parts: list[bytes] = []
        self.size = 0


class _Connection(asyncio.Protocol):
    """One connection with any number of requests on their way, as many as the server takes at a time."""

    def __init__(self, largest_answer: int, keep_headers: frozenset[bytes]) -> None:
        self._largest_answer = largest_answer
        self._keep_headers = keep_headers
        self._loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = self._loop.create_future()
        """done when the server has said how many requests it takes"""
        self.idle_since = self._heard_at = self._loop.time()
        self.takes_requests = True
        self._streams: dict[int, _Stream] = {}
        self._turns: deque[asyncio.Future[None]] = deque()
        self._transport: asyncio.Transport | None = None
        self._h2 = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._h2.state_machine = _OpenAfterGoaway()

    @property
    def is_busy(self) -> bool:
        """Whether a request is on its way."""
        return bool(self._streams)

    async def ask(self, fields: Fields, body: bytes, until: float) -> HttpAnswer:
        """Send a request and wait for its answer."""
        late = asyncio.timeout_at(until)
        async with late:
            await self._turn()
            try:
                number = self._h2.get_next_available_stream_id()
                self._h2.send_headers(number, fields)
            except NoAvailableStreamIDError:
                self.takes_requests = False
                raise _NotTaken from None
            except ProtocolError as problem:
                raise ValueError(f"a header cannot be sent: {problem}") from None
            stream = self._streams[number] = _Stream(self._loop.create_future(), body, self._loop.time())
            self._send_body(number, stream)
            self._flush()
            try:
                return await stream.waiting
            finally:
                if number in self._streams:  # given up, or late: the server need not go on
                    if late.expired() and self._heard_at < stream.began_at:
                        self.takes_requests = False  # not a word since then: it may be gone without a farewell
                    self._leave(number)

    async def _turn(self) -> None:
        """Wait until the server takes one more request."""
        while self.takes_requests and len(self._streams) >= self._h2.remote_settings.max_concurrent_streams:
            turn = self._loop.create_future()
            self._turns.append(turn)
            try:
                await turn
            except BaseException:
                if turn.done() and not turn.cancelled():
                    self._next_turn()  # ours was called, and we are gone
                raise
        if not self.takes_requests:
            raise _NotTaken

    def _next_turn(self) -> None:
        while self._turns:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def _all_turns(self) -> None:
        while self._turns:
            self._next_turn()

    def close(self) -> None:
        """Close it at once."""
        self.takes_requests = False
        if self._transport is not None:
            self._transport.abort()

    def close_when_idle(self) -> None:
        """Close it when what is on its way has been answered."""
        self.takes_requests = False
        if not self._streams and self._transport is not None:
            self._h2.close_connection()
            self._flush()
            self._transport.close()

    def _send_body(self, number: int, stream: _Stream) -> None:
        """As much of it as the server takes now."""
        with suppress(NoSuchStreamError):  # the server has ended it, with a frame that h2 has read and we have not yet
            while stream.unsent:
                room = min(self._h2.local_flow_control_window(number), self._h2.max_outbound_frame_size)
                if room <= 0:
                    return
                part, stream.unsent = stream.unsent[:room], stream.unsent[room:]
                self._h2.send_data(number, bytes(part), end_stream=not stream.unsent)

    def _flush(self) -> None:
        out = self._h2.data_to_send()
        if out and self._transport is not None:
            self._transport.write(out)

    def _leave(self, number: int) -> None:
        """Tell the server that nobody waits for its answer."""
        self._reset(number, ErrorCodes.CANCEL)
        self._flush()
        self._end(number)

    def _reset(self, number: int, code: ErrorCodes) -> None:
        with suppress(NoSuchStreamError):  # as in _send_body
            self._h2.reset_stream(number, code)

    def _end(self, number: int, problem: Exception | None = None) -> None:
        stream = self._streams.pop(number)
        if problem is not None and not stream.waiting.done():
            stream.waiting.set_exception(problem)
        self.idle_since = self._loop.time()
        self._next_turn()
        if not self.takes_requests and not self._streams:
            self._loop.call_soon(self.close_when_idle)

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._h2.local_settings = Settings(
            client=True,
            initial_values={SettingCodes.ENABLE_PUSH: 0, SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW},
        )
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(CONNECTION_WINDOW)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        if not self.ready.done() and data[3:4] not in (b"", _SETTINGS):
            self._give_up(NotHttp)
            return
        try:
            for event in self._h2.receive_data(data):
                self._take(event)
        except ProtocolError:
            self._give_up(NotHttp)
            return
        self._flush()

    def connection_lost(self, problem: Exception | None) -> None:
        self._transport = None
        refused: Any = ConnectionClosed
        if isinstance(problem, ssl.SSLError):
            # A server that does not like our certificate says so when we think that we are through.
            refused = _no_connection(problem)
        self._fail(refused)

    def _give_up(self, problem: Any) -> None:
        self._flush()
        self._fail(problem)
        if self._transport is not None:
            self._transport.close()

    def _fail(self, problem: Any) -> None:
        self.takes_requests = False
        if not self.ready.done():
            self.ready.set_exception(problem())
            self.ready.exception()  # nobody may be waiting any more
        for number, stream in list(self._streams.items()):
            self._end(number, AnswerBrokeOff() if stream.status and problem is not NotHttp else problem())
        self._all_turns()

    # -- h2

    def _take(self, event: Event) -> None:
        match event:
            case DataReceived(stream_id=number, flow_controlled_length=length):
                self._h2.acknowledge_received_data(length, number)
                if number in self._streams:
                    self._take_data(number, self._streams[number], event.data)
            case ResponseReceived(stream_id=number) if number in self._streams:
                self._take_head(self._streams[number], event.headers)
            case StreamEnded(stream_id=number) if number in self._streams:
                self._take_end(number)
            case StreamReset(stream_id=number, error_code=code) if number in self._streams:
                begun = AnswerBrokeOff if self._streams[number].status else ConnectionClosed
                self._end(number, _NotTaken() if code == ErrorCodes.REFUSED_STREAM else begun())
            case WindowUpdated(stream_id=number):
                for one in list(self._streams) if number == 0 else [number]:
                    if one in self._streams:
                        self._send_body(one, self._streams[one])
            case RemoteSettingsChanged():
                if not self.ready.done():
                    self.ready.set_result(None)
                for number, stream in self._streams.items():
                    self._send_body(number, stream)
                self._all_turns()
            case ConnectionTerminated(last_stream_id=last):
                self.takes_requests = False
                for number in [number for number in self._streams if number > (last or 0)]:
                    self._end(number, _NotTaken())
                self._all_turns()
                if not self._streams:
                    self._loop.call_soon(self.close_when_idle)

    def _take_head(self, stream: _Stream, headers: Iterable[tuple[bytes, bytes]]) -> None:
        for name, value in headers:
            if name == b":status":
                stream.status = int(value)
            elif name == b"content-encoding":
                stream.encoding = value.lower().strip()
            if name in self._keep_headers:
                stream.headers.append((name, value))

    def _take_data(self, number: int, stream: _Stream, data: bytes) -> None:
        stream.size += len(data)
        if stream.size > self._largest_answer:
            self._reset(number, ErrorCodes.CANCEL)
            self._end(number, AnswerTooLarge())
        else:
            stream.parts.append(data)

    def _take_end(self, number: int) -> None:
        stream = self._streams[number]
        if stream.unsent:  # it has its answer already, and need not hear the rest
            self._reset(number, ErrorCodes.NO_ERROR)
        body = b"".join(stream.parts)
        try:
            if stream.encoding not in (b"", b"identity"):
                body = decoded(body, stream.encoding, self._largest_answer)
        except (AnswerTooLarge, AnswerBrokeOff, NotHttp) as problem:
            self._end(number, problem)
            return
        self._end(number)
        if not stream.waiting.done():
            stream.waiting.set_result(HttpAnswer(stream.status, body, tuple(stream.headers)))


def _no_connection(cause: Exception) -> Any:
    def made() -> NoConnection:
        problem = NoConnection()
        problem.__cause__ = cause
        return problem

    return made
