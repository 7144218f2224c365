"""``@defer``: what comes first, what comes later, and that it is the same in the end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    DirectiveNode,
    InlineFragmentNode,
    NameNode,
    SelectionSetNode,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)

from gateway_graphql.execution.errors import SubgraphUnreachable
from gateway_graphql.execution.gateway import Gateway, GraphQLRequest
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from tests.gateway_graphql.execution.clients import AnswersAsTold, WaitsToBeReleased
from tests.gateway_graphql.execution.graphs import graph
from tests.gateway_graphql.execution.operations import OperationWriter
from tests.gateway_graphql.execution.test_same_as_one_schema import CASES
from tests.gateway_graphql.execution.world import World
from tests.gateway_graphql.planning.composed import composed

PARCELS = graph(
    parcels="""
      type Query { parcel: Parcel parcels: [Parcel!] }
      type Mutation { send: Parcel }
      type Subscription { moved: Parcel }
      type Parcel @key(fields: "id") { id: ID! label: String }
    """,
    routes="""
      type Parcel @key(fields: "id") { id: ID! stops: [Stop] weight: Int! hint: String }
      type Stop @key(fields: "id") { id: ID! }
    """,
    places='type Stop @key(fields: "id") { id: ID! name: String }',
)


def parcel(*more: str) -> dict[str, Any]:
    return {"data": {"parcel": {"id": "1", "label": "toys", **dict.fromkeys(more)}}}


def entities(*found: Any) -> dict[str, Any]:
    return {"data": {"_entities": list(found)}}


async def parts_of(client: Any, query: str, variables: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Everything that comes."""
    request = GraphQLRequest(query, variables=variables or {})
    return [part async for part in Gateway(PARCELS, client).execute_incrementally(request)]


