"""The client for subgraphs that speak HTTP/2, against servers that are told when each part of an answer goes out."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import trustme
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamEnded, StreamReset, WindowUpdated
from h2.settings import SettingCodes, Settings
from hyperframe.frame import GoAwayFrame

from gateway_graphql.server.http2_client import Http2Client
from gateway_graphql.server.http_answer import (
    AnswerBrokeOff,
    AnswerTooLarge,
    ConnectionClosed,
    HttpAnswer,
    NoConnection,
    NotHttp,
)

LARGEST = 4_000_000


class Talk:
    """One connection, as the server sees it."""

    def __init__(self, writer: asyncio.StreamWriter, settings: dict[SettingCodes, int]) -> None:
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.fields: dict[int, dict[str, str]] = {}
        self.bodies: dict[int, bytes] = {}
        self._writer = writer
        self._unsent: dict[int, bytes] = {}
        self.h2.local_settings = Settings(client=False, initial_values=dict(settings))
        self.h2.initiate_connection()
        self.flush()

    def answer(self, number: int, body: bytes = b"hi", *fields: tuple[str, str]) -> None:
        """The whole answer to a request, as the client has room for it."""
        self.begin(number, *fields)
        self._unsent[number] = body
        self.go_on()

    def begin(self, number: int, *fields: tuple[str, str]) -> None:
        self.h2.send_headers(number, [(":status", "200"), *fields])
        self.flush()

    def go_on(self) -> None:
        for number, body in list(self._unsent.items()):
            while body and (room := min(self.h2.local_flow_control_window(number), self.h2.max_outbound_frame_size)):
                self.h2.send_data(number, body[:room])
                body = body[room:]
            if body:
                self._unsent[number] = body
            else:
                self.h2.end_stream(number)
                del self._unsent[number]
        self.flush()

    def reset(self, number: int, code: ErrorCodes) -> None:
        self.h2.reset_stream(number, code)
        self.flush()

    def say_goodbye(self, last: int) -> None:
        """Which request is the last to be answered. Past the state of h2, which would answer none afterwards."""
        self._writer.write(GoAwayFrame(0, last_stream_id=last).serialize())

    def hang_up(self) -> None:
        self._writer.close()

    def flush(self) -> None:
        self._writer.write(self.h2.data_to_send())


class Server:
    """
    Does with each request what it is told: ``behaviour`` gets the connection and the number of the request.

    ``at_once``: as soon as its headers are there.
    """

    def __init__(
        self, behaviour: Callable[[Talk, int], None] = Talk.answer, *, at_once: bool = False, **settings: int
    ) -> None:
        self._at_once = at_once
        self.talks: list[Talk] = []
        self.resets: asyncio.Queue[int | None] = asyncio.Queue()
        self._behaviour = behaviour
        self._settings = {SettingCodes[name]: value for name, value in settings.items()}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = Talk(writer, self._settings)
        self.talks.append(talk)
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                for event in talk.h2.receive_data(data):
                    self._take(talk, event)
                talk.flush()
        writer.close()

    def _take(self, talk: Talk, event: object) -> None:
        match event:
            case RequestReceived(stream_id=number, headers=fields):
                talk.fields[number], talk.bodies[number] = {str(name): str(value) for name, value in fields}, b""
                if self._at_once:
                    self._behaviour(talk, number)
            case DataReceived(stream_id=number, data=part, flow_controlled_length=length):
                talk.bodies[number] += part
                talk.h2.acknowledge_received_data(length, number)
            case StreamEnded(stream_id=number) if not self._at_once:
                self._behaviour(talk, number)
            case StreamReset(error_code=code):
                self.resets.put_nowait(code)
            case WindowUpdated():
                talk.go_on()


class Held:
    """A behaviour: requests wait until they are let go."""

    def __init__(self) -> None:
        self.requests: asyncio.Queue[tuple[Talk, int]] = asyncio.Queue()

    def __call__(self, talk: Talk, number: int) -> None:
        self.requests.put_nowait((talk, number))

    async def next(self) -> tuple[Talk, int]:
        return await asyncio.wait_for(self.requests.get(), 5)


@asynccontextmanager
async def serving(server: Server, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Where the server is."""
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    async with listener:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{listener.sockets[0].getsockname()[1]}/graphql"
        for talk in server.talks:  # since Python 3.12 a server waits for its connections
            talk.hang_up()


@pytest.fixture
async def client() -> AsyncIterator[Http2Client]:
    client = Http2Client(connect_seconds=5, keep_seconds=5, largest_answer=LARGEST, keep_headers=["X-Kept"])
    yield client
    client.close()


def asked(client: Http2Client, url: str, body: bytes = b"{}", seconds: float = 5) -> asyncio.Task[HttpAnswer]:
    return asyncio.ensure_future(client.post(url, {}, body, seconds))


