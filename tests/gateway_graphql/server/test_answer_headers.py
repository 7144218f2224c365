"""Headers both ways: what each subgraph always gets, and what of its answers goes on to the client."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from aiohttp import web
from multidict import CIMultiDict

from gateway_graphql import ServerSettings, Subgraph, compose, create_app
from gateway_graphql.server.answer_headers import combined
from gateway_graphql.server.settings import SubgraphSettings
from tests.gateway_graphql.server.one_subgraph import subgraph
from tests.gateway_graphql.server.serving import serving

Http = aiohttp.ClientSession


def answering(data: Any, *headers: tuple[str, str], heard: list[Any] | None = None) -> Any:
    """A subgraph that says this with these headers."""

    async def handler(request: web.Request) -> web.Response:
        if heard is not None:
            heard.append(request.headers)
        return web.json_response({"data": data}, headers=CIMultiDict(headers))

    return handler


async def test_what_the_settings_name_goes_on(http: Http) -> None:
    heard: list[Any] = []
    one = answering({"a": 1}, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Served-By", "one"), heard=heard)
    two = answering({"b": 1}, ("Set-Cookie", "c=3"), ("X-Secret", "no"), ("Cache-Control", "max-age=60"))
    async with subgraph(one) as first, subgraph(two) as second:
        composed = compose(
            [
                Subgraph.from_sdl("one", "type Query { a: Int }", first),
                Subgraph.from_sdl("two", "type Query { b: Int }", second),
            ]
        )
        assert composed.supergraph_sdl
        settings = ServerSettings(
            answer_headers=("set-cookie", "x-served-by", "cache-control"),
            subgraphs={"one": SubgraphSettings(headers={"X-Api-Key": "k"})},
        )
        async with serving(create_app(composed.supergraph_sdl, settings)) as url:
            async with http.post(f"{url}/graphql", json={"query": "{ a b }"}) as answer:
                assert sorted(answer.headers.getall("Set-Cookie")) == ["a=1", "b=2", "c=3"]
                assert answer.headers["X-Served-By"] == "one"
                assert answer.headers["Cache-Control"] == "no-store"  # one of them says nothing
                assert "X-Secret" not in answer.headers
            async with http.post(f"{url}/graphql", json={"query": "{ b }"}) as answer:
                assert answer.headers["Cache-Control"] == "public, max-age=60"
                assert answer.headers.getall("Set-Cookie") == ["c=3"]
            assert heard[0]["X-Api-Key"] == "k"


async def test_nothing_goes_on_unless_named(http: Http) -> None:
    async with subgraph(answering({"a": 1}, ("X-Served-By", "one"), ("Set-Cookie", "a=1"))) as first:
        composed = compose([Subgraph.from_sdl("one", "type Query { a: Int }", first)])
        assert composed.supergraph_sdl
        app = create_app(composed.supergraph_sdl)
        async with serving(app) as url, http.post(f"{url}/graphql", json={"query": "{ a }"}) as answer:
            assert not {"X-Served-By", "Set-Cookie"} & set(answer.headers)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["max-age=60", "max-age=30"], "public, max-age=30"),
        (["private, max-age=60", "max-age=90"], "private, max-age=60"),
        (["max-age=60", "no-store"], "no-store"),
        (["max-age=60", "no-cache"], "no-store"),
        (["max-age=60", "public"], "no-store"),
        (['Max-Age="5"'], "public, max-age=5"),
    ],
)
def test_the_strictest_cache_control_counts(said: list[str], expected: str) -> None:
    collected = [((b"cache-control", one.encode()),) for one in said]
    assert combined(collected, failed=False) == ((b"cache-control", expected.encode()),)
    assert combined(collected, failed=True) == ((b"cache-control", b"no-store"),)
