"""Answers that are kept as ``@cacheControl`` and ``@cacheTag`` say: asked once, and anew as soon as something has changed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import redis

from gateway_graphql.composition.compose import compose
from gateway_graphql.composition.subgraph import Subgraph
from gateway_graphql.execution.caller import Caller
from gateway_graphql.execution.errors import SubgraphTimedOut
from gateway_graphql.execution.gateway import GraphQLRequest
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from gateway_graphql.server import ServerSettings, create_app
from gateway_graphql.server.caching.answers import KeptAnswers, Wanted
from gateway_graphql.server.caching.stores import InMemory, InRedis
from gateway_graphql.server.graph_file import WrongGraphFile, read_graph_file
from gateway_graphql.server.settings import CacheSettings
from tests.gateway_graphql.execution.clients import AnswersAsTold
from tests.gateway_graphql.server.processes import free_port
from tests.gateway_graphql.server.serving import serving

LINK = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@composeDirective", "@cacheTag", "@requiresScopes"])
  @link(url: "https://cache.example/cacheControl/v0.1", import: ["@cacheControl"])
  @composeDirective(name: "@cacheControl")
directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
enum CacheControlScope { PUBLIC PRIVATE }
"""
ADDRESSES = """
type Query {
  address(id: ID! = "1"): Address @cacheTag(format: "asked-{$args.id}")
  nearby(first: Int = 2): Page @cacheControl(maxAge: 30)
  now: Int
  mine: String @cacheControl(maxAge: 30, scope: PRIVATE)
  guarded: String @cacheControl(maxAge: 30) @requiresScopes(scopes: [["read"]])
  place: Place @cacheControl(maxAge: 30)
}
type Mutation { move(id: ID!): Address }
type Page @cacheControl(inheritMaxAge: true) { nodes: [Address!]! count: Int }
interface Place { id: ID! }
type Address implements Place @key(fields: "id") @cacheControl(maxAge: 60) @cacheTag(format: "address-{$key.id}") {
  id: ID! city: String note: String @cacheControl(scope: PRIVATE) load: Int @cacheControl(maxAge: 0)
}
"""
PEOPLE = """
type Query { people: [Person!]! fixed: String @cacheControl(maxAge: 5) }
type Person { name: String home: Address }
type Address @key(fields: "id", resolvable: false) { id: ID! }
"""
COMPOSED = compose([Subgraph("addresses", "http://a", LINK + ADDRESSES), Subgraph("people", "http://p", LINK + PEOPLE)])
GRAPH = COMPOSED.supergraph_sdl or "\n".join(map(str, COMPOSED.errors))


class Town:
    """Both subgraphs: what is true at the moment, and who was asked for what."""

    def __init__(self) -> None:
        self.cities = {"1": "Aachen", "2": "Bonn", "3": "Celle"}
        self.homes = ["1", "2"]
        self.asked: list[str] = []
        self.fail: Callable[[SubgraphRequest], Any] | None = None
        self.client = AnswersAsTold(addresses=self._addresses, people=self._people)

    def _people(self, request: SubgraphRequest) -> Mapping[str, Any]:
        self.asked.append("people")
        return {"data": {"people": [{"name": f"of {id}", "home": {"id": id}} for id in self.homes], "fixed": "yes"}}

    def _addresses(self, request: SubgraphRequest) -> Any:
        if self.fail is not None:
            self.asked.append("failed")
            return self.fail(request)
        representations = next((one for one in request.variables.values() if isinstance(one, list)), None)
        if representations is not None:
            self.asked.append("entities " + " ".join(one["id"] for one in representations))
            return {"data": {"_entities": [self._address(one["id"]) for one in representations]}}
        self.asked.append("root")
        if "mutation" in request.document:
            return {"data": {"move": self._address("1")}}
        here = {
            "address": self._address(str(request.variables.get("id", "1"))),
            "nearby": {"nodes": [self._address("1"), self._address("2")], "count": 2},
            "now": len(self.asked),
            "mine": request.caller.subject,
            "guarded": "secret",
            "place": {"__typename": "Address", "id": "1"},
        }
        return {"data": {name: value for name, value in here.items() if name in request.document}}

    def _address(self, id: str) -> dict[str, Any]:
        return {"id": id, "city": self.cities.get(id), "note": f"note {id}", "load": len(self.asked)}