async def test_all_requests_share_a_connection_and_are_answered_in_any_order(client: Http2Client) -> None:
    held = Held()
    server = Server(held)
    async with serving(server) as url:
        requests = [asked(client, url, b"%d" % each) for each in range(20)]
        for talk, number in reversed([await held.next() for _ in requests]):
            talk.answer(number, b"for " + talk.bodies[number])

        assert [one.body for one in await asyncio.gather(*requests)] == [b"for %d" % each for each in range(20)]
    assert len(server.talks) == 1


async def test_no_more_are_sent_than_the_server_takes(client: Http2Client) -> None:
    held = Held()
    async with serving(Server(held, MAX_CONCURRENT_STREAMS=2)) as url:
        requests = [asked(client, url) for _ in range(7)]
        for _ in requests:
            talk, number = await held.next()
            assert talk.h2.open_inbound_streams <= 2
            talk.answer(number)

        assert [one.status for one in await asyncio.gather(*requests)] == [200] * 7


async def test_whoever_gives_up_waiting_for_a_turn_leaves_it_to_the_next(client: Http2Client) -> None:
    held = Held()
    async with serving(Server(held, MAX_CONCURRENT_STREAMS=1)) as url:
        first = asked(client, url)
        talk, number = await held.next()
        second, third = asked(client, url), asked(client, url, b"third")
        await asyncio.sleep(0)
        second.cancel()
        talk.answer(number)
        await first
        talk, number = await held.next()

        assert talk.bodies[number] == b"third"
        talk.answer(number)
        await third


async def test_large_bodies_wait_for_room_on_both_sides(client: Http2Client) -> None:
    body, answer = b"q" * 300_000, b"a" * 3_000_000
    server = Server(lambda talk, number: talk.answer(number, answer))
    async with serving(server) as url:
        found = await client.post(url, {}, body, 20)

    assert found.body == answer
    assert server.talks[0].bodies == {1: body}


async def test_an_answer_that_does_not_wait_for_the_question_ends_it(client: Http2Client) -> None:
    server = Server(at_once=True, INITIAL_WINDOW_SIZE=0)
    async with serving(server) as url:
        assert (await client.post(url, {}, b"{}", 5)).body == b"hi"
        assert await asyncio.wait_for(server.resets.get(), 5) == ErrorCodes.NO_ERROR


async def test_the_request_is_what_was_given(client: Http2Client) -> None:
    server = Server()
    async with serving(server) as url:
        await client.post(url.replace("//", "//me:pass%20word@") + "?a=b c", {"X-One": "1"}, b'{"query":"{ a }"}', 5)

    (fields,) = server.talks[0].fields.values()
    assert fields == {
        ":method": "POST",
        ":scheme": "http",
        ":authority": url.split("/")[2],
        ":path": "/graphql?a=b%20c",
        "accept-encoding": "identity",
        "authorization": "Basic bWU6cGFzcyB3b3Jk",
        "x-one": "1",
        "content-length": "17",
    }


async def test_the_headers_that_somebody_wants_are_kept(client: Http2Client) -> None:
    server = Server(lambda talk, number: talk.answer(number, b"hi", ("x-kept", "1"), ("x-other", "2")))
    async with serving(server) as url:
        assert (await client.post(url, {}, b"{}", 5)).headers == ((b"x-kept", b"1"),)


async def test_a_compressed_answer_is_read_although_nobody_asked_for_it(client: Http2Client) -> None:
    server = Server(lambda talk, number: talk.answer(number, gzip.compress(b"hi"), ("content-encoding", "gzip")))
    async with serving(server) as url:
        assert (await client.post(url, {}, b"{}", 5)).body == b"hi"


def half(talk: Talk, number: int) -> None:
    talk.begin(number)
    talk.h2.send_data(number, b"half")
    talk.flush()


def half_then_reset(talk: Talk, number: int) -> None:
    half(talk, number)
    talk.reset(number, ErrorCodes.INTERNAL_ERROR)


def half_then_gone(talk: Talk, number: int) -> None:
    half(talk, number)
    talk.hang_up()


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (lambda talk, number: talk.hang_up(), ConnectionClosed),
        (lambda talk, number: talk.reset(number, ErrorCodes.INTERNAL_ERROR), ConnectionClosed),
        (lambda talk, number: talk.reset(number, ErrorCodes.REFUSED_STREAM), ConnectionClosed),
        (half_then_reset, AnswerBrokeOff),
        (half_then_gone, AnswerBrokeOff),
        (lambda talk, number: talk.answer(number, b"x" * (LARGEST + 1)), AnswerTooLarge),
        (lambda talk, number: talk.answer(number, b"hi", ("content-encoding", "br")), NotHttp),
        (
            lambda talk, number: talk.answer(number, gzip.compress(b"x" * (LARGEST + 1)), ("content-encoding", "gzip")),
            AnswerTooLarge,
        ),
        (lambda talk, number: talk.answer(number, b"hi", ("content-length", "3")), NotHttp),
    ],
)
async def test_what_is_no_answer_says_what_it_is_instead(
    client: Http2Client, behaviour: Callable[[Talk, int], None], problem: type[Exception]
) -> None:
    async with serving(Server(behaviour)) as url:
        with pytest.raises(problem):
            await client.post(url, {}, b"{}", 20)


