"""Subscriptions to subgraphs over plain HTTP, with a subgraph that says them byte by byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from gateway_graphql import Subgraph, compose, create_app
from gateway_graphql.execution.errors import SubgraphRefused, SubgraphSpokeNonsense, SubgraphUnreachable
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from gateway_graphql.server import ServerSettings
from gateway_graphql.server.settings import SubgraphSettings
from gateway_graphql.server.subgraph_http import SubgraphHttp
from tests.gateway_graphql.server.one_subgraph import subgraph
from tests.gateway_graphql.server.serving import serving

SSE, MULTIPART = "text/event-stream", 'multipart/mixed; boundary="graphql"; subscriptionSpec="1.0"'
PROTOCOL = {SSE: "sse", MULTIPART: "multipart"}
ONE, TWO = {"data": {"tick": 1}}, {"data": {"tick": 2}}
Pieces = list[bytes]


@asynccontextmanager
async def streaming(media_type: str, pieces: Pieces, heard: list[Any] | None = None) -> AsyncIterator[tuple[Any, str]]:
    """A subgraph that says these pieces, each flushed, and a client of it."""

    async def handler(request: web.Request) -> web.StreamResponse:
        if heard is not None:
            heard.append((request.headers["Accept"], await request.json()))
        answer = web.StreamResponse(headers={"Content-Type": media_type})
        await answer.prepare(request)
        for piece in pieces:
            await answer.write(piece)
        return answer

    settings = ServerSettings(subgraphs={"ticks": SubgraphSettings(live=PROTOCOL[media_type])})
    client = SubgraphHttp(settings)
    async with subgraph(handler) as url:
        yield client, url
    await client.close()


async def events(client: SubgraphHttp, url: str) -> list[Any]:
    """All of a stream."""
    request = SubgraphRequest("ticks", url, "subscription { tick }", variables={"a": 1}, kind="subscription")
    return [event async for event in client.subscribe(request)]


SSE_ALL = b': hello\n\nevent: next\ndata: {"data":{"tick":1}}\n\n:\n\nevent: next\ndata: {"data":\ndata: {"tick":2}}\n\nevent: complete\n\n'
PART = b"--graphql\r\ncontent-type: application/json\r\n\r\n"
MULTIPART_ALL = (
    b"\r\n" + PART + b'{"payload":{"data":{"tick":1}}}\r\n' + PART + b"{}\r\n" + PART
    + b'{"payload":{"data":{"tick":2}}}\r\n--graphql--\r\n'
)  # fmt: skip


def whole(said: bytes) -> Pieces:
    return [said]


def single_bytes(said: bytes) -> Pieces:
    return [bytes([byte]) for byte in said]


@pytest.mark.parametrize("cut", [whole, single_bytes])
@pytest.mark.parametrize(
    ("media_type", "said"),
    [(SSE, SSE_ALL), (SSE, SSE_ALL.replace(b"\n", b"\r\n")), (MULTIPART, MULTIPART_ALL)],
)
async def test_every_event_arrives(media_type: str, said: bytes, cut: Callable[[bytes], Pieces]) -> None:
    heard: list[Any] = []
    async with streaming(media_type, cut(said), heard) as (client, url):
        assert await events(client, url) == [ONE, TWO]
    assert media_type.partition(";")[0] in heard[0][0]
    assert heard[0][1] == {"query": "subscription { tick }", "variables": {"a": 1}}


@pytest.mark.parametrize(
    ("media_type", "first"),
    [
        (SSE, b'event: next\ndata: {"data":{"tick":1}}\n\n'),
        (MULTIPART, b"\r\n" + PART + b'{"payload":{"data":{"tick":1}}}'),
        (MULTIPART, b"\r\n" + PART + b'{"payload":{"data":{"tick":1}}}\r\n--graphql'),
    ],
)
async def test_an_event_arrives_before_the_next_is_there(media_type: str, first: bytes) -> None:
    left = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": media_type})
        await answer.prepare(request)
        await answer.write(first)
        try:
            while True:
                await answer.write(b"" if media_type == MULTIPART else b":\n\n")
                await asyncio.wait_for(asyncio.Event().wait(), 0.01)
        except TimeoutError:
            pass
        try:
            await asyncio.Event().wait()
        finally:
            left.set()
        return answer

    settings = ServerSettings(subgraphs={"ticks": SubgraphSettings(live=PROTOCOL[media_type])})
    client = SubgraphHttp(settings)
    async with subgraph(handler) as url:
        request = SubgraphRequest("ticks", url, "subscription { tick }", kind="subscription")
        async with aclosing(client.subscribe(request)) as stream:  # type: ignore[type-var]
            assert await asyncio.wait_for(anext(stream), 5) == ONE
    await client.close()


@pytest.mark.parametrize(
    ("media_type", "said", "expected"),
    [
        (SSE, SSE_ALL[:60], SubgraphUnreachable),
        (MULTIPART, MULTIPART_ALL[:-20], SubgraphUnreachable),
        (SSE, b"event: next\ndata: {\n\n", SubgraphSpokeNonsense),
        (SSE, b"event: next\ndata: 1\n\n", SubgraphSpokeNonsense),
        (MULTIPART, PART + b'{"payload": 1}\r\n--graphql--', SubgraphSpokeNonsense),
        (MULTIPART, PART + b'{"payload": null, "errors": [{"message": "no"}]}\r\n--graphql--', SubgraphUnreachable),
    ],
)
async def test_what_goes_wrong_is_an_error(media_type: str, said: bytes, expected: type[Exception]) -> None:
    async with streaming(media_type, [said]) as (client, url):
        with pytest.raises(expected):
            await events(client, url)


async def test_a_subscription_that_is_wrong_is_answered_at_once() -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.json_response({"errors": [{"message": "no such field"}]}, status=400)

    client = SubgraphHttp(ServerSettings(subgraphs={"ticks": SubgraphSettings(live="sse")}))
    async with subgraph(handler) as url:
        assert await events(client, url) == [{"data": None, "errors": [{"message": "no such field"}]}]
    with pytest.raises(SubgraphUnreachable):
        await events(client, url)
    await client.close()


@pytest.mark.parametrize(("status", "expected"), [(503, SubgraphRefused), (200, SubgraphSpokeNonsense)])
async def test_an_answer_that_is_no_stream(status: int, expected: type[Exception]) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(text="<html>", status=status)

    client = SubgraphHttp(ServerSettings(subgraphs={"ticks": SubgraphSettings(live="multipart")}))
    async with subgraph(handler) as url:
        with pytest.raises(expected):
            await events(client, url)
    await client.close()


@pytest.fixture
def sdl_of_ticks() -> str:
    return "type Query { a: Int } type Subscription { tick: Int }"


@pytest.mark.parametrize("protocol", ["sse", "multipart"])
async def test_our_own_gateway_can_be_the_subgraph(protocol: str, sdl_of_ticks: str) -> None:
    class Ticks:
        async def fetch(self, _: SubgraphRequest) -> dict[str, Any]:
            return {"data": {"a": 1}}

        async def subscribe(self, _: SubgraphRequest) -> AsyncIterator[dict[str, Any]]:
            for number in (1, 2):
                yield {"data": {"tick": number}}

    composed = compose([Subgraph.from_sdl("ticks", sdl_of_ticks, "http://ticks")])
    assert composed.supergraph_sdl
    client = SubgraphHttp(ServerSettings(subgraphs={"ticks": SubgraphSettings(live=protocol)}))
    async with serving(create_app(composed.supergraph_sdl, client=Ticks())) as url, aiohttp.ClientSession():
        assert await events(client, f"{url}/graphql") == [ONE, TWO]
    await client.close()


async def test_a_client_that_comes_back_goes_on_where_the_subgraph_says(sdl_of_ticks: str) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        begin = int(request.headers.get("Last-Event-ID", 0)) + 1
        answer = web.StreamResponse(headers={"Content-Type": SSE})
        await answer.prepare(request)
        for number in range(begin, begin + 2):
            await answer.write(b'id: %d\nevent: next\ndata: {"data":{"tick":%d}}\n\n' % (number, number))
        await answer.write(b"id: 9\rdata: {}\nevent: complete\n\n")
        return answer

    settings = ServerSettings(subgraphs={"ticks": SubgraphSettings(live="sse")})
    ask = {"query": "subscription { tick }"}
    async with subgraph(handler) as one:
        supergraph = compose([Subgraph.from_sdl("ticks", sdl_of_ticks, one)]).supergraph_sdl
        assert supergraph
        async with serving(create_app(supergraph, settings)) as url, aiohttp.ClientSession() as http:
            for last, expected in (({}, (1, 2)), ({"Last-Event-ID": "2"}, (3, 4))):
                async with http.post(f"{url}/graphql", json=ask, headers={"Accept": SSE, **last}) as answer:
                    told = [b'id: %d\nevent: next\ndata: {"data":{"tick":%d}}\n\n' % (each, each) for each in expected]
                    assert await answer.read() == b"".join(told) + b"event: complete\ndata:\n\n"