class Gateway:
    """The engine of an application with a cache, and the town behind it."""

    def __init__(self, settings: CacheSettings, town: Town | None = None) -> None:
        self.town = town or Town()
        self.app = create_app(GRAPH, ServerSettings(cache=settings), self.town.client)
        self.caching: Any = self.app._held[-1]

    async def __call__(self, query: str, caller: str | None = None, scopes: str = "", **variables: Any) -> Any:
        """The data of the answer."""
        result = await self.result(query, caller, scopes, **variables)
        assert "errors" not in result, result
        return result["data"]

    async def result(self, query: str, caller: str | None = None, scopes: str = "", **variables: Any) -> Any:
        """The answer."""
        asks = Caller(caller, frozenset(scopes.split()), credential=caller or "")
        return await self.app._gateway.execute(GraphQLRequest(query, None, variables, caller=asks))

    async def call_back(self, *tags: str) -> None:
        """Tell that something has changed."""
        await self.caching.store.call_back(tags)

    @property
    def asked(self) -> list[str]:
        """What was asked since this was read last."""
        asked, self.town.asked = self.town.asked, []
        return asked


ONLY_SUBGRAPHS = CacheSettings(responses=False)
ONLY_RESPONSES = CacheSettings(subgraph_answers=False)
HOMES = "{ people { name home { city } } }"


async def test_entities_are_asked_one_by_one_once() -> None:
    gateway = Gateway(ONLY_SUBGRAPHS)
    first = await gateway(HOMES)
    assert gateway.asked == ["people", "entities 1 2"]

    gateway.town.homes = ["2", "3", "1"]
    second = await gateway(HOMES)

    assert gateway.asked == ["people", "entities 3"]
    assert [one["home"]["city"] for one in first["people"]] == ["Aachen", "Bonn"]
    assert [one["home"]["city"] for one in second["people"]] == ["Bonn", "Celle", "Aachen"]


async def test_an_entity_that_has_changed_is_asked_anew_and_the_others_are_not() -> None:
    gateway = Gateway(ONLY_SUBGRAPHS)
    await gateway(HOMES)
    gateway.town.cities["2"] = "Berlin"
    await gateway.call_back("address-2")
    _ = gateway.asked

    answer = await gateway(HOMES)

    assert gateway.asked == ["people", "entities 2"]
    assert [one["home"]["city"] for one in answer["people"]] == ["Aachen", "Berlin"]


@pytest.mark.parametrize(
    "settings", [CacheSettings(), ONLY_SUBGRAPHS, ONLY_RESPONSES], ids=["all", "subgraphs", "responses"]
)
async def test_whoever_changes_something_sees_it_in_the_next_answer(settings: CacheSettings) -> None:
    gateway = Gateway(settings)
    await gateway("{ address { city } fixed }")
    await gateway("{ fixed }")
    gateway.town.cities["1"] = "Ahlen"
    await gateway("mutation { move(id: 1) { city } }")
    _ = gateway.asked

    assert (await gateway("{ address { city } fixed }"))["address"] == {"city": "Ahlen"}
    assert "people" not in gateway.asked or not settings.subgraph_answers
    await gateway("{ fixed }")
    assert gateway.asked == []


async def test_what_changes_while_it_is_asked_is_not_kept() -> None:
    gateway = Gateway(ONLY_SUBGRAPHS)
    answer_now = gateway.town._addresses

    async def changed_meanwhile(request: SubgraphRequest) -> Any:
        answer = answer_now(request)
        await gateway.call_back("address-1")
        return answer

    plain = gateway.town.client.fetch

    async def fetch(request: SubgraphRequest) -> Any:
        if request.subgraph == "people":
            return await plain(request)
        gateway.town.client.fetch = plain  # type: ignore[method-assign]
        return await changed_meanwhile(request)

    gateway.town.client.fetch = fetch  # type: ignore[method-assign]
    await gateway(HOMES)
    _ = gateway.asked

    await gateway(HOMES)

    assert gateway.asked == ["people", "entities 1"]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("{ address(id: 1) { city } }", True),
        ("{ nearby { nodes { city } count } }", True),
        ("{ nearby { nodes { city load } } }", False),
        ("{ now }", False),
        ("{ address(id: 1) { city } now }", False),
        ("{ place { id } }", True),
        ("{ ... on Query { address(id: 1) { ...C } } } fragment C on Address { city }", True),
        ("mutation { move(id: 1) { city } }", False),
        ("{ __typename }", False),
    ],
)
@pytest.mark.parametrize("settings", [ONLY_SUBGRAPHS, ONLY_RESPONSES], ids=["subgraphs", "responses"])
async def test_an_answer_is_kept_if_every_field_of_it_may_be(query: str, kept: bool, settings: CacheSettings) -> None:
    gateway = Gateway(settings)
    first = await gateway(query)
    asked = gateway.asked

    second = await gateway(query)

    assert gateway.asked == ([] if kept else asked)
    assert kept <= (first == second)


