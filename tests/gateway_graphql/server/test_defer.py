"""``@defer`` over HTTP and over WebSockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from gateway_graphql.server import create_app
from tests.gateway_graphql.execution.clients import WaitsToBeReleased
from tests.gateway_graphql.execution.test_defer import PARCELS, entities, parcel
from tests.gateway_graphql.server.serving import serving
from tests.gateway_graphql.server.test_websocket import connected, subscribe

Http = aiohttp.ClientSession
DEFER = "multipart/mixed;deferSpec=20220824"
QUERY = '{ parcel { label ... @defer(label: "late") { weight } } }'
WHOLE = {"data": {"parcel": {"label": "toys", "weight": 3}}}
MUTATION = 'mutation { send { label ... @defer(label: "late") { weight } } }'
ALSO_JSON = f"{DEFER}, application/json"
FIRST = {"data": {"parcel": {"label": "toys"}}, "hasNext": True}
LATER = {"incremental": [{"data": {"weight": 3}, "path": ["parcel"], "label": "late"}], "hasNext": False}


@pytest.fixture
async def subgraphs() -> WaitsToBeReleased:
    """``routes`` answers late."""
    sent = {"data": {"send": {"id": "1", "label": "toys"}}}
    return WaitsToBeReleased(
        ["routes"],
        parcels=lambda request: sent if request.kind == "mutation" else parcel(),
        routes=entities({"weight": 3}),
    )


@pytest.fixture
async def url(subgraphs: WaitsToBeReleased) -> AsyncIterator[str]:
    """Where the gateway listens."""
    async with serving(create_app(PARCELS, client=subgraphs)) as url:
        yield url


async def part(answer: aiohttp.ClientResponse) -> Any:
    """The next part, as soon as the line after it is there; None at the end."""
    text = (await answer.content.readuntil(b"--graphql")).removesuffix(b"--graphql")
    end = await answer.content.readexactly(2)
    if not text.strip():
        return await part(answer)
    head, _, body = text.partition(b"\r\n\r\n")
    assert head == b"content-type: application/json; charset=utf-8"
    assert end == (b"\r\n" if json.loads(body)["hasNext"] else b"--")
    return json.loads(body)


async def test_the_first_part_does_not_wait_for_the_second(http: Http, url: str, subgraphs: WaitsToBeReleased) -> None:
    async with http.post(f"{url}/graphql", json={"query": QUERY}, headers={"Accept": DEFER}) as answer:
        assert answer.headers["content-type"] == 'multipart/mixed;boundary="graphql";deferSpec=20220824'
        assert await part(answer) == FIRST
        subgraphs.gates["routes"].set()
        assert await part(answer) == LATER
        assert await answer.content.read() == b"\r\n"


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "*/*"])
async def test_who_takes_no_parts_gets_all_at_once(
    http: Http, url: str, subgraphs: WaitsToBeReleased, accept: str
) -> None:
    subgraphs.gates["routes"].set()

    async with http.post(f"{url}/graphql", json={"query": QUERY}, headers={"Accept": accept}) as answer:
        assert await answer.json(content_type=None) == WHOLE


@pytest.mark.parametrize(("accept", "expected"), [(ALSO_JSON, "application/json"), (DEFER, "multipart/mixed")])
@pytest.mark.parametrize("query", ["{ parcel { label } }", "{ parcel { height } }"])
async def test_what_defers_nothing_is_one_answer(http: Http, url: str, accept: str, expected: str, query: str) -> None:
    async with http.post(f"{url}/graphql", json={"query": query}, headers={"Accept": accept}) as answer:
        assert answer.content_type == expected
        text = await answer.text()

    said = json.loads(text[text.index("{") : text.rindex("}") + 1])
    assert said == {"data": {"parcel": {"label": "toys"}}} if "label" in query else "errors" in said


async def test_a_client_that_leaves_stops_the_rest(http: Http, url: str, subgraphs: WaitsToBeReleased) -> None:
    async with http.post(f"{url}/graphql", json={"query": QUERY}, headers={"Accept": DEFER}) as answer:
        assert await part(answer) == FIRST
        await subgraphs.until_asked("routes")
        answer.close()

    await asyncio.wait_for(subgraphs.was_cut_off.wait(), 5)
    assert subgraphs.cut_off == ["routes"]


async def test_a_mutation_comes_in_parts_too(http: Http, url: str, subgraphs: WaitsToBeReleased) -> None:
    async with http.post(f"{url}/graphql", json={"query": MUTATION}, headers={"Accept": ALSO_JSON}) as answer:
        assert await part(answer) == {"data": {"send": {"label": "toys"}}, "hasNext": True}
        subgraphs.gates["routes"].set()
        assert await part(answer) == {
            "incremental": [{"data": {"weight": 3}, "path": ["send"], "label": "late"}],
            "hasNext": False,
        }


async def test_a_client_that_leaves_does_not_stop_its_mutation(
    http: Http, url: str, subgraphs: WaitsToBeReleased
) -> None:
    async with http.post(f"{url}/graphql", json={"query": MUTATION}, headers={"Accept": ALSO_JSON}) as answer:
        await part(answer)
        await subgraphs.until_asked("routes")
        answer.close()
    async with http.get(f"{url}/health"):
        subgraphs.gates["routes"].set()

    await asyncio.wait_for(subgraphs.was_released.wait(), 5)
    assert subgraphs.cut_off == []


async def test_a_mutation_comes_in_parts_over_a_websocket(http: Http, url: str, subgraphs: WaitsToBeReleased) -> None:
    async with connected(http, url) as socket:
        await subscribe(socket, "1", MUTATION)
        first = await socket.receive_json(timeout=5)
        assert first["payload"] == {"data": {"send": {"label": "toys"}}, "hasNext": True}
        await subgraphs.until_asked("routes")
    subgraphs.gates["routes"].set()

    await asyncio.wait_for(subgraphs.was_released.wait(), 5)
    assert subgraphs.cut_off == []


async def test_a_websocket_gets_several_next(http: Http, url: str, subgraphs: WaitsToBeReleased) -> None:
    async with connected(http, url) as socket:
        await subscribe(socket, "1", QUERY)
        assert await socket.receive_json(timeout=5) == {"id": "1", "type": "next", "payload": FIRST}
        subgraphs.gates["routes"].set()

        assert await socket.receive_json(timeout=5) == {"id": "1", "type": "next", "payload": LATER}
        assert await socket.receive_json(timeout=5) == {"id": "1", "type": "complete"}
