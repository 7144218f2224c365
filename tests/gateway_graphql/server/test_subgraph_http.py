"""The subgraphs over real HTTP: what is sent, and what becomes of everything that can come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway_graphql.execution.errors import (
    SubgraphError,
    SubgraphRefused,
    SubgraphSpokeNonsense,
    SubgraphTimedOut,
    SubgraphUnreachable,
)
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from gateway_graphql.execution.uploads import Upload
from gateway_graphql.server.service_token import ServiceTokens, WrongServiceKey
from gateway_graphql.server.settings import (
    Limits,
    ServerSettings,
    ServiceTokenSettings,
    SubgraphSettings,
    Timeouts,
    TrafficSettings,
)
from gateway_graphql.server.spooled_file import SpooledFile
from gateway_graphql.server.subgraph_http import SubgraphHttp
from tests.gateway_graphql.server.one_subgraph import subgraph

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
SETTINGS = ServerSettings(
    limits=Limits(answer_bytes=1000),
    subgraphs={"slow": SubgraphSettings(timeout=0.1)},
    service_token=ServiceTokenSettings(key=SEED),
    traffic=TrafficSettings(retries=0),
)


@pytest.fixture
async def client() -> AsyncIterator[SubgraphHttp]:
    """The client under test."""
    client = SubgraphHttp(SETTINGS)
    yield client
    await client.close()


def answering(body: bytes | str, status: int = 200) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler that always says this."""

    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=body, status=status, content_type="application/json")

    return handler


async def test_the_request_carries_everything(client: SubgraphHttp) -> None:
    seen: dict[str, Any] = {}

    async def handler(request: web.Request) -> web.Response:
        seen.update(body=await request.json(), headers=request.headers)
        return web.json_response({"data": {"a": 1}, "extensions": {"x": 1}})

    async with subgraph(handler) as url:
        request = SubgraphRequest("matching", url, "query Q { a }", "Q", {"n": 2**70}, {"x-request-id": "r-1"})
        answer = await client.fetch(request)

    assert answer == {"data": {"a": 1}, "extensions": {"x": 1}}
    assert seen["body"] == {"query": "query Q { a }", "operationName": "Q", "variables": {"n": 2**70}}
    assert seen["headers"]["X-Request-Id"] == "r-1"
    public = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()
    token = seen["headers"]["Doorstep-Service-Token"]
    claims = jwt.decode(token, public, algorithms=["EdDSA"], audience="matching", issuer="gateway")
    assert claims["exp"] - claims["iat"] == 60
    assert jwt.get_unverified_header(token)["kid"] == "gateway"