@pytest.mark.parametrize("settings", [ONLY_SUBGRAPHS, ONLY_RESPONSES], ids=["subgraphs", "responses"])
@pytest.mark.parametrize("tag", ["asked-1", "type:Address"])
async def test_what_was_asked_from_the_root_is_called_back_by_its_arguments_and_by_what_it_holds(
    settings: CacheSettings, tag: str
) -> None:
    queries: list[tuple[str, dict[str, Any]]] = [
        ("{ address { city } }", {}),
        ("{ address(id: 1) { city } }", {}),
        ("query A($id: ID!) { address(id: $id) { city } }", {"id": "1"}),
        ("query B($id: ID! = 1) { address(id: $id) { city } }", {}),
    ]
    for query, variables in queries:
        gateway = Gateway(settings)
        assert await gateway(query, **variables) == {"address": {"city": "Aachen"}}
        gateway.town.cities["1"] = "Ahlen"
        await gateway.call_back("asked-2", "type:Page")
        assert await gateway(query, **variables) == {"address": {"city": "Aachen"}}

        await gateway.call_back(tag)

        assert await gateway(query, **variables) == {"address": {"city": "Ahlen"}}, query


@pytest.mark.parametrize("settings", [ONLY_SUBGRAPHS, ONLY_RESPONSES], ids=["subgraphs", "responses"])
async def test_what_is_private_is_kept_for_each_caller_alone(settings: CacheSettings) -> None:
    gateway = Gateway(settings)
    for caller in ("ada", "bob", "ada", None):
        assert await gateway("{ mine }", caller) == {"mine": caller}
    assert gateway.asked == ["root"] * 3
    await gateway("{ address { note } }", "ada")
    await gateway("{ address { note } }", "bob")
    assert gateway.asked == ["root"] * 2


