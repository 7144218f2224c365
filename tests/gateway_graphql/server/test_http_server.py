"""The bytes of HTTP/1.1 on a connection to the gateway's own server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest
import uvicorn
from uvicorn.server import ServerState

from gateway_graphql.server import http_server
from gateway_graphql.server.asgi import Answer, ClientGone, HttpRequest, StreamedAnswer
from gateway_graphql.server.http_server import BODY_AHEAD, HEAD_BYTES, HttpConnection

Write = Callable[[Answer | StreamedAnswer], Awaitable[None]]


@dataclass
class Application:
    """Answers with what it was asked; some paths behave in other ways."""

    requests: list[HttpRequest] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, request: HttpRequest, write: Write) -> None:
        """One request."""
        self.requests.append(request)
        self.asked.set()
        match request.path:
            case "/unread":
                await write(Answer(413, b"text/plain", b"too much"))
            case "/slow":
                await self.may_answer.wait()
                await write(Answer(200, b"text/plain", b"at last"))
            case "/stream":
                await write(StreamedAnswer(b"text/plain", self.chunks()))
            case "/nothing":
                await write(Answer(204, b"text/plain", b""))
            case "/raises":
                raise ValueError("a mistake")
            case "/header":
                await write(Answer(200, b"text/plain", b"", ((b"x-a", b"1\r\nx-b: 2"),)))
            case "/gone":
                try:
                    await request.body(10**9, "limit")
                    while (await request.receive())["type"] != "http.disconnect":
                        pass
                except ClientGone:
                    pass
                self.left.set()
            case _:
                body = await request.body(10**9, "limit")
                said = f"{request.method} {request.path}?{request.query_string.decode()} {len(body)}".encode()
                await write(Answer(200, b"text/plain", said + b" " + body[:20]))

    async def chunks(self) -> AsyncIterator[bytes]:  # type: ignore[override]
        """Two chunks, the second when it may be sent."""
        try:
            yield b"one"
            await self.may_answer.wait()
            yield b""
            yield b"two"
        finally:
            self.left.set()


@dataclass
class Client:
    """A connection, byte by byte."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    application: Application
    state: ServerState

    async def send(self, data: bytes) -> None:
        """Write, and wait until it is written."""
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and the whole body of the next answer."""
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)).decode()
        line, *lines = head.strip().split("\r\n")
        headers = dict(one.split(": ", 1) for one in lines)
        return int(line.split()[1]), headers, await self.reader.readexactly(int(headers.get("content-length", 0)))

    async def end(self) -> bytes:
        """What comes until the server closes."""
        return await asyncio.wait_for(self.reader.read(), 5)


@asynccontextmanager
async def connected(**settings: float) -> AsyncIterator[Client]:
    """One connection to a server."""
    application, state = Application(), ServerState()
    config = uvicorn.Config(application, log_config=None, **settings)  # type: ignore[arg-type]
    config.load()
    make = partial(HttpConnection, application, config=config, server_state=state, app_state={})
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            yield Client(reader, writer, application, state)
        finally:
            writer.close()
            application.may_answer.set()
            await asyncio.gather(*state.tasks, return_exceptions=True)


GET = b"GET /a?b=c HTTP/1.1\r\nhost: x\r\n\r\n"


async def test_requests_one_after_the_other_on_one_connection() -> None:
    async with connected() as client:
        for body in (b"", b"hello"):
            await client.send(b"POST /p HTTP/1.1\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
            status, headers, said = await client.answer()
            assert (status, said) == (200, b"POST /p? %d %b" % (len(body), body))
            assert re.fullmatch("[0-9a-f]{32}", headers["x-request-id"])
            assert "connection" not in headers
        assert client.state.total_requests == 2


async def test_a_request_in_single_bytes() -> None:
    async with connected() as client:
        for byte in b"POST /p%20q?a=%20 HTTP/1.1\r\nX-Request-ID: abc\r\nContent-Length: 2\r\n\r\nhi":
            await client.send(bytes([byte]))
        assert (await client.answer())[2] == b"POST /p q?a=%20 2 hi"
        assert client.application.requests[0].request_id == "abc"
        assert client.application.requests[0].headers["content-length"] == "2"


async def test_a_body_in_chunks() -> None:
    async with connected() as client:
        await client.send(b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
        assert (await client.answer())[2] == b"POST /? 5 abcde"


async def test_requests_that_come_together_are_answered_in_order() -> None:
    async with connected() as client:
        await client.send(b"GET /slow HTTP/1.1\r\n\r\n" + b"".join(b"GET /%d HTTP/1.1\r\n\r\n" % n for n in range(40)))
        await client.application.asked.wait()
        assert len(client.application.requests) == 1
        client.application.may_answer.set()
        assert (await client.answer())[2] == b"at last"
        assert [(await client.answer())[2] for _ in range(40)] == [b"GET /%d? 0 " % number for number in range(40)]
        await client.send(GET)
        assert (await client.answer())[0] == 200


async def test_a_client_that_wants_to_be_told_to_go_on() -> None:
    async with connected() as client:
        await client.send(b"POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
        assert await client.answer() == (100, {}, b"")
        await client.send(b"hi")
        assert (await client.answer())[2] == b"POST /? 2 hi"


async def test_a_body_nobody_wants_is_not_asked_for() -> None:
    async with connected() as client:
        await client.send(b"POST /unread HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
        assert (await client.answer())[::2] == (413, b"too much")


async def test_what_is_left_of_a_refused_body_is_not_taken_for_a_request() -> None:
    async with connected() as client:
        body = b"GET /evil HTTP/1.1\r\n\r\n" * 1000
        await client.send(b"POST /unread HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(body))
        assert (await client.answer())[0] == 413
        await client.send(body + GET)
        assert (await client.answer())[2] == b"GET /a?b=c 0 "
        assert [request.path for request in client.application.requests] == ["/unread", "/a"]


async def test_a_body_waits_for_the_application() -> None:
    async with connected() as client:
        length = 100 * BODY_AHEAD
        await client.send(b"POST /slow HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % length)
        sending = asyncio.create_task(client.send(b"x" * length))
        await client.application.asked.wait()
        done, _ = await asyncio.wait([sending], timeout=0.1)
        assert not done  # the buffers of the system are full, and nobody reads
        client.application.may_answer.set()
        assert (await client.answer())[2] == b"at last"
        await sending
        await client.send(GET)
        assert (await client.answer())[0] == 200


@pytest.mark.parametrize(
    ("request_", "keeps"),
    [
        (b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n", True),
    ],
)
async def test_a_client_says_whether_the_connection_stays(request_: bytes, keeps: bool) -> None:
    async with connected() as client:
        await client.send(request_)
        _, headers, _ = await client.answer()
        assert headers["connection"] == ("keep-alive" if keeps else "close")
        if keeps:
            await client.send(GET)
            assert (await client.answer())[0] == 200
        else:
            assert await client.end() == b""


async def test_head_has_no_body_and_204_neither() -> None:
    async with connected() as client:
        await client.send(b"HEAD /a HTTP/1.1\r\n\r\nGET /nothing HTTP/1.1\r\n\r\n" + GET)
        head = await client.reader.readuntil(b"\r\n\r\n")
        assert b"content-length: 11\r\n" in head
        assert (await client.answer())[0] == 204
        assert (await client.answer())[2] == b"GET /a?b=c 0 "


async def test_a_stream_is_sent_as_it_comes() -> None:
    async with connected() as client:
        await client.send(b"GET /stream HTTP/1.1\r\n\r\n")
        assert b"transfer-encoding: chunked\r\n" in await client.reader.readuntil(b"\r\n\r\n")
        assert await client.reader.readexactly(8) == b"3\r\none\r\n"
        client.application.may_answer.set()
        assert await client.reader.readexactly(13) == b"3\r\ntwo\r\n0\r\n\r\n"
        await client.send(GET)
        assert (await client.answer())[0] == 200


async def test_a_stream_to_an_old_client_ends_with_the_connection() -> None:
    async with connected() as client:
        client.application.may_answer.set()
        await client.send(b"GET /stream HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
        head = await client.reader.readuntil(b"\r\n\r\n")
        assert b"chunked" not in head
        assert b"connection: close\r\n" in head
        assert await client.end() == b"onetwo"


async def test_a_stream_ends_when_its_client_leaves() -> None:
    async with connected() as client:
        await client.send(b"GET /stream HTTP/1.1\r\n\r\n")
        await client.reader.readuntil(b"one\r\n")
        client.writer.transport.abort()
        client.application.may_answer.set()
        await asyncio.wait_for(client.application.left.wait(), 5)


@pytest.mark.parametrize("rest", [b"", b"hi"])
async def test_the_application_hears_of_a_client_that_leaves(rest: bytes) -> None:
    async with connected() as client:
        await client.send(b"POST /gone HTTP/1.1\r\ncontent-length: 2\r\n\r\n" + rest)
        await client.application.asked.wait()
        client.writer.transport.abort()
        await asyncio.wait_for(client.application.left.wait(), 5)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01 this is TLS\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nx: " + b"y" * 3 * HEAD_BYTES, 431),
        (b"GET /" + b"y" * (HEAD_BYTES + 1) + b" HTTP/1.1\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * HEAD_BYTES, 431),
    ],
)
async def test_what_is_no_http_ends_the_connection(data: bytes, status: int) -> None:
    async with connected() as client:
        client.writer.write(data)
        assert (await client.answer())[0] == status
        assert await client.end() == b""
        assert client.application.requests == []


async def test_an_offer_of_another_protocol_is_passed_over() -> None:
    async with connected() as client:
        await client.send(
            b"POST /p HTTP/1.1\r\nhost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
            b"HTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: 2\r\n\r\nhi"
        )
        assert (await client.answer())[2] == b"POST /p? 2 hi"
        await client.send(GET)
        assert (await client.answer())[0] == 200


@pytest.mark.parametrize(("target", "path"), [(b"http://x:1/p?q", b"/p"), (b"http://x", b"/"), (b"*", b"/")])
async def test_other_forms_of_a_target(target: bytes, path: bytes) -> None:
    async with connected() as client:
        await client.send(b"OPTIONS %b HTTP/1.1\r\nhost: x\r\n\r\n" % target)
        assert (await client.answer())[2].startswith(b"OPTIONS %b?" % path)


@pytest.mark.parametrize("path", [b"/raises", b"/header"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_mistake_in_the_application_ends_the_connection(path: bytes) -> None:
    async with connected() as client:
        await client.send(b"GET %b HTTP/1.1\r\n\r\n" % path)
        assert await client.end() == b""


async def test_a_quiet_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "LOOK_EVERY", 0.01)
    async with connected(timeout_keep_alive=0) as client:
        assert await client.end() == b""


async def test_a_head_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(http_server, "HEAD_SECONDS", 0.05)
    async with connected(timeout_keep_alive=1000) as client:
        await client.send(b"GET / HTTP/1.1\r\nx: ")
        assert await client.end() == b""


async def test_a_body_that_comes_byte_by_byte_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(http_server, "BODY_SECONDS", 0.05)
    async with connected(timeout_keep_alive=1000) as client:
        await client.send(b"POST / HTTP/1.1\r\ncontent-length: 1000\r\n\r\na")
        assert await client.end() == b""
        await asyncio.gather(*client.state.tasks, return_exceptions=True)
        assert not client.state.tasks


async def test_a_body_may_take_its_time_while_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "LOOK_EVERY", 0.001)
    monkeypatch.setattr(http_server, "BODY_SECONDS", 0)
    monkeypatch.setattr(http_server, "BODY_BYTES_A_SECOND", 1)
    async with connected(timeout_keep_alive=1000) as client:
        await client.send(b"POST /a HTTP/1.1\r\ncontent-length: 101\r\n\r\n" + b"b" * 100)
        looks = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, looks.set)
        await looks.wait()
        await client.send(b"b")
        assert (await client.answer())[0] == 200


async def test_one_connection_too_many_closes_the_one_that_was_idle_for_longest() -> None:
    application, state = Application(), ServerState()
    config = uvicorn.Config(application, log_config=None)
    config.load()
    make = partial(HttpConnection, application, config=config, server_state=state, app_state={}, most_connections=3)
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    async with server:
        address = server.sockets[0].getsockname()
        clients = [Client(*await asyncio.open_connection(*address), application, state) for _ in range(3)]
        for client in (clients[1], clients[0], clients[2]):
            await client.send(GET)
            assert (await client.answer())[0] == 200
        more = Client(*await asyncio.open_connection(*address), application, state)
        await more.send(GET)
        assert (await more.answer())[0] == 200
        assert await clients[1].end() == b""
        await clients[0].send(GET)
        assert (await clients[0].answer())[0] == 200
        for client in (*clients, more):
            client.writer.close()


async def test_time_for_an_answer_is_no_quiet_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "LOOK_EVERY", 0.001)
    async with connected(timeout_keep_alive=0) as client:
        await client.send(b"GET /slow HTTP/1.1\r\n\r\n")
        looks = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, looks.set)
        await looks.wait()
        client.application.may_answer.set()
        assert (await client.answer())[2] == b"at last"


async def test_the_end_of_the_server_waits_for_the_answer() -> None:
    async with connected() as client:
        await client.send(b"GET /slow HTTP/1.1\r\n\r\n")
        await client.application.asked.wait()
        (connection,) = client.state.connections
        connection.shutdown()
        client.application.may_answer.set()
        _, headers, body = await client.answer()
        assert (headers["connection"], body) == ("close", b"at last")
        assert await client.end() == b""


async def test_the_end_of_the_server_closes_what_is_idle() -> None:
    async with connected() as client:
        await client.send(GET)
        await client.answer()
        (connection,) = client.state.connections
        connection.shutdown()
        assert await client.end() == b""
        assert client.state.connections == set()