class TestWhatComesWhen:
    async def test_what_is_not_deferred_does_not_wait(self) -> None:
        client = WaitsToBeReleased(["routes"], parcels=parcel(), routes=entities({"weight": 3}))
        request = GraphQLRequest('{ parcel { label ... @defer(label: "late") { weight } } }')

        async with aclosing(Gateway(PARCELS, client).execute_incrementally(request)) as parts:
            first = await anext(parts)
            client.gates["routes"].set()
            rest = [part async for part in parts]

        assert first == {"data": {"parcel": {"label": "toys"}}, "hasNext": True}
        assert rest == [
            {"incremental": [{"path": ["parcel"], "label": "late", "data": {"weight": 3}}], "hasNext": False}
        ]

    async def test_a_part_for_each_object(self) -> None:
        client = AnswersAsTold(
            parcels={"data": {"parcels": [{"id": "1"}, {"id": "2"}]}}, routes=entities({"weight": 1}, {"weight": 2})
        )

        _, rest = await parts_of(client, "{ parcels { id ... @defer { weight } } }")

        assert [(one["path"], one["data"]) for one in rest["incremental"]] == [
            (["parcels", 0], {"weight": 1}),
            (["parcels", 1], {"weight": 2}),
        ]

    async def test_the_inner_block_comes_after_the_outer_one(self) -> None:
        client = AnswersAsTold(
            parcels=parcel(),
            routes=entities({"stops": [{"id": "a"}, None]}),
            places=entities({"name": "Ulm"}),
        )

        parts = await parts_of(client, "{ parcel { ... @defer { stops { id ... @defer { name } } } } }")

        assert parts == [
            {"data": {"parcel": {}}, "hasNext": True},
            {
                "incremental": [{"path": ["parcel"], "data": {"stops": [{"id": "a"}, None]}}],
                "hasNext": True,
            },
            {"incremental": [{"path": ["parcel", "stops", 0], "data": {"name": "Ulm"}}], "hasNext": False},
        ]

    async def test_what_only_the_type_is_wanted_of_takes_nothing_from_others(self) -> None:
        sdl = graph(
            shop="""
              type Query { sale: Sale }
              type Sale @key(fields: "id") { id: ID! tax: Int! @requires(fields: "sum { net }") sum: Sum @external }
              type Sum { net: Int @external }
            """,
            till='type Sale @key(fields: "id") { id: ID! sum: Sum } type Sum { net: Int }',
        )

        def till(request: SubgraphRequest) -> dict[str, Any]:
            return entities({"sum": {"net": 5} if "net" in request.document else {"__typename": "Sum"}})

        client = AnswersAsTold(shop=[{"data": {"sale": {"id": "1"}}}, entities({"tax": 1})], till=till)
        request = GraphQLRequest("{ sale { ... @defer { ... @defer { tax } sum { __typename } } } }")

        parts = [part async for part in Gateway(sdl, client).execute_incrementally(request)]

        said = [one["data"] for part in parts for one in part.get("incremental", ())]
        assert said == [{"sum": {"__typename": "Sum"}}, {"tax": 1}]

    async def test_a_block_may_have_nothing_but_another_one(self) -> None:
        sdl = graph(
            dogs="""
              type Query { found: [Found] }
              union Found = Dog | Bone
              interface Named { name: String }
              type Dog implements Named { name: String }
              type Bone { weight: Int }
            """
        )
        client = AnswersAsTold(
            dogs={"data": {"found": [{"__typename": "Dog", "name": "Rex"}, {"__typename": "Bone", "weight": 1}]}}
        )
        request = GraphQLRequest("{ found { __typename ... on Found @defer { ... on Named @defer { name } } } }")

        _, later = [part async for part in Gateway(sdl, client).execute_incrementally(request)]

        assert later == {"incremental": [{"path": ["found", 0], "data": {"name": "Rex"}}], "hasNext": False}

    @pytest.mark.parametrize(
        ("query", "variables", "parts"),
        [
            ("query ($d: Boolean!) { parcel { ... @defer(if: $d) { weight } } }", {"d": False}, 1),
            ("query ($d: Boolean!) { parcel { ... @defer(if: $d) { weight } } }", {"d": True}, 2),
            ("query ($d: Boolean = false) { parcel { ... @defer(if: $d) { weight } } }", {}, 1),
            ("query ($d: Boolean = true) { parcel { ... @defer(if: $d) { weight } } }", {}, 2),
            ("{ parcel { ... @defer(if: false) { weight } } }", {}, 1),
            ("query ($i: Boolean!) { parcel { ... @include(if: $i) @defer { weight } } }", {"i": False}, 1),
            ("{ parcel { ...Late @defer } } fragment Late on Parcel { weight }", {}, 2),
            ("{ ... @defer { parcel { weight } } __typename }", {}, 2),
        ],
    )
    async def test_only_when_it_is_active(self, query: str, variables: dict[str, Any], parts: int) -> None:
        client = AnswersAsTold(parcels=parcel(), routes=entities({"weight": 3}))

        assert len(await parts_of(client, query, variables)) == parts

    async def test_what_everybody_wants_is_asked_once_and_what_is_late_apart(self) -> None:
        client = AnswersAsTold(parcels=parcel(), routes=entities({"weight": 3, "hint": "fragile"}))

        await parts_of(client, "{ parcel { weight ... @defer { weight hint } } }")

        assert [one.document.split("{ ... on Parcel ")[-1] for one in client.requests[1:]] == [
            "{ weight } } }",
            "{ hint } } }",
        ]

    async def test_whoever_asks_for_one_answer_gets_one(self) -> None:
        client = AnswersAsTold(parcels=parcel(), routes=entities({"weight": 3}))

        result = await Gateway(PARCELS, client).execute(GraphQLRequest("{ parcel { ... @defer { weight } } }"))

        assert result == {"data": {"parcel": {"weight": 3}}}

    async def test_a_mutation_is_made_once(self) -> None:
        client = AnswersAsTold(parcels={"data": {"send": {"id": "1"}}}, routes=entities({"weight": 3}))

        first, rest = await parts_of(client, "mutation { send { id ... @defer { weight } } }")

        assert first == {"data": {"send": {"id": "1"}}, "hasNext": True}
        assert rest["incremental"][0]["data"] == {"weight": 3}
        assert client.asked == ["parcels", "routes"]

    async def test_introspection_may_be_late(self) -> None:
        client = AnswersAsTold(parcels=parcel())

        first, rest = await parts_of(client, "{ parcel { id } ... @defer { __schema { queryType { name } } } }")

        assert first == {"data": {"parcel": {"id": "1"}}, "hasNext": True}
        assert rest["incremental"][0]["data"] == {"__schema": {"queryType": {"name": "Query"}}}

    async def test_nothing_but_introspection_may_be_late(self) -> None:
        _, rest = await parts_of(AnswersAsTold(), "{ ... @defer { __schema { queryType { name } } } }")

        assert rest["incremental"][0]["data"] == {"__schema": {"queryType": {"name": "Query"}}}

    async def test_who_leaves_stops_the_rest(self) -> None:
        client = WaitsToBeReleased(["routes"], parcels=parcel(), routes=entities({"weight": 3}))
        request = GraphQLRequest("{ parcel { ... @defer { weight } } }")

        async with aclosing(Gateway(PARCELS, client).execute_incrementally(request)) as parts:
            await anext(parts)
            await client.until_asked("routes")

        assert client.cut_off == ["routes"]
        assert len(asyncio.all_tasks()) == 1


