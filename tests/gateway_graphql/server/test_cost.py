"""What operations cost: weights, lists, arguments; refused before, counted after."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import generate_latest

from gateway_graphql.composition.compose import compose
from gateway_graphql.composition.subgraph import Subgraph
from gateway_graphql.execution.cost import CostLimits
from gateway_graphql.execution.gateway import Gateway, GraphQLRequest, Prepared
from gateway_graphql.server import ServerSettings, create_app
from tests.gateway_graphql.execution.clients import AnswersAsTold
from tests.gateway_graphql.server.hardened import codes, hardened

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [{imports}])\n'
LIBRARY = """
type Query {
  book: Book
  books: [Book]
  assumed: [Book] @listSize(assumedSize: 5)
  sliced(first: Int, last: Int): [Book] @listSize(slicingArguments: ["first", "last"])
  loose(first: Int): [Book] @listSize(assumedSize: 7, slicingArguments: ["first"], requireOneSlicingArgument: false)
  usual(first: Int = 4): [Book] @listSize(slicingArguments: ["first"])
  paged(first: Int!): Page @listSize(slicingArguments: ["first"], sizedFields: ["items"])
  dear: Int @cost(weight: 20)
  found(by: Search, tag: String @cost(weight: 3)): Book
  either: Either
}
type Mutation { lend: Book }
type Book { title: String author: Author reviews: [Review] mood: Mood }
type Author @cost(weight: 4) { name: String }
type Review { text: String }
type Page { items: [Book] total: Int }
type Film { title: String director: Author }
union Either = Book | Film
enum Mood @cost(weight: 2) { GRAVE MERRY }
input Search { word: String @cost(weight: 5) inner: Search }
"""


def library(imports: str = '"@cost", "@listSize"', sdl: str = LIBRARY) -> str:
    result = compose([Subgraph.from_sdl("library", LINK.format(imports=imports) + sdl, "http://library")])
    assert result.supergraph_sdl, result.errors
    return result.supergraph_sdl


def cost(query: str, sdl: str | None = None, **variables: Any) -> float:
    """The estimate."""
    gateway = Gateway(sdl or library(), AnswersAsTold())
    request = GraphQLRequest(query, variables=variables)
    prepared = gateway.prepare(request)
    assert isinstance(prepared, Prepared), prepared
    return gateway.estimated_cost(prepared, request)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ book { title } }", 1),
        ("{ __typename book { __typename title } }", 1),
        ("{ book { title author { name } } }", 1 + 4),
        ("{ book { mood } }", 1 + 2),
        ("mutation { lend { title } }", 10 + 1),
        ("{ books { title } }", 10),
        ("{ books { reviews { text } } }", 10 * (1 + 10)),
        ("{ assumed { author { name } } }", 5 * (1 + 4)),
        ("{ sliced(first: 3) { title } }", 3),
        ("{ sliced(last: 8) { reviews { text } } }", 8 * (1 + 10)),
        ("{ loose { title } }", 7),
        ("{ loose(first: 2) { title } }", 2),
        ("{ usual { title } }", 4),
        ("{ paged(first: 3) { total items { author { name } } } }", 1 + 3 * (1 + 4)),
        ("{ dear }", 20),
        ("{ a: dear b: dear }", 40),
        ('{ found(by: {word: "x"}) { title } }', 1 + 1 + 5),
        ('{ found(by: {inner: {word: "x"}}, tag: "t") { title } }', 1 + 1 + 1 + 5 + 3),
        ("{ found(by: null) { title } }", 1),
        ("{ book { ...A ...A } } fragment A on Book { author { name } }", 1 + 4),
        ("{ book @skip(if: true) { title } dear @include(if: false) }", 0),
        ("{ either { ... on Book { title } ... on Film { director { name } } } }", 1 + 4),
        ("{ __schema { types { name } } }", 0),
    ],
)
def test_the_estimate(query: str, expected: float) -> None:
    assert cost(query) == expected


def test_variables_decide_where_they_must() -> None:
    sliced = "query($n: Int) { sliced(first: $n) { title } }"
    assert [cost(sliced, n=n) for n in (1, 50)] == [1, 50]
    assert cost("query($n: Int = 6) { sliced(first: $n) { title } }") == 6
    search = "query($by: Search) { found(by: $by) { title } }"
    assert cost(search, by={"inner": {"word": "x"}}) == 1 + 1 + 1 + 5
    assert cost("query($w: String) { found(by: {word: $w}) { title } }", w="x") == 1 + 1 + 5


def test_the_directives_may_have_other_names() -> None:
    renamed = LIBRARY.replace("@cost", "@dear").replace("@listSize", "@federation__listSize")
    assert cost("{ dear assumed { title } }", library('{name: "@cost", as: "@dear"}', renamed)) == 25


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ sliced { title } }", {}),
        ("{ sliced(first: 1, last: 1) { title } }", {}),
        ("query($n: Int) { sliced(first: $n) { title } }", {}),
    ],
)
async def test_a_list_whose_length_must_be_said(query: str, variables: dict[str, Any]) -> None:
    async with hardened(sdl=library(), library={"data": {"sliced": []}}) as gateway:
        assert codes(await gateway.post(query, variables=variables)) == ["COST_QUERY_PARSE_FAILURE"]
        assert gateway.subgraphs.requests == []


async def test_what_costs_too_much_is_refused_before_anybody_is_asked() -> None:
    settings = ServerSettings(cost=CostLimits(most=30))
    sliced = "query($n: Int) { sliced(first: $n) { title } }"
    async with hardened(settings, library(), library={"data": {"sliced": []}}) as gateway:
        for ask in (gateway.post, gateway.live):
            assert codes(await ask("{ assumed { author { name } } b: books { title } }")) == [
                "COST_ESTIMATED_TOO_EXPENSIVE"
            ]
            above = await ask(sliced, variables={"n": 31})
            assert codes(above) == ["COST_ESTIMATED_TOO_EXPENSIVE"]
            assert above["errors"][0]["extensions"]["cost.estimated"] == 31
        assert gateway.subgraphs.requests == []
        assert await gateway.post(sliced, variables={"n": 30}) == {"data": {"sliced": []}}


async def test_nested_lists_are_dear_without_any_directive() -> None:
    sdl = library('"@key"', "type Query { all: [Node] } type Node { all: [Node] name: String }")
    async with hardened(sdl=sdl, library={"data": {"all": []}}) as gateway:
        assert codes(await gateway.post("{ " + "all { " * 4 + "name" + " }" * 4 + " }")) == []
        assert codes(await gateway.post("{ " + "all { " * 6 + "name" + " }" * 6 + " }")) == [
            "COST_ESTIMATED_TOO_EXPENSIVE"
        ]


async def test_the_answer_is_counted_and_told() -> None:
    settings = ServerSettings(cost=CostLimits(mode="measure", most=3, in_answer=True))
    books = [{"title": "A", "author": {"name": "x"}}, {"title": "B", "author": None}, None]
    async with hardened(settings, library(), library={"data": {"books": books}}) as gateway:
        answer = await gateway.post("{ books { title author { name } } }")

    assert answer["extensions"]["cost"] == {"estimated": 50, "actual": 1 + 4 + 1, "max": 3}


async def test_the_metrics_know_both() -> None:
    settings = ServerSettings(cost=CostLimits(actual=True))
    app = create_app(library(), settings, AnswersAsTold(library={"data": {"books": [{"title": "A"}]}}))
    assert "extensions" not in await app._gateway.execute(GraphQLRequest("{ books { title } }"))

    shown = generate_latest(app.metrics.registry).decode()
    assert 'gateway_operation_cost_sum{told="estimated"} 10.0' in shown
    assert 'gateway_operation_cost_sum{told="actual"} 1.0' in shown
