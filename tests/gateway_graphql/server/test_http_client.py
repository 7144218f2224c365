"""The client for subgraphs, against servers that say each byte of their answers."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from gateway_graphql.server.http_answer import (
    AnswerBrokeOff,
    AnswerTooLarge,
    ConnectionClosed,
    NoConnection,
    NotHttp,
)
from gateway_graphql.server.http_client import HttpClient

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"


class Server:
    """Answers each request with the next of some bytes; ``None`` in them closes the connection."""

    def __init__(self, *answers: bytes | None) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.connections = 0
        self.writers: list[asyncio.StreamWriter] = []
        self.closed = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                while self.answers:
                    answer = self.answers.pop(0)
                    if answer is None:
                        return
                    writer.write(answer)
                    await writer.drain()
                    if not self.answers or self.answers[0] is not None:
                        break
            await reader.read()
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()
            self.closed.set()


@asynccontextmanager
async def listening(server: Server, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Where the server is."""
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    async with listener:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{listener.sockets[0].getsockname()[1]}/graphql"
        for writer in server.writers:  # since Python 3.12 a server waits for its connections
            writer.close()


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    """A client that takes answers of at most 100 bytes."""
    client = HttpClient(connect_seconds=5, keep_seconds=5, largest_answer=100)
    yield client
    client.close()


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        ([ANSWER], 200, b"hi"),
        ([b"HTTP/1.1 503 Away\r\ncontent-length: 0\r\n\r\n"], 503, b""),
        ([b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n"], 200, b"hi"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n" + ANSWER], 200, b"hi"),
        ([b"HTTP/1.1 200 OK\r\n\r\nto the end", None], 200, b"to the end"),
        ([b"HTTP/1.0 200 OK\r\n\r\nto the end", None], 200, b"to the end"),
        (
            [
                b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%s"
                % (len(gzip.compress(b"hi")), gzip.compress(b"hi"))
            ],
            200,
            b"hi",
        ),
    ],
)
async def test_an_answer_is_read_however_it_ends(
    client: HttpClient, answer: list[bytes | None], status: int, body: bytes
) -> None:
    async with listening(Server(*answer)) as url:
        found = await client.post(url, {}, b"{}", 5)

    assert (found.status, found.body) == (status, body)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ([None], ConnectionClosed),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nhalf", None], AnswerBrokeOff),
        ([b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf", None], AnswerBrokeOff),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n"], AnswerTooLarge),
        ([b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 101], AnswerTooLarge),
        ([b"SSH-2.0-OpenSSH_9.2\r\n"], NotHttp),
        ([b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 2\r\n\r\nhi"], NotHttp),
        ([b"HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"], NotHttp),
        (
            [
                b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%s"
                % (len(gzip.compress(b"x" * 10_000)), gzip.compress(b"x" * 10_000))
            ],
            AnswerTooLarge,
        ),
    ],
)
async def test_what_is_no_answer_says_what_it_is_instead(
    client: HttpClient, answer: list[bytes | None], problem: type[Exception]
) -> None:
    async with listening(Server(*answer)) as url:
        with pytest.raises(problem):
            await client.post(url, {}, b"{}", 5)


async def test_the_request_is_what_was_given(client: HttpClient) -> None:
    server = Server(ANSWER)
    async with listening(server) as url:
        await client.post(url.replace("//", "//me:pass%20word@") + "?a=b c", {"X-One": "1"}, b'{"query":"{ a }"}', 5)

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"POST /graphql?a=b%20c HTTP/1.1"
    assert b"authorization: Basic bWU6cGFzcyB3b3Jk" in head.split(b"\r\n")
    assert b"X-One: 1" in head.split(b"\r\n")
    assert body == b'{"query":"{ a }"}'


async def test_a_connection_is_kept_for_the_next_request(client: HttpClient) -> None:
    server = Server(ANSWER, ANSWER, ANSWER)
    async with listening(server) as url:
        for _ in range(3):
            await client.post(url, {}, b"{}", 5)

    assert (len(server.requests), server.connections) == (3, 1)


@pytest.mark.parametrize(
    "ending",
    [b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi", ANSWER + ANSWER],
    ids=["the server says so", "more was answered than asked"],
)
async def test_a_connection_is_not_used_again_when_it_must_not(client: HttpClient, ending: bytes) -> None:
    server = Server(ending, ANSWER)
    async with listening(server) as url:
        await client.post(url, {}, b"{}", 5)
        await asyncio.wait_for(server.closed.wait(), 5)
        await client.post(url, {}, b"{}", 5)

    assert server.connections == 2


async def test_a_late_answer_ends_the_connection(client: HttpClient) -> None:
    server = Server(b"HTTP/1.1 200 OK\r\n")
    async with listening(server) as url:
        with pytest.raises(TimeoutError):
            await client.post(url, {}, b"{}", 0.1)
        await asyncio.wait_for(server.closed.wait(), 5)


async def test_nobody_listens(client: HttpClient) -> None:
    async with listening(Server()) as url:
        pass
    with pytest.raises(NoConnection) as problem:
        await client.post(url, {}, b"{}", 5)
    assert isinstance(problem.value.__cause__, ConnectionRefusedError)


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("ftp://127.0.0.1/", {}),
        ("http:///graphql", {}),
        ("http://127.0.0.1/\r\nx: y", {}),
        ("http://127.0.0.1:1/", {"x": "1\r\ny: 2"}),
    ],
)
async def test_nothing_is_sent_that_would_be_read_as_something_else(
    client: HttpClient, url: str, headers: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"is not a URL|line break"):
        await client.post(url, headers, b"{}", 5)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> Path:
    """The authority that the server's certificate is of."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """The server's side of TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


async def test_tls_is_spoken_with_whom_the_machine_trusts(
    client: HttpClient, trusted: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with listening(Server(ANSWER), tls) as url:
        assert (await client.post(url, {}, b"{}", 5)).body == b"hi"


async def test_tls_is_refused_with_anybody_else(client: HttpClient, tls: ssl.SSLContext) -> None:
    async with listening(Server(ANSWER), tls) as url:
        with pytest.raises(NoConnection) as problem:
            await client.post(url, {}, b"{}", 5)
    assert isinstance(problem.value.__cause__, ssl.SSLCertVerificationError)