def test_a_token_is_signed_once_for_each_subgraph(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    tokens = ServiceTokens(ServiceTokenSettings(key=SEED))
    first = tokens.token_for("matching")

    now += 49
    assert tokens.token_for("matching") == first
    assert tokens.token_for("addresses") != first
    now += 2
    assert tokens.token_for("matching") != first


@pytest.mark.parametrize("key", ["short", "not base64 at all ***", ""])
def test_a_wrong_key_is_said(key: str) -> None:
    with pytest.raises(WrongServiceKey, match="Ed25519 seed"):
        ServiceTokens(ServiceTokenSettings(key=key))


@pytest.mark.parametrize("status", [200, 400, 401, 500])
async def test_a_graphql_answer_counts_whatever_the_status(client: SubgraphHttp, status: int) -> None:
    async with subgraph(answering('{"errors": [{"message": "no"}]}', status)) as url:
        assert await client.fetch(SubgraphRequest("a", url, "{ a }")) == {"errors": [{"message": "no"}]}


@pytest.mark.parametrize(
    ("body", "status", "problem", "says"),
    [
        ("<h1>Bad gateway</h1>", 502, SubgraphRefused, "a: HTTP 502"),
        ("", 403, SubgraphRefused, "a: HTTP 403"),
        ("<h1>Hello</h1>", 200, SubgraphSpokeNonsense, "not a GraphQL result"),
        ("[]", 200, SubgraphSpokeNonsense, "not a GraphQL result"),
        ('{"hello": 1}', 200, SubgraphSpokeNonsense, "not a GraphQL result"),
        ('{"data": "' + "x" * 1000 + '"}', 200, SubgraphSpokeNonsense, "larger than 1000 bytes"),
        ("{}", 302, SubgraphRefused, "a: HTTP 302"),
    ],
)
async def test_what_is_no_answer(
    client: SubgraphHttp, body: str, status: int, problem: type[SubgraphError], says: str
) -> None:
    async with subgraph(answering(body, status)) as url:
        with pytest.raises(problem, match=says):
            await client.fetch(SubgraphRequest("a", url, "{ a }"))


async def test_an_endless_answer_is_cut_off(client: SubgraphHttp) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:  # until the gateway has had enough
            await response.write(b"x" * 1000)

    async with subgraph(handler) as url:
        with pytest.raises(SubgraphSpokeNonsense, match="larger than"):
            await client.fetch(SubgraphRequest("a", url, "{ a }"))


async def test_nobody_there(client: SubgraphHttp) -> None:
    async with subgraph(answering("")) as url:
        pass
    with pytest.raises(SubgraphUnreachable, match="a: no connection"):
        await client.fetch(SubgraphRequest("a", url, "{ a }"))


async def test_too_slow_ends_the_request_at_the_subgraph(client: SubgraphHttp) -> None:
    gone = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        raise AssertionError

    async with subgraph(handler) as url:
        with pytest.raises(SubgraphTimedOut, match=r"slow: no answer within 0\.1 s"):
            await client.fetch(SubgraphRequest("slow", url, "{ a }"))


async def test_cancelling_closes_the_connection(client: SubgraphHttp) -> None:
    arrived, left = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.set()
        while await reader.read(1000):
            pass
        left.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"
        asking = asyncio.ensure_future(client.fetch(SubgraphRequest("a", url, "{ a }")))
        await asyncio.wait_for(arrived.wait(), 5)
        asking.cancel()

        await asyncio.wait_for(left.wait(), 5)


@pytest.mark.parametrize(("kind", "attempts"), [("query", 2), ("mutation", 1)])
async def test_a_connection_that_closes_unanswered_is_tried_again_only_for_queries(
    client: SubgraphHttp, kind: Any, attempts: int
) -> None:
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await reader.readuntil(b"\r\n\r\n")
        asked += 1
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"
        with pytest.raises(SubgraphUnreachable, match="closed the connection"):
            await client.fetch(SubgraphRequest("a", url, "{ a }", kind=kind))
    assert asked == attempts


async def test_files_are_forwarded_by_the_multipart_spec(client: SubgraphHttp) -> None:
    seen: dict[str, Any] = {}

    async def handler(request: web.Request) -> web.Response:
        seen["length"] = request.content_length
        async for part in await request.multipart():
            name = part.name or ""
            seen[name] = (part.filename, part.headers.get("Content-Type"), bytes(await part.read()))
        return web.json_response({"data": {"ok": True}})

    first, second = SpooledFile(), SpooledFile(in_memory=10)
    first.write(b"a,b\r\n")
    second.write(b"x" * 300_000)
    one, two = Upload('odd"\r\nname.csv', "text/csv", first), Upload("two.bin", "", second)
    variables = {"input": {"files": [one, two]}, "again": one, "text": "t"}
    async with subgraph(handler) as url:
        assert (await client.fetch(SubgraphRequest("a", url, "{ a }", variables=variables)))["data"] == {"ok": True}

    assert seen["operations"][2] == (
        b'{"query":"{ a }","variables":{"input":{"files":[null,null]},"again":null,"text":"t"}}'
    )
    assert seen["map"][2] == b'{"0":["variables.input.files.0","variables.again"],"1":["variables.input.files.1"]}'
    assert seen["0"][1:] == ("text/csv", b"a,b\r\n")
    assert seen["1"] == ("two.bin", "application/octet-stream", b"x" * 300_000)
    assert seen["length"]
    first.close()
    second.close()


async def test_an_upload_has_its_own_time(client: SubgraphHttp) -> None:
    settings = replace(SETTINGS, timeouts=Timeouts(subgraph=0.000_001, upload=5))
    hurried = SubgraphHttp(settings)

    async def handler(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"data": {}})

    content = SpooledFile()
    content.write(b"x")
    async with subgraph(handler) as url:
        request = SubgraphRequest("a", url, "{ a }", variables={"f": Upload("f", "", content)})
        assert await hurried.fetch(request) == {"data": {}}
    content.close()
    await hurried.close()
