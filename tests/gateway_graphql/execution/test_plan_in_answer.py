"""The plan in ``extensions.queryPlan``: to whom asks for it, where that is allowed."""

from __future__ import annotations

from typing import Any

from gateway_graphql.execution.gateway import Gateway, GraphQLRequest
from tests.gateway_graphql.execution.clients import AnswersAsTold
from tests.gateway_graphql.execution.graphs import SUBSCRIBERS
from tests.gateway_graphql.execution.test_defer import PARCELS, parcel
from tests.gateway_graphql.execution.test_gateway import entities

ASKED = {"queryPlan": True}


def subgraphs_in(result: dict[str, Any]) -> list[str]:
    return [fetch["subgraph"] for fetch in result["extensions"]["queryPlan"]["fetches"]]


def client() -> AnswersAsTold:
    return AnswersAsTold(
        subscribers={"data": {"me": {"id": "1"}}},
        letters=entities({"unread": 1}),
        live=[{"data": {"changed": {"at": str(at), "subscriber": {"id": "1"}}}} for at in (1, 2)],
    )


async def test_who_asks_gets_it() -> None:
    gateway = Gateway(SUBSCRIBERS, client(), query_plan_in_answer=True)

    result = await gateway.execute(GraphQLRequest("{ me { unread } }", extensions=ASKED))

    assert subgraphs_in(result) == ["subscribers", "letters"]
    assert "extensions" not in await gateway.execute(GraphQLRequest("{ me { unread } }"))


async def test_it_is_not_told_where_that_is_not_allowed() -> None:
    result = await Gateway(SUBSCRIBERS, client()).execute(GraphQLRequest("{ me { unread } }", extensions=ASKED))

    assert "extensions" not in result


async def test_the_first_part_has_it() -> None:
    subgraphs = AnswersAsTold(parcels=parcel(), routes=entities({"weight": 3}))
    gateway = Gateway(PARCELS, subgraphs, query_plan_in_answer=True)
    request = GraphQLRequest('{ parcel { label ... @defer(label: "late") { weight } } }', extensions=ASKED)

    first, later = [part async for part in gateway.execute_incrementally(request)]

    assert first["extensions"]["queryPlan"]["fetches"][1]["defer"] == [1]
    assert first["extensions"]["queryPlan"]["deferred"] == [{"block": 1, "label": "late", "path": "parcel"}]
    assert "extensions" not in later


async def test_the_first_event_has_it() -> None:
    gateway = Gateway(SUBSCRIBERS, client(), query_plan_in_answer=True)
    request = GraphQLRequest('subscription { changed(id: "1") { at subscriber { unread } } }', extensions=ASKED)

    first, second = [result async for result in gateway.subscribe(request)]

    assert subgraphs_in(first)[0] == "live"
    assert "extensions" not in second
