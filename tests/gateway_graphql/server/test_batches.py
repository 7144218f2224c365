"""Several operations in one request: off unless the settings allow it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from gateway_graphql.server import GatewayApp, ServerSettings
from tests.gateway_graphql.server.monolith_gateway import MonolithGateway
from tests.gateway_graphql.server.serving import serving

Http = aiohttp.ClientSession


@pytest.fixture
async def url(gateway: MonolithGateway, settings: ServerSettings) -> AsyncIterator[str]:
    """The gateway, with batches of three."""
    settings = replace(settings, limits=replace(settings.limits, batch_operations=3))
    async with serving(GatewayApp(gateway, settings)) as url:  # type: ignore[arg-type]
        yield url


async def post(http: Http, url: str, body: Any) -> tuple[int, Any]:
    """Status and body."""
    async with http.post(f"{url}/graphql", json=body) as answer:
        return answer.status, await answer.json()


async def test_each_operation_has_its_result_in_its_place(http: Http, url: str) -> None:
    status, results = await post(
        http,
        url,
        [
            {"query": "query Q($name: String) { hello(name: $name) }", "variables": {"name": "Ada"}},
            {"query": 1},
            {"query": "{ wrong }"},
        ],
    )
    assert status == 200
    assert results[0] == {"data": {"hello": "hello Ada"}}
    assert "`query` is missing" in results[1]["errors"][0]["message"]
    assert "wrong" in results[2]["errors"][0]["message"]
    assert "data" not in results[1] | results[2]


async def test_they_run_beside_one_another(http: Http, url: str, gateway: MonolithGateway) -> None:
    asking = asyncio.create_task(post(http, url, [{"query": "{ slow }"}] * 3))
    await asyncio.wait_for(gateway.until_slow(3), 5)
    gateway.slow_may_end.set()
    assert await asking == (200, [{"data": {"slow": "at last"}}] * 3)


async def test_mutations_are_made_and_a_subscription_is_an_error(
    http: Http, url: str, gateway: MonolithGateway
) -> None:
    status, results = await post(
        http,
        url,
        [{"query": 'mutation { remember(text: "x") }'}, {"query": "subscription { forever }"}],
    )
    assert (status, results[0], gateway.remembered) == (200, {"data": {"remember": "x"}}, ["x"])
    assert "errors" in results[1]


@pytest.mark.parametrize("count", [0, 4])
async def test_none_and_too_many_are_refused(http: Http, url: str, count: int) -> None:
    status, body = await post(http, url, [{"query": "{ hello }"}] * count)
    assert status == 400
    assert f"A list of {count} operations was sent; it must have between 1 and 3" in body["errors"][0]["message"]
