"""How often the solver tries: what cannot make a plan cheaper is not tried at all."""

from __future__ import annotations

from collections import Counter

import pytest

from gateway_graphql import Gateway, GraphQLRequest, Subgraph, compose
from gateway_graphql.planning.attempt import Attempt
from tests.gateway_graphql.execution.clients import AnswersAsTold

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n'
SHOP = {
    "products": 'type Query { product: P } type P @key(fields: "id") { id: ID! name: String maker: M }'
    ' type M @key(fields: "id") { id: ID! }',
    "makers": 'type M @key(fields: "id") { id: ID! name: String }',
    "stock": 'type P @key(fields: "id") { id: ID! left: Int }',
    "prices": 'type P @key(fields: "id") { id: ID! price: Int }',
}


def tried(sdls: dict[str, str], query: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Counter[str], str]:
    """How often each type of object was tried to be supplied, and the plan."""
    counted: Counter[str] = Counter()
    run = Attempt.run

    def counting(attempt: Attempt) -> object:
        counted[attempt.name] += 1
        return run(attempt)

    monkeypatch.setattr(Attempt, "run", counting)
    result = compose([Subgraph.from_sdl(name, LINK + sdl) for name, sdl in sdls.items()])
    assert result.supergraph_sdl, result.errors
    counted.clear()  # to compose asks the planner as well
    prepared = Gateway(result.supergraph_sdl, AnswersAsTold()).prepare(GraphQLRequest(query))
    return counted, str(prepared.plan)  # type: ignore[union-attr]


def test_whoever_supplies_nothing_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    counted, plan = tried(SHOP, "{ product { name maker { name } } }", monkeypatch)

    assert plan.count("Fetch") == 2
    assert counted["P"] == 1  # neither with stock nor with prices


def test_whoever_is_only_a_way_to_another_is_tried_where_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    sdls = {
        "products": 'type Query { product: P } type P @key(fields: "id") { id: ID! }',
        "codes": 'type P @key(fields: "id") @key(fields: "code") { id: ID! code: ID! }',
        "stock": 'type P @key(fields: "code") { code: ID! left: Int }',
    }
    counted, plan = tried(sdls, "{ product { left } }", monkeypatch)

    assert counted["P"] == 2
    assert [line.split()[1].strip(":") for line in plan.splitlines() if "Fetch" in line] == [
        "products",
        "codes",
        "stock",
    ]