async def test_what_the_server_refused_without_a_look_goes_again(client: Http2Client) -> None:
    server = Server(
        lambda talk, number: talk.reset(number, ErrorCodes.REFUSED_STREAM) if number == 1 else talk.answer(number)
    )
    async with serving(server) as url:
        assert (await client.post(url, {}, b"once", 5)).body == b"hi"

    assert server.talks[0].bodies == {1: b"once", 3: b"once"}


async def test_a_server_that_goes_away_answers_what_it_has_taken_and_the_rest_goes_elsewhere(
    client: Http2Client,
) -> None:
    held = Held()
    server = Server(held)
    async with serving(server) as url:
        requests = [asked(client, url, body) for body in (b"taken", b"not taken")]
        (talk, first), _ = await held.next(), await held.next()
        talk.say_goodbye(first)
        new, number = await held.next()
        assert (new is talk, new.bodies[number]) == (False, b"not taken")
        new.answer(number, b"new")
        talk.answer(first, b"old")

        assert [one.body for one in await asyncio.gather(*requests)] == [b"old", b"new"]
        assert (await asked_again(client, url, held)) is new


async def asked_again(client: Http2Client, url: str, held: Held) -> Talk:
    """The connection that another request takes."""
    request = asked(client, url)
    talk, number = await held.next()
    talk.answer(number)
    await request
    return talk


@pytest.mark.parametrize("late", [True, False])
async def test_a_request_that_is_given_up_ends_at_the_server_and_takes_no_other_with_it(
    client: Http2Client, late: bool
) -> None:
    held = Held()
    server = Server(held)
    async with serving(server) as url:
        other = asked(client, url)
        talk, number = await held.next()
        given_up = asked(client, url, seconds=0.2 if late else 5)
        await held.next()
        talk.begin(number)  # it is alive
        if not late:
            given_up.cancel()
        with pytest.raises(TimeoutError if late else asyncio.CancelledError):
            await given_up

        assert await asyncio.wait_for(server.resets.get(), 5) == ErrorCodes.CANCEL
        talk.h2.send_data(number, b"hi", end_stream=True)
        talk.flush()
        assert (await other).body == b"hi"
        assert await asked_again(client, url, held) is talk


async def test_a_connection_that_says_nothing_any_more_is_left_to_those_who_wait_on_it(client: Http2Client) -> None:
    held = Held()
    async with serving(Server(held)) as url:
        with pytest.raises(TimeoutError):
            await client.post(url, {}, b"{}", 0.1)
        silent, _ = await held.next()

        assert await asked_again(client, url, held) is not silent


async def test_a_connection_is_not_used_again_when_it_was_idle_for_too_long() -> None:
    client = Http2Client(connect_seconds=5, keep_seconds=0, largest_answer=LARGEST)
    server = Server()
    async with serving(server) as url:
        for _ in range(2):
            await client.post(url, {}, b"{}", 5)
        client.close()

    assert len(server.talks) == 2


async def test_whoever_gives_up_connecting_leaves_it_to_the_others(client: Http2Client) -> None:
    server = Server()
    async with serving(server) as url:
        first, second = asked(client, url), asked(client, url)
        await asyncio.sleep(0)
        first.cancel()

        assert (await second).body == b"hi"
    assert len(server.talks) == 1


async def test_nobody_listens(client: Http2Client) -> None:
    async with serving(Server()) as url:
        pass
    with pytest.raises(NoConnection) as problem:
        await client.post(url, {}, b"{}", 5)
    assert isinstance(problem.value.__cause__, ConnectionRefusedError)


async def test_a_server_of_version_1_is_told_apart(client: Http2Client) -> None:
    listener = await asyncio.start_server(_answers_version_1, "127.0.0.1", 0)
    async with listener:
        url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/graphql"
        with pytest.raises(NotHttp):
            await client.post(url, {}, b"{}", 5)


async def _answers_version_1(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 505 HTTP Version Not Supported\r\ncontent-length: 0\r\n\r\n")
    await writer.drain()
    writer.close()


@pytest.mark.parametrize(("url", "headers"), [("ftp://127.0.0.1/", {}), ("http://127.0.0.1:1/", {"x": "1\r\ny: 2"})])
async def test_nothing_is_sent_that_would_be_read_as_something_else(
    client: Http2Client, url: str, headers: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"is not a URL|line break"):
        await client.post(url, headers, b"{}", 5)


@pytest.mark.parametrize("speaks", ["h2", "http/1.1"])
async def test_over_tls_the_version_is_agreed_on(
    client: Http2Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, speaks: str
) -> None:
    authority, trusted = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(trusted)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    context.set_alpn_protocols([speaks])
    async with serving(Server(), context) as url:
        if speaks == "h2":
            assert (await client.post(url, {}, b"{}", 5)).body == b"hi"
        else:
            with pytest.raises((NotHttp, NoConnection)):
                await client.post(url, {}, b"{}", 5)