async def test_who_may_not_see_a_field_does_not_get_it_from_whoever_may() -> None:
    for settings in (CacheSettings(), ONLY_SUBGRAPHS, ONLY_RESPONSES):
        gateway = Gateway(settings)
        assert await gateway("{ guarded }", "ada", "read") == {"guarded": "secret"}

        refused = await gateway.result("{ guarded }", "bob")

        assert refused["data"] == {"guarded": None}
        assert refused["errors"][0]["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"
        assert await gateway("{ guarded }", "ada", "read") == {"guarded": "secret"}


async def test_what_went_wrong_is_not_kept_and_what_is_known_is_answered_all_the_same() -> None:
    gateway = Gateway(ONLY_SUBGRAPHS)
    await gateway(HOMES)
    gateway.town.homes = ["3", "1"]
    gateway.town.fail = lambda request: {
        "data": {"_entities": [None]},
        "errors": [{"message": "no such house", "path": ["_entities", 0]}],
    }
    _ = gateway.asked

    partly = await gateway.result(HOMES)

    assert [one["home"]["city"] for one in partly["data"]["people"]] == [None, "Aachen"]
    assert [error["path"] for error in partly["errors"]] == [["people", 0, "home"]]
    gateway.town.fail = lambda request: {"data": None, "errors": [{"message": "down"}]}
    partly = await gateway.result(HOMES)
    assert [one["home"]["city"] for one in partly["data"]["people"]] == [None, "Aachen"]
    gateway.town.fail = None
    assert [one["home"]["city"] for one in (await gateway(HOMES))["people"]] == ["Celle", "Aachen"]


async def test_a_subgraph_that_cannot_be_asked_is_an_error_and_nothing_is_kept() -> None:
    for settings in (ONLY_SUBGRAPHS, ONLY_RESPONSES):
        gateway = Gateway(settings)
        failing = AnswersAsTold(addresses=SubgraphTimedOut("addresses", "late"), people={})
        gateway.town.client.answers, answers = failing.answers, gateway.town.client.answers
        assert (await gateway.result("{ address { city } }"))["errors"][0]["extensions"]["code"] == "SUBGRAPH_TIMEOUT"
        gateway.town.client.answers = answers
        assert await gateway("{ address { city } }") == {"address": {"city": "Aachen"}}


async def test_a_header_that_makes_answers_differ_is_part_of_what_is_asked() -> None:
    gateway = Gateway(CacheSettings(vary=("accept-language",)))
    for language in ("de", "en", "de"):
        request = GraphQLRequest("{ address { city } }", headers={"accept-language": language})
        await gateway.app._gateway.execute(request)
    assert gateway.asked == ["root", "root"]


async def test_an_answer_is_good_for_as_long_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("gateway_graphql.server.caching.stores.time.monotonic", lambda: now)
    gateway = Gateway(ONLY_RESPONSES)
    await gateway("{ fixed }")
    now += 4.9
    await gateway("{ fixed }")
    assert gateway.asked == ["people"]
    now += 0.2
    await gateway("{ fixed }")
    assert gateway.asked == ["people"]


async def test_the_memory_of_one_process_is_bounded() -> None:
    store = InMemory(100)
    await store.write([(str(number), b"x" * 30, 60) for number in range(5)])
    assert (await store.read([str(number) for number in range(5)], []))[0] == [None, None, *[b"x" * 30] * 3]
    await store.read(["2"], [])
    await store.write([("5", b"x" * 30, 60), ("6", b"x" * 101, 60)])
    found, _ = await store.read([str(number) for number in range(7)], [])
    assert [one is not None for one in found] == [False, False, True, False, True, True, False]


async def test_gateways_share_what_one_of_them_keeps_in_redis(redis_url: str) -> None:
    settings = CacheSettings(redis_url=redis_url, redis_prefix="mine")
    town = Town()
    one, other = Gateway(settings, town), Gateway(settings, town)
    await one(HOMES)
    await one("{ address { city } }")
    _ = one.asked

    await other("{ address { city } }")
    await other(HOMES)
    assert other.asked == ["people"]

    # Whoever knows of a change writes a version of the tag; it need not be a gateway.
    connection = redis.Redis.from_url(redis_url)
    connection.set("mine:tag:address-1", "anything new", ex=60)
    await other(HOMES)
    assert other.asked == ["people", "entities 1"]
    kept = list(connection.scan_iter("mine:*"))
    assert kept
    assert all(connection.ttl(key) > 0 for key in kept)
    for gateway in (one, other):
        await gateway.app.close()


async def test_without_redis_everything_is_asked_and_nobody_waits() -> None:
    gateway = Gateway(CacheSettings(redis_url=f"redis://127.0.0.1:{free_port()}/0"))
    for _ in range(3):
        await gateway(HOMES)
    assert gateway.asked == ["people", "entities 1 2"] * 3


async def test_what_redis_did_not_tell_the_tags_of_is_not_kept(redis_url: str) -> None:
    store = InRedis(redis_url, "p")
    kept = KeptAnswers(store, "graph")
    store._ask_at = float("inf")
    one = Wanted(kept.key("x"), ["tag"], 60)
    untagged = Wanted(kept.key("y"), [], 60)
    await kept.look([one, untagged])
    store._ask_at = 0.0
    await kept.keep([(one, 1), (untagged, 2)])
    assert not list(redis.Redis.from_url(redis_url).scan_iter("p:*"))
    await store.close()


@asynccontextmanager
async def served(settings: ServerSettings) -> AsyncIterator[tuple[str, Town]]:
    town = Town()
    app = create_app(GRAPH, settings, town.client)
    async with serving(app, own_http=True, proxy_headers=False) as url:
        yield url, town


async def test_it_counts_what_it_found_over_http(redis_url: str) -> None:
    settings = ServerSettings(cache=CacheSettings(redis_url=redis_url))
    town = Town()
    app = create_app(GRAPH, settings, town.client)
    async with serving(app, own_http=True, proxy_headers=False) as url, aiohttp.ClientSession() as http:
        for _ in range(3):
            async with http.post(f"{url}/graphql", json={"query": "{ address { city } }"}) as answer:
                assert json.loads(await answer.text()) == {"data": {"address": {"city": "Aachen"}}}
        counted = app.metrics.registry.get_sample_value
        found = counted("gateway_answers_looked_for_total", {"kind": "response", "outcome": "found"})
        missing = counted("gateway_answers_looked_for_total", {"kind": "response", "outcome": "missing"})
    assert (found, missing, town.asked) == (2, 1, ["root"])


def test_the_settings_are_a_section_of_the_page(tmp_path: Path) -> None:
    file = tmp_path / "graph.yaml"
    (tmp_path / "s.graphql").write_text(GRAPH)
    file.write_text("supergraph: s.graphql\ncache: {vary: [accept-language], redis_url: ''}\n")
    assert read_graph_file(file).settings.cache == CacheSettings(vary=("accept-language",))
    file.write_text("supergraph: s.graphql\ncache: {default_max_age: -1}\n")
    with pytest.raises(WrongGraphFile, match=r"cache.default_max_age: expected a number of at least 0"):
        read_graph_file(file)
