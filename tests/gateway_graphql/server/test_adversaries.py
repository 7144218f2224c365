"""Subgraphs that answer anything, over real HTTP on both sides: the rest of the answer stays, and nothing crashes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from gateway_graphql.composition.compose import compose
from gateway_graphql.composition.subgraph import Subgraph
from gateway_graphql.execution.shaping import WORTH_IT
from gateway_graphql.server import ServerSettings, create_app
from gateway_graphql.server.settings import Timeouts, TrafficSettings
from tests.gateway_graphql.server.one_subgraph import subgraph
from tests.gateway_graphql.server.serving import serving

Http = aiohttp.ClientSession

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n'
CRATES = (
    LINK
    + """
    type Query { crates: [Crate] crate: Crate found: Found }
    type Mutation { open: Crate close: Crate }
    type Crate @key(fields: "id") { id: ID! colour: Colour tags: [String!] lid: Lid serial: Int }
    type Lid { locked: Boolean! }
    type Pallet { width: Int }
    union Found = Crate | Pallet
    enum Colour { RED GREEN }
    """
)
WEIGHTS = LINK + 'type Crate @key(fields: "id") { id: ID! weight: Int }'
TWO = '{"data": {"crates": [{"id": "1"}, {"id": "2"}]}}'
SETTINGS = ServerSettings(timeouts=Timeouts(subgraph=0.5), traffic=TrafficSettings(retries=0, circuit_requests=1000))

NONSENSE = "SUBREQUEST_MALFORMED_RESPONSE"
SUBGRAPHS_OWN = "DOWNSTREAM_SERVICE_ERROR"


class Told:
    """What each of the two subgraphs answers: a body and a status."""

    def __init__(self) -> None:
        self.crates: tuple[str, int] = (TWO, 200)
        self.weights: tuple[str, int] = ('{"data": {"_entities": [{"weight": 1}, {"weight": 2}]}}', 200)


@pytest.fixture
def told() -> Told:
    return Told()


def app_for(crates: str, weights: str) -> Any:
    """The gateway in front of both."""
    result = compose([Subgraph.from_sdl("crates", CRATES, crates), Subgraph.from_sdl("weights", WEIGHTS, weights)])
    assert result.supergraph_sdl, result.errors
    return create_app(result.supergraph_sdl, SETTINGS)


@pytest.fixture
async def url(told: Told) -> AsyncIterator[str]:
    """Where the gateway listens."""

    async def crates(_: web.Request) -> web.Response:
        return web.Response(text=told.crates[0], status=told.crates[1])

    async def weights(_: web.Request) -> web.Response:
        return web.Response(text=told.weights[0], status=told.weights[1])

    async with subgraph(crates) as one, subgraph(weights) as other, serving(app_for(one, other)) as url:
        yield url


async def ask(http: Http, url: str, query: str) -> tuple[Any, list[tuple[Any, Any]]]:
    """The data, and the code and path of each error."""
    async with http.post(f"{url}/graphql", json={"query": query}) as answer:
        assert answer.status == 200
        said = await answer.json()
    errors = [(one.get("extensions", {}).get("code"), one.get("path")) for one in said.get("errors", ())]
    assert all(isinstance(one["message"], str) for one in said.get("errors", ()))
    return said["data"], errors


@pytest.mark.parametrize(
    ("body", "weights", "errors"),
    [
        ('{"data": {"_entities": [{"weight": 1}]}}', [None, None], [(NONSENSE, ["crates"])]),
        ('{"data": {"_entities": [{}, {}, {}]}}', [None, None], [(NONSENSE, ["crates"])]),
        ('{"data": {"_entities": {}}}', [None, None], [(NONSENSE, ["crates"])]),
        ('{"data": {"_entities": null}}', [None, None], [(NONSENSE, ["crates"])]),
        ('{"data": {}}', [None, None], [(NONSENSE, ["crates"])]),
        ('{"data": {"_entities": ["crate", {"weight": 2}]}}', [None, 2], [(NONSENSE, ["crates"])]),
        ('{"data": {"_entities": [null, {"weight": 2}]}}', [None, 2], []),
        ('{"data": {"_entities": null}, "errors": [{"message": "no"}]}', [None, None], [(SUBGRAPHS_OWN, ["crates"])]),
        ('{"data": null, "errors": [{"message": "no"}]}', [None, None], [(SUBGRAPHS_OWN, ["crates"])]),
        ('{"data": null, "errors": ["no", 5, {}]}', [None, None], [(SUBGRAPHS_OWN, ["crates"])] * 3),
        ('{"data": null, "errors": []}', [None, None], [(NONSENSE, ["crates"])]),
        ('{"data": null, "errors": {}}', [None, None], [(NONSENSE, ["crates"])]),
        ('{"extensions": {}}', [None, None], [(NONSENSE, ["crates"])]),
        ("<h1>Welcome</h1>", [None, None], [(NONSENSE, ["crates"])]),
        ("[" * 100_000, [None, None], [(NONSENSE, ["crates"])]),
        ("", [None, None], [(NONSENSE, ["crates"])]),
    ],
)
async def test_a_wrong_answer_costs_its_own_part(
    http: Http, url: str, told: Told, body: str, weights: list[int | None], errors: list[Any]
) -> None:
    told.weights = (body, 200)

    data, said = await ask(http, url, "{ crates { id weight } }")

    assert data == {"crates": [{"id": str(at), "weight": one} for at, one in enumerate(weights, 1)]}
    assert said == errors


@pytest.mark.parametrize(
    ("error", "path"),
    [
        ('"path": ["_entities", 1, "weight"]', ["crates", 1, "weight"]),
        ('"path": ["_entities", 1]', ["crates", 1]),
        ('"path": ["_entities", 1, {"a": 1}, "weight"]', ["crates", 1]),
        ('"path": ["_entities", 7]', ["crates"]),
        ('"path": ["_entities", -1]', ["crates"]),
        ('"path": ["_entities", "1"]', ["crates"]),
        ('"path": [["_entities"]]', ["crates"]),
        ('"path": "_entities"', ["crates"]),
        ('"path": null', ["crates"]),
        ('"extensions": "none"', ["crates"]),
        ('"extensions": ["none"]', ["crates"]),
    ],
)
async def test_a_wrong_error_is_still_an_error(http: Http, url: str, told: Told, error: str, path: list[Any]) -> None:
    entities = '[{"weight": 1}, {"weight": null}]'
    told.weights = (f'{{"data": {{"_entities": {entities}}}, "errors": [{{"message": "no", {error}}}]}}', 200)

    data, said = await ask(http, url, "{ crates { weight } }")

    assert data == {"crates": [{"weight": 1}, {"weight": None}]}
    assert said == [(SUBGRAPHS_OWN, path)]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (502, "<h1>Bad gateway</h1>", "SUBREQUEST_HTTP_ERROR"),
        (302, "{}", "SUBREQUEST_HTTP_ERROR"),
        (400, '{"errors": [{"message": "no", "extensions": {"code": "BAD_USER_INPUT"}}]}', "BAD_USER_INPUT"),
        (500, '{"data": null, "errors": [{"message": "no"}]}', SUBGRAPHS_OWN),
    ],
)
async def test_a_status_counts_only_where_there_is_no_answer(
    http: Http, url: str, told: Told, status: int, body: str, code: str
) -> None:
    told.weights = (body, status)

    data, errors = await ask(http, url, "{ crates { id weight } }")

    assert data == {"crates": [{"id": "1", "weight": None}, {"id": "2", "weight": None}]}
    assert errors == [(code, ["crates"])]


@pytest.mark.parametrize("status", [400, 500])
async def test_data_counts_whatever_the_status(http: Http, url: str, told: Told, status: int) -> None:
    told.weights = ('{"data": {"_entities": [{"weight": 1}, {"weight": 2}]}}', status)

    assert await ask(http, url, "{ crates { weight } }") == ({"crates": [{"weight": 1}, {"weight": 2}]}, [])


@pytest.mark.parametrize(
    ("query", "body", "data", "path"),
    [
        ("{ crate { tags } }", '{"crate": {"tags": "red"}}', {"crate": {"tags": None}}, ["crate", "tags"]),
        ("{ crate { tags } }", '{"crate": {"tags": ["a", null]}}', {"crate": {"tags": None}}, ["crate", "tags", 1]),
        ("{ crate { colour } }", '{"crate": {"colour": "BLUE"}}', {"crate": {"colour": None}}, ["crate", "colour"]),
        ("{ crate { colour } }", '{"crate": {"colour": ["RED"]}}', {"crate": {"colour": None}}, ["crate", "colour"]),
        ("{ crate { colour } }", '{"crate": {"colour": {}}}', {"crate": {"colour": None}}, ["crate", "colour"]),
        ("{ crate { lid { locked } } }", '{"crate": {"lid": 5}}', {"crate": {"lid": None}}, ["crate", "lid"]),
        ("{ crate { id } }", '{"crate": []}', {"crate": None}, ["crate"]),
        ("{ crates { id } }", '{"crates": {}}', {"crates": None}, ["crates"]),
        ("{ crates { id } }", '{"crates": [[{"id": "1"}]]}', {"crates": [None]}, ["crates", 0]),
        ("{ found { __typename } }", '{"found": {}}', {"found": None}, ["found"]),
        ("{ found { __typename } }", '{"found": {"__typename": "Barrel"}}', {"found": None}, ["found"]),
        ("{ found { __typename } }", '{"found": {"__typename": ["Crate"]}}', {"found": None}, ["found"]),
        ("{ found { ... on Crate { id } } }", '{"found": {"__typename": {}, "id": "1"}}', {"found": None}, ["found"]),
    ],
)
async def test_values_of_the_wrong_shape_are_null_with_an_error(
    http: Http, url: str, told: Told, query: str, body: str, data: Any, path: list[Any]
) -> None:
    told.crates = (f'{{"data": {body}}}', 200)

    for _ in range(WORTH_IT + 1):  # what is asked often is shaped by other code
        said, errors = await ask(http, url, query)

        assert said == data
        assert [where for _, where in errors] == [path]


async def test_what_cannot_be_gone_on_with_is_an_error_where_it_is(http: Http, url: str, told: Told) -> None:
    told.crates = ('{"data": {"found": {"__typename": ["Crate"], "id": "1"}, "crate": {"id": "7", "serial": 3}}}', 200)
    told.weights = ('{"data": {"_entities": [{"weight": 1}]}}', 200)

    data, errors = await ask(http, url, "{ crate { serial } found { ... on Crate { weight } } }")

    assert data == {"crate": {"serial": 3}, "found": None}
    assert {tuple(where) for _, where in errors} == {("found",)}


async def test_numbers_stay_what_they_are(http: Http, url: str, told: Told) -> None:
    told.crates = ('{"data": {"crate": {"id": 9007199254740993000000001, "serial": 12345678901234567890}}}', 200)

    async with http.post(f"{url}/graphql", json={"query": "{ crate { id serial } }"}) as answer:
        assert await answer.text() == (
            '{"data":{"crate":{"id":9007199254740993000000001,"serial":12345678901234567890}}}'
        )


async def test_an_error_of_a_shared_entity_is_told_at_each_of_its_places(http: Http, url: str, told: Told) -> None:
    told.crates = ('{"data": {"crate": {"id": "1"}, "all": [{"id": "1"}, null, {"id": "1"}]}}', 200)
    told.weights = ('{"data": {"_entities": [null]}, "errors": [{"message": "no", "path": ["_entities", 0]}]}', 200)

    data, errors = await ask(http, url, "{ crate { weight } all: crates { weight } }")

    assert data == {"crate": {"weight": None}, "all": [{"weight": None}, None, {"weight": None}]}
    assert errors == [(SUBGRAPHS_OWN, path) for path in (["crate"], ["all", 0], ["all", 2])]


class Silent:
    """A subgraph that takes requests and never answers; it sees its connections close."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.left = asyncio.Event()

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            self.asked.set()
            while await reader.read(1000):
                pass
            self.left.set()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"


