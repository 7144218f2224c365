"""The server with the real engine, and two subgraphs over the network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from graphql import build_schema, graphql_sync

from gateway_graphql import Subgraph, compose, create_app
from gateway_graphql.server import ServerSettings
from gateway_graphql.server.graph_file import read_graph_file
from gateway_graphql.server.schemas import SchemasMissing, load_schemas
from gateway_graphql.server.settings import ServiceTokenSettings, SubgraphSettings
from tests.gateway_graphql.server.one_subgraph import subgraph
from tests.gateway_graphql.server.serving import serving
from tests.gateway_graphql.server.shop import PRODUCTS_SDL, REVIEWS_SDL, Shop, shop

Http = aiohttp.ClientSession
SETTINGS = ServerSettings(
    service_token=ServiceTokenSettings(key="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"), query_plan_in_answer=True
)


@pytest.fixture
async def services() -> AsyncIterator[Shop]:
    """Products and reviews."""
    async with shop() as services:
        yield services


def supergraph(services: Shop) -> str:
    """Both as one."""
    result = compose(
        [
            Subgraph.from_sdl("products", PRODUCTS_SDL, services.products_url),
            Subgraph.from_sdl("reviews", REVIEWS_SDL, services.reviews_url),
        ]
    )
    assert result.supergraph_sdl, result.errors
    return result.supergraph_sdl


@pytest.fixture
async def url(services: Shop) -> AsyncIterator[str]:
    """The gateway."""
    async with serving(create_app(supergraph(services), SETTINGS)) as url:
        yield url


async def ask(http: Http, url: str, query: str, **more: Any) -> Any:
    """The answer."""
    async with http.post(f"{url}/graphql", json={"query": query, **more}) as answer:
        return await answer.json()


EVERYTHING = {
    "data": {
        "products": [
            {"name": "Letterbox", "reviews": ["Every letter fits."]},
            {"name": "Doorbell", "reviews": ["Loud.", "Works in the rain."]},
        ]
    }
}


async def test_one_answer_from_two_subgraphs(http: Http, url: str, services: Shop) -> None:
    assert await ask(http, url, "{ products { name reviews } }") == EVERYTHING
    ids = {headers["X-Request-Id"] for headers in services.headers}
    assert len(services.headers) == 2
    assert len(ids) == 1
    assert all("Doorstep-Service-Token" in headers for headers in services.headers)


async def test_the_plan_on_request(http: Http, url: str) -> None:
    answer = await ask(http, url, "{ products { name reviews } }", extensions={"queryPlan": True})

    assert [fetch["subgraph"] for fetch in answer["extensions"]["queryPlan"]["fetches"]] == ["products", "reviews"]


async def test_a_subgraph_that_is_down_costs_only_its_part(http: Http, url: str, services: Shop) -> None:
    await services.stop_reviews()

    answer = await ask(http, url, "{ products { name reviews } }")
    assert answer["data"] == {
        "products": [{"name": "Letterbox", "reviews": None}, {"name": "Doorbell", "reviews": None}]
    }
    assert answer["errors"][0]["extensions"]["code"] == "SUBGRAPH_UNAVAILABLE"
    assert await ask(http, url, "{ products { name } }") == {
        "data": {"products": [{"name": "Letterbox"}, {"name": "Doorbell"}]}
    }


async def test_a_live_subscription_goes_on_in_the_other_subgraph(http: Http, url: str) -> None:
    async with http.ws_connect(f"{url}/graphql", protocols=("graphql-transport-ws",)) as socket:
        await socket.send_json({"type": "connection_init"})
        await socket.receive_json(timeout=5)
        await socket.send_json(
            {"id": "1", "type": "subscribe", "payload": {"query": "subscription { reviewed { name reviews } }"}}
        )
        said = [await socket.receive_json(timeout=5) for _ in range(3)]

    assert [message["type"] for message in said] == ["next", "next", "complete"]
    assert said[0]["payload"]["data"] == {"reviewed": EVERYTHING["data"]["products"][0]}


async def test_a_subscription_whose_subgraph_is_down_gets_an_error(http: Http, url: str, services: Shop) -> None:
    await services.stop_reviews()
    async with http.ws_connect(f"{url}/graphql", protocols=("graphql-transport-ws",)) as socket:
        await socket.send_json({"type": "connection_init"})
        await socket.receive_json(timeout=5)
        await socket.send_json(
            {"id": "1", "type": "subscribe", "payload": {"query": "subscription { reviewed { name } }"}}
        )
        said = await socket.receive_json(timeout=5)

    assert said["payload"]["errors"][0]["extensions"]["code"] == "SUBGRAPH_UNAVAILABLE"


async def test_a_file_reaches_the_one_subgraph_that_uses_it(http: Http, url: str, services: Shop) -> None:
    form = aiohttp.FormData()
    query = "mutation ($file: Upload!) { importProducts(file: $file) }"
    form.add_field("operations", json.dumps({"query": query, "variables": {"file": None}}))
    form.add_field("map", '{"0": ["variables.file"]}')
    form.add_field("0", b"a,b\n" * 500_000, filename="big.csv", content_type="text/csv")

    async with http.post(f"{url}/graphql", data=form) as answer:
        assert await answer.json() == {"data": {"importProducts": 500_000}}
    assert services.uploaded == b"a,b\n" * 500_000


async def test_it_can_be_mounted_below_a_path(http: Http, services: Shop) -> None:
    app = create_app(supergraph(services))

    async def host(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":  # hosts do not pass theirs on
            return
        await app({**scope, "root_path": "/api"}, receive, send)

    async with serving(host) as url:
        assert await ask(http, f"{url}/api", "{ products { name reviews } }") == EVERYTHING
    await app.close()


async def test_schemas_come_from_running_services(services: Shop, tmp_path: Path) -> None:
    graph = read_graph_file(_graph_yaml(tmp_path, services.products_url, services.reviews_url), {})
    told: list[str] = []

    found = await load_schemas(graph, wait=5, tell=lambda event, **_: told.append(event))

    assert [(one.name, one.sdl) for one in found] == [("products", PRODUCTS_SDL), ("reviews", REVIEWS_SDL)]
    assert told == ["schema loaded", "schema loaded"]


async def test_a_service_that_is_late_is_waited_for(tmp_path: Path) -> None:
    async with shop() as services:
        graph = read_graph_file(_graph_yaml(tmp_path, services.products_url, services.reviews_url), {})
        late = replace(graph, subgraphs=(replace(graph.subgraphs[0], schema_url="http://127.0.0.1:1/"),))
        waiting = asyncio.ensure_future(load_schemas(late, wait=0.3, tell=lambda *_, **__: None))
        with pytest.raises(SchemasMissing, match=r"products: no schema from http://127\.0\.0\.1:1/ within 0\.3 s: .*"):
            await waiting


async def test_a_service_without_federation_is_introspected(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        asked = (await request.json())["query"]
        return web.json_response(graphql_sync(build_schema("type Query { a: Int }"), asked).formatted)

    async with subgraph(handler) as url:
        graph = read_graph_file(_graph_yaml(tmp_path, url, url), {})
        found = await load_schemas(graph, wait=5, tell=lambda *_, **__: None)

    assert [one.sdl for one in found] == ["type Query {\n  a: Int\n}"] * 2


async def test_a_service_that_refuses_says_why(tmp_path: Path) -> None:
    async def refuses(_: web.Request) -> web.Response:
        error = {"message": "wrong service token", "extensions": {"code": "SERVICE_TOKEN_REQUIRED"}}
        return web.json_response({"errors": [error]}, status=401)

    async with subgraph(refuses) as url:
        graph = read_graph_file(_graph_yaml(tmp_path, url, url), {})
        with pytest.raises(SchemasMissing, match="wrong service token"):
            await load_schemas(graph, wait=0.3, tell=lambda *_, **__: None)


def _graph_yaml(folder: Path, products: str, reviews: str) -> Path:
    file = folder / "graph.yaml"
    file.write_text(
        f"subgraphs:\n"
        f"  products: {{routing_url: '{products}', schema: {{subgraph_url: '{products}'}}}}\n"
        f"  reviews: {{routing_url: '{reviews}', schema: {{subgraph_url: '{reviews}'}}}}\n"
    )
    return file


async def test_a_subgraph_may_be_elsewhere_than_the_supergraph_says(http: Http, services: Shop) -> None:
    products_url, services.products_url = services.products_url, "http://127.0.0.1:1/graphql"
    settings = ServerSettings(subgraphs={"products": SubgraphSettings(routing_url=products_url)})
    async with serving(create_app(supergraph(services), settings)) as url:
        assert "errors" not in await ask(http, url, "{ products { name } }")


async def test_each_subgraph_gets_the_headers_that_are_meant_for_it(http: Http, services: Shop) -> None:
    settings = ServerSettings(
        forward_headers=("x-tenant",), subgraphs={"reviews": SubgraphSettings(forward_headers=("x-reviewer",))}
    )
    sent = {"X-Tenant": "t", "X-Reviewer": "r", "X-Private": "p"}
    async with (
        serving(create_app(supergraph(services), settings)) as url,
        http.post(f"{url}/graphql", json={"query": "{ products { name reviews } }"}, headers=sent) as answer,
    ):
        assert await answer.json() == EVERYTHING

    products, reviews = ({name: each[name] for name in sent if name in each} for each in services.headers)
    assert (products, reviews) == ({"X-Tenant": "t"}, {"X-Reviewer": "r"})
