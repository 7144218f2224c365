"""A mutation is made to its end, whoever leaves, and whether or not its plan is remembered."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from gateway_graphql.composition.compose import compose
from gateway_graphql.composition.subgraph import Subgraph
from gateway_graphql.server import ServerSettings, client_gone, create_app
from tests.gateway_graphql.execution.clients import WaitsToBeReleased
from tests.gateway_graphql.server.serving import serving

LINK = '@link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@override"])'


def shifting() -> str:
    """A graph of which each request is answered by another plan, drawn by chance."""
    result = compose(
        [
            Subgraph("a", "http://a", f"extend schema {LINK} type Query {{ x: Int }} type Mutation {{ first: Int }}"),
            Subgraph(
                "b",
                "http://b",
                f'extend schema {LINK} type Query {{ x: Int @override(from: "a", label: "percent(50)") }} '
                "type Mutation { second: Int }",
            ),
        ]
    )
    assert result.supergraph_sdl, result.errors
    return result.supergraph_sdl


@pytest.mark.parametrize("remembered", [1000, 0])
async def test_what_comes_after_is_done_as_well(remembered: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_gone, "PATIENCE", 0)
    settings = ServerSettings(plan_cache_size=remembered)
    for _ in range(6):  # by chance, one of two labels is on
        subgraphs = WaitsToBeReleased(["a"], a={"data": {"first": 1}}, b={"data": {"second": 2}})
        app = create_app(shifting(), settings, subgraphs)
        async with serving(app, own_http=True) as url, aiohttp.ClientSession() as http:
            body = {"query": "mutation { first second }"}
            asking = asyncio.ensure_future(http.post(f"{url}/graphql", json=body))
            await subgraphs.until_asked("a")
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            for _ in range(2):
                async with http.get(f"{url}/health"):
                    pass
            subgraphs.gates["a"].set()
            await subgraphs.until_asked("b")
