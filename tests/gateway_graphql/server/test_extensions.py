"""Code of an application's own, at every point of a request's way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from gateway_graphql import Extension, GraphQLRequest, ServerSettings, Subgraph, SubgraphRequest, compose, create_app
from gateway_graphql.server.asgi import HttpRequest, Refused
from gateway_graphql.server.extensions import WrongExtension, extension_named
from tests.gateway_graphql.server.serving import serving
from tests.gateway_graphql.server.test_websocket import closing, connected, subscribe

Http = aiohttp.ClientSession
SDL = """
type Query { user: String broken: String }
type Mutation { change: Int }
type Subscription { users: String }
"""


class Echo:
    """A subgraph in the process that says which user it was told of."""

    def __init__(self) -> None:
        self.requests: list[SubgraphRequest] = []

    async def fetch(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """The user, or an error."""
        self.requests.append(request)
        if "broken" in request.document:
            return {"data": {"broken": None}, "errors": [{"message": "secret", "path": ["broken"]}]}
        return {"data": {"user": request.headers.get("x-user"), "change": 1}}

    async def subscribe(self, request: SubgraphRequest) -> AsyncIterator[Mapping[str, Any]]:
        """The user, once."""
        yield {"data": {"users": request.headers.get("x-user")}}


@asynccontextmanager
async def extended(*extensions: Extension) -> AsyncIterator[tuple[str, Echo]]:
    """The gateway with these extensions, and the subgraph behind it."""
    result = compose([Subgraph.from_sdl("echo", SDL, "http://echo")])
    assert result.supergraph_sdl
    echo = Echo()
    settings = ServerSettings(forward_headers=("x-user",))
    async with serving(create_app(result.supergraph_sdl, settings, echo, extensions)) as url:
        yield url, echo


async def ask(http: Http, url: str, query: str, **headers: str) -> tuple[int, Any]:
    """Status and body."""
    async with http.post(f"{url}/graphql", json={"query": query}, headers=headers) as answer:
        return answer.status, await answer.json()


async def sign_in(request: HttpRequest) -> None:
    """Only who says a name may come in."""
    if "authorization" not in request.headers:
        raise Refused(401, "UNAUTHENTICATED", "Say who you are.")
    request.headers["x-user"] = request.headers["authorization"]


async def test_a_request_is_refused_or_gets_a_header(http: Http) -> None:
    async with extended(Extension(request=sign_in)) as (url, echo):
        status, body = await ask(http, url, "{ user }")
        assert (status, body["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
        assert echo.requests == []
        assert await ask(http, url, "{ user }", authorization="Ada") == (200, {"data": {"user": "Ada"}})


async def test_a_websocket_is_refused_or_gets_a_header(http: Http) -> None:
    async with extended(Extension(request=sign_in)) as (url, _):
        async with http.ws_connect(f"{url}/graphql", protocols=("graphql-transport-ws",)) as socket:
            assert await closing(socket) == (4403, "Say who you are.")
        named = aiohttp.ClientSession(headers={"authorization": "Ada"})
        async with named, connected(named, url) as socket:
            await subscribe(socket, "1", "subscription { users }")
            assert (await socket.receive_json(timeout=5))["payload"] == {"data": {"users": "Ada"}}


def shouted(operation: GraphQLRequest) -> GraphQLRequest | None:
    """A document in the name of another."""
    return replace(operation, query="{ user }") if operation.query == "SHORT" else None


async def test_an_operation_is_replaced(http: Http) -> None:
    async with extended(Extension(operation=shouted)) as (url, _):
        assert await ask(http, url, "SHORT") == (200, {"data": {"user": None}})
        async with http.get(f"{url}/graphql", params={"query": "SHORT"}) as answer:
            assert await answer.json() == {"data": {"user": None}}
        async with connected(http, url) as socket:
            await subscribe(socket, "1", "SHORT")
            assert (await socket.receive_json(timeout=5))["payload"] == {"data": {"user": None}}


async def test_what_an_operation_becomes_must_not_write_by_get(http: Http) -> None:
    writes = Extension(operation=lambda operation: replace(operation, query="mutation { change }"))
    async with extended(writes) as (url, echo):
        async with http.get(f"{url}/graphql", params={"query": "{ user }"}) as answer:
            assert answer.status == 405
        assert echo.requests == []


async def test_each_new_plan_is_told_once(http: Http) -> None:
    told: list[tuple[str, str, bool]] = []
    plan = Extension(plan=lambda text, prepared, seconds: told.append((text, type(prepared).__name__, seconds >= 0)))
    async with extended(plan) as (url, _):
        for query in ("{ user }", "{ user }", "{ wrong }"):
            await ask(http, url, query)
    assert told == [("{ user }", "Prepared", True), ("{ wrong }", "RequestErrors", True)]


async def test_requests_and_answers_of_subgraphs_are_changed(http: Http) -> None:
    async def as_bea(request: SubgraphRequest) -> SubgraphRequest:
        return replace(request, headers={**request.headers, "x-user": "Bea"})

    def loud(_: SubgraphRequest, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"data": {key: str(value).upper() for key, value in answer["data"].items()}}

    async with extended(Extension(subgraph_request=as_bea, subgraph_response=loud)) as (url, _):
        assert await ask(http, url, "{ user }") == (200, {"data": {"user": "BEA"}})
        async with connected(http, url) as socket:
            await subscribe(socket, "1", "subscription { users }")
            assert (await socket.receive_json(timeout=5))["payload"] == {"data": {"users": "BEA"}}


async def test_a_request_to_a_subgraph_is_refused(http: Http, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(request: SubgraphRequest) -> None:
        raise ValueError(f"not {request.subgraph}")

    async with extended(Extension(subgraph_request=refuse)) as (url, echo):
        _, body = await ask(http, url, "{ user }")
        assert body["data"] == {"user": None}
        assert body["errors"][0]["message"] == "echo: an extension of the gateway refused the request"
        assert echo.requests == []
    said = capsys.readouterr().out
    assert "extension failed" in said
    assert "not echo" in said  # what the extension raised, for those who wrote it


async def test_results_and_errors_are_changed_in_the_order_given(http: Http) -> None:
    hides = Extension(error=lambda _, error: {**error, "message": "hidden"})
    counts = Extension(response=lambda _, result: {**result, "extensions": {"errors": len(result.get("errors", ()))}})
    says = Extension(response=lambda _, result: {**result, "extensions": {**result["extensions"], "then": True}})
    async with extended(hides, counts, says) as (url, _):
        status, body = await ask(http, url, "{ broken }")
        assert (status, body["data"], body["extensions"]) == (200, {"broken": None}, {"errors": 1, "then": True})
        assert [error["message"] for error in body["errors"]] == ["hidden"]
        async with connected(http, url) as socket:
            await subscribe(socket, "1", "subscription { users }")
            event = (await socket.receive_json(timeout=5))["payload"]
            assert event == {"data": {"users": None}, "extensions": {"errors": 0, "then": True}}


EXTENSION = Extension()
NONE = "no extension"


def test_an_extension_is_found_by_its_name() -> None:
    assert extension_named(f"{__name__}:EXTENSION") is EXTENSION


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nowhere:extension", "No module named 'nowhere'"),
        (f"{__name__}:missing", "has no attribute 'missing'"),
        ("nothing", "write package.module:name"),
        (f"{__name__}:NONE", "is a str; it must be a gateway_graphql.Extension"),
    ],
)
def test_a_wrong_name_says_what_is_wrong(name: str, says: str) -> None:
    with pytest.raises(WrongExtension, match=says):
        extension_named(name)