class TestWhatGoesWrong:
    async def test_an_error_in_a_block_stays_there(self) -> None:
        client = AnswersAsTold(parcels=parcel(), routes=SubgraphUnreachable("routes", "no connection"))

        first, rest = await parts_of(client, "{ parcel { label ... @defer { hint } } }")

        assert first == {"data": {"parcel": {"label": "toys"}}, "hasNext": True}
        (part,) = rest["incremental"]
        assert part["data"] == {"hint": None}
        assert [(one["path"], one["extensions"]["code"]) for one in part["errors"]] == [
            (["parcel"], "SUBGRAPH_UNAVAILABLE")
        ]

    async def test_a_null_that_must_not_be_takes_the_block_only(self) -> None:
        failed = {
            "data": {"_entities": [None]},
            "errors": [{"message": "Too heavy.", "path": ["_entities", 0, "weight"]}],
        }
        client = AnswersAsTold(parcels=parcel(), routes=failed)

        first, rest = await parts_of(client, "{ parcel { label ... @defer { weight ... @defer { hint } } } }")

        assert first["data"] == {"parcel": {"label": "toys"}}
        assert "errors" not in first
        (part,) = rest["incremental"]
        assert part["data"] is None
        assert [one["message"] for one in part["errors"]] == ["Too heavy."]

    async def test_who_is_made_null_by_a_late_field_has_the_error_at_once(self) -> None:
        failed = {"data": {"parcels": [None]}, "errors": [{"message": "Torn.", "path": ["parcels", 0, "size"]}]}
        sized = graph(parcels="type Query { parcels: [Parcel] } type Parcel { label: String size: Int! }")
        request = GraphQLRequest("{ parcels { label ... @defer { size } } }")

        parts = [part async for part in Gateway(sized, AnswersAsTold(parcels=failed)).execute_incrementally(request)]

        assert parts[0]["data"] == {"parcels": [None]}
        assert [one["path"] for one in parts[0]["errors"]] == [["parcels", 0, "size"]]
        assert parts[1:] == [{"hasNext": False}]

    async def test_what_is_null_at_first_has_no_parts(self) -> None:
        client = AnswersAsTold(parcels={"data": {"parcel": None}})

        parts = await parts_of(client, "{ parcel { label ... @defer { weight } } }")

        assert parts == [{"data": {"parcel": None}, "hasNext": True}, {"hasNext": False}]

    async def test_what_the_conditions_around_a_block_rule_out_is_not_waited_for(self) -> None:
        things = graph(
            things="""
              type Query { thing: Thing }
              interface Thing { id: ID! }
              type Box implements Thing { id: ID! label: String }
            """
        )
        query = """
          query ($bare: Boolean!) {
            thing { id ... on Thing @skip(if: $bare) @defer { ... on Box { label } __typename @include(if: $bare) } }
          }
        """
        client = AnswersAsTold(things={"data": {"thing": {"id": "1", "label": "toys"}}})
        request = GraphQLRequest(query, variables={"bare": False})

        first, *rest = [part async for part in Gateway(things, client).execute_incrementally(request)]

        assert first == {"data": {"thing": {"id": "1"}}, "hasNext": True}
        assert rest == [{"incremental": [{"path": ["thing"], "data": {"label": "toys"}}], "hasNext": False}]

    async def test_a_request_that_cannot_be_executed_has_one_answer(self) -> None:
        (part,) = await parts_of(AnswersAsTold(), "{ parcel { ... @defer { height } } }")

        assert "data" not in part

    async def test_a_subscription_cannot_be_deferred(self) -> None:
        (part,) = await parts_of(AnswersAsTold(), "subscription { moved { ... @defer { weight } } }")

        assert "Defer directive not supported on subscription operations" in part["errors"][0]["message"]