async def test_a_client_that_leaves_takes_the_connections_to_the_subgraphs_along(http: Http, told: Told) -> None:
    async def crates(_: web.Request) -> web.Response:
        return web.Response(text=TWO)

    silent = Silent()
    async with subgraph(crates) as one, silent.listening() as other, serving(app_for(one, other)) as url:
        asking = asyncio.ensure_future(ask(http, url, "{ crates { id weight } }"))
        await asyncio.wait_for(silent.asked.wait(), 5)
        asking.cancel()

        await asyncio.wait_for(silent.left.wait(), 5)


async def test_a_subgraph_that_takes_too_long_is_left(http: Http, told: Told) -> None:
    async def crates(_: web.Request) -> web.Response:
        return web.Response(text=TWO)

    silent = Silent()
    async with subgraph(crates) as one, silent.listening() as other, serving(app_for(one, other)) as url:
        data, errors = await ask(http, url, "{ crates { id weight } }")

        assert data == {"crates": [{"id": "1", "weight": None}, {"id": "2", "weight": None}]}
        assert errors == [("SUBGRAPH_TIMEOUT", ["crates"])]
        await asyncio.wait_for(silent.left.wait(), 5)


async def test_a_mutation_goes_on_after_one_of_its_fields_failed(http: Http, url: str, told: Told) -> None:
    told.crates = (
        '{"data": {"open": null, "close": {"id": "2"}}, "errors": [{"message": "no", "path": ["open"]}]}',
        200,
    )
    told.weights = ('{"data": {"_entities": [{"weight": 2}]}}', 200)

    data, errors = await ask(http, url, "mutation { open { id } close { weight } }")

    assert data == {"open": None, "close": {"weight": 2}}
    assert errors == [(SUBGRAPHS_OWN, ["open"])]