class Deferring(Visitor):
    """Wraps some selections in fragments that may come later."""

    def __init__(self, seed: str) -> None:
        super().__init__()
        self.random = random.Random(seed)

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode | None:
        late = tuple(one for one in node.selections if self.random.random() < 0.3)
        if not late:
            return None
        fragment = InlineFragmentNode(
            type_condition=None,
            directives=(DirectiveNode(name=NameNode(value="defer"), arguments=()),),
            selection_set=SelectionSetNode(selections=late),
        )
        # Some of it may be wanted at once as well.
        kept = tuple(one for one in node.selections if one not in late or self.random.random() < 0.2)
        return SelectionSetNode(selections=(*kept, fragment))


def assembled(parts: list[dict[str, Any]]) -> Any:
    """The answer that a client puts together."""
    data = parts[0]["data"]
    for part in parts[1:]:
        for one in part.get("incremental", ()):
            here = data
            for step in one["path"]:
                here = here[step]
            _merge(here, one["data"])
    return data


def _merge(here: Any, more: Any) -> None:
    if isinstance(here, dict) and isinstance(more, dict):
        for key, value in more.items():
            if isinstance(here.get(key), (dict, list)):
                _merge(here[key], value)
            else:
                here[key] = value
    elif isinstance(here, list) and isinstance(more, list):
        for index, value in enumerate(more):
            if isinstance(here[index], (dict, list)):
                _merge(here[index], value)


@pytest.mark.parametrize("fragile", [False, True], ids=["", "fields fail"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_in_the_end_it_is_the_same(case: Path, fragile: bool) -> None:
    world = World(composed(case), fragile=fragile)
    gateway = Gateway(composed(case), world)
    compared = 0

    for seed in range(4):
        name = f"{case.name} {seed}"
        query, variables = OperationWriter(world.api, random.Random(name).getrandbits(32)).query(3)
        query = print_ast(visit(parse(query), Deferring(name)))
        if validate(gateway.schema, parse(query)):
            continue
        request = GraphQLRequest(query, variables=variables)

        parts = [part async for part in gateway.execute_incrementally(request)]
        whole = await gateway.execute(request)

        assert world.problems == [], query
        assert [part.get("hasNext", False) for part in parts] == [True] * (len(parts) - 1) + [False], query
        blocks = [one for part in parts[1:] for one in part.get("incremental", ())]
        if all(one["data"] is not None for one in blocks):
            # otherwise a null went up to its block, which alone is what it may take
            assert assembled(parts) == whole["data"], query
            said = [error for one in (*parts, *blocks) for error in one.get("errors", ())]
            assert _paths(said) == _paths(whole.get("errors", ())), query
            compared += 1

    assert compared


def _paths(errors: Any) -> set[tuple[str | int, ...]]:
    return {tuple(error["path"]) for error in errors}
