"""Traps that lie in what subgraphs answer, rather than in the graph: see the table in the README."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import pytest

from gateway_graphql.composition.compose import compose
from gateway_graphql.composition.subgraph import Subgraph
from gateway_graphql.execution.errors import SubgraphSpokeNonsense, SubgraphUnreachable
from gateway_graphql.execution.gateway import Gateway, GraphQLRequest, Prepared
from tests.gateway_graphql.execution.clients import AnswersAsTold
from tests.gateway_graphql.execution.graphs import graph

PARCELS = graph(
    shop="""
      type Query { parcels: [Parcel] strict: [Parcel!] a: Parcel b: Other }
      type Mutation { pack: Parcel }
      type Parcel @key(fields: "id") { id: ID! box: Box form: Form }
      type Other @key(fields: "id") { id: ID! }
      type Box { litres: Int @shareable }
      scalar Form
    """,
    post="""
      type Parcel @key(fields: "id") { id: ID! box: Box @external fee: Int @requires(fields: "box { litres }") tax: Int! stamp: Stamp }
      type Other @key(fields: "id") { id: ID! fee: Int }
      type Box { litres: Int @external }
      union Stamp = Round | Square
      type Round { size: Int! }
      type Square { width: Int! }
    """,
)

KEYS_WITH_GAPS = graph(
    shop="""
      type Query { parcels: [Parcel] depots: [Depot] stamps: [Stamp] }
      type Parcel @key(fields: "number lane { code }") { number: ID! lane: Lane @shareable }
      type Lane { code: String @shareable }
      type Depot @key(fields: "number place") { number: ID! place: String @shareable }
      type Stamp @key(fields: "code", resolvable: false) { code: ID }
    """,
    post="""
      type Parcel @key(fields: "number lane { code }") { number: ID! lane: Lane @shareable fee: Int }
      type Lane { code: String @shareable }
      type Depot @key(fields: "number place") { number: ID! place: String! @shareable fee: Int }
      type Stamp @key(fields: "code") { code: ID fee: Int }
    """,
)

PLACES = graph(
    places="""
      type Query { places: [Place!] }
      interface Place @key(fields: "id") { id: ID! }
      type Street implements Place @key(fields: "id") { id: ID! }
      type Town implements Place @key(fields: "id") { id: ID! mayor: String }
    """,
    ratings="""
      type Query { best: [Place] }
      type Place @key(fields: "id") @interfaceObject { id: ID! rating: Int }
    """,
)


async def ask(sdl: str, client: Any, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """One request to a gateway of its own."""
    return await Gateway(sdl, client).execute(GraphQLRequest(query, variables=variables or {}))


def entities(*found: Any) -> dict[str, Any]:
    """A subgraph's answer with these entities."""
    return {"data": {"_entities": list(found)}}


class TestEntities:
    @pytest.mark.parametrize("found", [[], [{"tax": 1}], [{"tax": 1}] * 3, None, "two", {"0": {"tax": 1}}])
    async def test_another_number_of_entities_fails_them_all_and_nothing_else(self, found: Any) -> None:
        shop = {"data": {"parcels": [{"id": "1"}, {"id": "2"}]}}
        client = AnswersAsTold(shop=shop, post={"data": {"_entities": found}, "errors": [{"message": "oh"}]})

        result = await ask(PARCELS, client, "{ parcels { id stamp { __typename } } }")

        assert result["data"] == {"parcels": [{"id": "1", "stamp": None}, {"id": "2", "stamp": None}]}
        assert result["errors"]

    async def test_a_null_among_the_entities_is_one_entity_that_is_not_known(self) -> None:
        shop = {"data": {"parcels": [{"id": "1"}, {"id": "2"}]}}

        result = await ask(PARCELS, AnswersAsTold(shop=shop, post=entities(None, {"tax": 2})), "{ parcels { id tax } }")

        assert result["data"] == {"parcels": [None, {"id": "2", "tax": 2}]}
        assert [error["path"] for error in result["errors"]] == [["parcels", 0, "tax"]]

    async def test_no_data_takes_away_what_was_asked(self) -> None:
        client = AnswersAsTold(
            shop={"data": {"parcels": [{"id": "1"}]}}, post={"data": None, "errors": [{"message": "asleep"}]}
        )

        result = await ask(PARCELS, client, "{ parcels { id stamp { __typename } } }")

        assert result["data"] == {"parcels": [{"id": "1", "stamp": None}]}
        assert [error["message"] for error in result["errors"]] == ["asleep"]

    async def test_a_page_instead_of_an_answer_does_too(self) -> None:
        client = AnswersAsTold(
            shop={"data": {"parcels": [{"id": "1"}]}}, post=SubgraphSpokeNonsense("post", "not a GraphQL result")
        )

        result = await ask(PARCELS, client, "{ parcels { id stamp { __typename } } }")

        assert result["data"] == {"parcels": [{"id": "1", "stamp": None}]}
        assert [error["path"] for error in result["errors"]] == [["parcels"]]

    async def test_an_entity_that_does_not_say_its_type_keeps_the_one_it_has(self) -> None:
        client = AnswersAsTold(
            places={"data": {"places": [{"__typename": "Town", "id": "1"}]}}, ratings=entities({"rating": 5})
        )

        result = await ask(PLACES, client, "{ places { __typename rating } }")

        assert result == {"data": {"places": [{"__typename": "Town", "rating": 5}]}}

    async def test_a_value_that_does_not_say_its_type_is_no_value(self) -> None:
        client = AnswersAsTold(shop={"data": {"parcels": [{"id": "1"}]}}, post=entities({"stamp": {"size": 1}}))

        result = await ask(PARCELS, client, "{ parcels { stamp { ... on Round { size } } } }")

        assert result["data"] == {"parcels": [{"stamp": None}]}
        assert 'abstract type "Stamp" does not say its type' in result["errors"][0]["message"]

    async def test_what_is_required_is_sent_as_null_and_what_is_a_key_must_be_there(self) -> None:
        shop = {"data": {"parcels": [{"id": "1", "box": None}, {"id": "2", "box": {"litres": None}}, {"id": None}]}}
        client = AnswersAsTold(shop=shop, post=entities({"fee": 1}, {"fee": 2}))

        result = await ask(PARCELS, client, "{ parcels { fee } }")

        assert result == {"data": {"parcels": [{"fee": 1}, {"fee": 2}, {"fee": None}]}}
        assert client.requests[1].variables["_r"] == [
            {"__typename": "Parcel", "id": "1", "box": None},
            {"__typename": "Parcel", "id": "2", "box": {"litres": None}},
        ]

    async def test_a_part_of_a_key_is_sent_as_null_where_that_subgraph_lets_it_be(self) -> None:
        shop = {"data": {"parcels": [{"number": "1", "lane": None}, {"number": "2", "lane": {"code": None}}]}}
        client = AnswersAsTold(shop=shop, post=entities({"fee": 1}, {"fee": 2}))

        result = await ask(KEYS_WITH_GAPS, client, "{ parcels { fee } }")

        assert result == {"data": {"parcels": [{"fee": 1}, {"fee": 2}]}}
        assert client.requests[1].variables["_r"] == [
            {"__typename": "Parcel", "number": "1", "lane": None},
            {"__typename": "Parcel", "number": "2", "lane": {"code": None}},
        ]

    async def test_no_other_key_is_sent_with_null_for_it_identifies_nothing_there(self) -> None:
        shop = {"data": {"depots": [{"number": "1", "place": None}], "stamps": [{"code": None}]}}
        client = AnswersAsTold(shop=shop)

        result = await ask(KEYS_WITH_GAPS, client, "{ depots { fee } stamps { fee } }")

        assert result == {"data": {"depots": [{"fee": None}], "stamps": [{"fee": None}]}}
        assert client.asked == ["shop"]

    async def test_a_missing_value_takes_the_list_along(self) -> None:
        shop = {"data": {"strict": [{"id": "1"}, {"id": "2"}]}}

        result = await ask(PARCELS, AnswersAsTold(shop=shop, post=entities({"tax": 1}, None)), "{ strict { id tax } }")

        assert result["data"] == {"strict": None}
        assert [error["path"] for error in result["errors"]] == [["strict", 1, "tax"]]

    async def test_numbers_stay_the_numbers_they_are(self) -> None:
        numbers = {"ids": [1, "1", 1.0, True, 2**64 + 1, -(2**70)], "__typename": "Nobody"}
        shop = {"data": {"parcels": [{"id": 2**70, "form": numbers}, {"id": str(2**70), "form": 1}]}}
        client = AnswersAsTold(shop=shop, post=entities({"tax": 1}, {"tax": 2}))

        result = await ask(PARCELS, client, "{ parcels { form tax } }")

        assert result == {"data": {"parcels": [{"form": numbers, "tax": 1}, {"form": 1, "tax": 2}]}}
        assert [one["id"] for one in client.requests[1].variables["_r"]] == [2**70, str(2**70)]


class TestErrors:
    async def test_two_questions_in_one_request_have_each_their_errors(self) -> None:
        post = {
            "data": {"_e0": [{"fee": None}], "_e1": [{"fee": None}]},
            "errors": [{"message": key, "path": [key, 0, "fee"]} for key in ("_e0", "_e1")],
        }
        client = AnswersAsTold(shop={"data": {"a": {"id": "1", "box": None}, "b": {"id": "1"}}}, post=post)

        result = await ask(PARCELS, client, "{ a { fee } b { fee } }")

        assert client.asked == ["shop", "post"]
        assert result["data"] == {"a": {"fee": None}, "b": {"fee": None}}
        assert [error["path"] for error in result["errors"]] == [["a", "fee"], ["b", "fee"]]

    async def test_an_error_in_a_hidden_key_is_told_where_the_client_looks(self) -> None:
        shop = {"data": {"parcels": [None]}, "errors": [{"message": "no id", "path": ["parcels", 0, "id"]}]}

        result = await ask(PARCELS, AnswersAsTold(shop=shop), "{ parcels { tax } }")

        assert result["data"] == {"parcels": [None]}
        assert [error["path"] for error in result["errors"]] == [["parcels", 0]]

    async def test_an_error_of_one_leaves_its_neighbours_alone(self) -> None:
        post = {
            "data": {"_entities": [{"tax": 1, "stamp": None}, {"tax": 2, "stamp": {"__typename": "Round", "size": 3}}]},
            "errors": [{"message": "torn", "path": ["_entities", 0, "stamp", "size"]}],
        }
        shop = {"data": {"strict": [{"id": "1"}, {"id": "2"}]}}

        result = await ask(
            PARCELS, AnswersAsTold(shop=shop, post=post), "{ strict { tax stamp { ... on Round { size } } } }"
        )

        assert result["data"] == {"strict": [{"tax": 1, "stamp": None}, {"tax": 2, "stamp": {"size": 3}}]}
        assert [error["path"] for error in result["errors"]] == [["strict", 0, "stamp", "size"]]


class TestInterfaceObjects:
    async def test_an_object_whose_type_cannot_be_found_out_is_null(self) -> None:
        client = AnswersAsTold(
            ratings={"data": {"best": [{"id": "1", "rating": 5}]}}, places=SubgraphUnreachable("places", "asleep")
        )

        result = await ask(PLACES, client, "{ best { __typename rating } }")

        assert result["data"] == {"best": [None]}
        assert [error["message"] for error in result["errors"]] == ["places: asleep"]

    async def test_one_that_is_not_known_there_is_null_and_the_others_are_not(self) -> None:
        client = AnswersAsTold(
            ratings={"data": {"best": [{"id": "1", "rating": 5}, {"id": "2", "rating": 4}]}},
            places=entities(None, {"__typename": "Town"}),
        )

        result = await ask(PLACES, client, "{ best { __typename rating } }")

        assert result["data"] == {"best": [None, {"__typename": "Town", "rating": 4}]}

    async def test_the_type_is_not_asked_when_nobody_wants_it(self) -> None:
        client = AnswersAsTold(ratings={"data": {"best": [{"rating": 5}]}})

        assert await ask(PLACES, client, "{ best { rating } }") == {"data": {"best": [{"rating": 5}]}}
        assert client.asked == ["ratings"]


class TestOneCallOneThing:
    SDL = graph(
        people="""
          type Query { find: Found @shareable }
          interface Found { id: ID! }
          type Reader implements Found @key(fields: "id") { id: ID! nick: String }
          type Room implements Found @key(fields: "id") { id: ID! }
        """,
        rooms="""
          type Query { find: Found @shareable }
          interface Found { id: ID! }
          type Reader implements Found @key(fields: "id") { id: ID! }
          type Room implements Found @key(fields: "id") { id: ID! topic: String }
        """,
    )

    async def test_two_subgraphs_that_find_different_things_are_never_mixed(self) -> None:
        client = AnswersAsTold(
            people={"data": {"find": {"__typename": "Reader", "id": "1", "nick": "Ada"}}},
            rooms={"data": {"find": {"__typename": "Room", "id": "9", "topic": "Letters"}}},
        )

        result = await ask(self.SDL, client, "{ find { id ... on Reader { nick } ... on Room { topic } } }")

        assert result == {"data": {"find": {"id": "1", "nick": "Ada"}}}
        assert client.asked == ["people"]


class TestRoots:
    SDL = graph(
        builds="type Query { viewer: Viewer version: String } type Viewer { all: Query }",
        letters="type Query { letters: Int }",
    )

    async def test_nothing_is_asked_of_a_root_that_is_not_there(self) -> None:
        client = AnswersAsTold(builds={"data": {"viewer": {"all": None}}})

        assert await ask(self.SDL, client, "{ viewer { all { letters } } }") == {"data": {"viewer": {"all": None}}}
        assert client.asked == ["builds"]


class TestRequests:
    async def test_each_request_carries_the_headers_of_its_client(self) -> None:
        client = AnswersAsTold(shop={"data": {"parcels": [{"id": "1"}]}}, post=entities({"tax": 1}))
        gateway = Gateway(PARCELS, client)

        await asyncio.gather(
            *(gateway.execute(GraphQLRequest("{ parcels { tax } }", headers={"authorization": who})) for who in "ab")
        )

        sent = sorted((request.subgraph, request.headers["authorization"]) for request in client.requests)
        assert sent == [("post", "a"), ("post", "b"), ("shop", "a"), ("shop", "b")]

    async def test_the_same_mutation_twice_is_two_mutations(self) -> None:
        client = AnswersAsTold(shop={"data": {"pack": {"id": "1"}}})
        gateway = Gateway(PARCELS, client)

        await asyncio.gather(*(gateway.execute(GraphQLRequest("mutation { pack { id } }")) for _ in range(3)))

        assert client.asked == ["shop"] * 3

    async def test_two_subgraphs_at_one_address_are_two(self) -> None:
        result = compose(
            [
                Subgraph(
                    "one", "http://both", 'type Query { parcel: Parcel } type Parcel @key(fields: "id") { id: ID! }'
                ),
                Subgraph("two", "http://both", 'type Parcel @key(fields: "id") { id: ID! fee: Int }'),
            ]
        )
        client = AnswersAsTold(one={"data": {"parcel": {"id": "1"}}}, two=entities({"fee": 2}))

        assert await ask(result.supergraph_sdl or "", client, "{ parcel { fee } }") == {"data": {"parcel": {"fee": 2}}}
        assert [(one.subgraph, one.url) for one in client.requests] == [("one", "http://both"), ("two", "http://both")]

    async def test_a_plan_belongs_to_one_operation_of_the_document(self) -> None:
        gateway = Gateway(PARCELS, AnswersAsTold(shop={"data": {"a": None, "b": None}}))
        query = "query One { a { id } } query Two { b { id } }"

        assert await gateway.execute(GraphQLRequest(query, "One")) == {"data": {"a": None}}
        assert await gateway.execute(GraphQLRequest(query, "Two")) == {"data": {"b": None}}

    async def test_a_plan_belongs_to_the_labels_that_are_on(self) -> None:
        sdl = graph(
            shop='type Query { parcel: Parcel } type Parcel @key(fields: "id") { id: ID! grams: Int }',
            scales='type Parcel @key(fields: "id") { id: ID! grams: Int @override(from: "shop", label: "moved") }',
        )
        client = AnswersAsTold(
            shop=lambda _: {"data": {"parcel": {"id": "1", "grams": 1}}}, scales=lambda _: entities({"grams": 2})
        )
        gateway = Gateway(sdl, client, override_labels=lambda request: request.headers.get("labels", "").split())

        for labels, grams in (("", 1), ("moved", 2), ("", 1), ("other", 1), ("moved other", 2)):
            result = await gateway.execute(GraphQLRequest("{ parcel { grams } }", headers={"labels": labels}))
            assert result == {"data": {"parcel": {"grams": grams}}}

    async def test_a_new_graph_shares_nothing_with_the_old_one(self) -> None:
        old = graph(
            a='type Query { parcel: Parcel } type Parcel @key(fields: "id") { id: ID! grams: Int }',
            b="type Query { b: Int }",
        )
        new = graph(
            a='type Query { parcel: Parcel } type Parcel @key(fields: "id") { id: ID! }',
            b='type Query { b: Int } type Parcel @key(fields: "id") { id: ID! grams: Int }',
        )
        client = AnswersAsTold(
            a=lambda _: {"data": {"parcel": {"id": "1", "grams": 1}}}, b=lambda _: entities({"grams": 2})
        )
        before, after = Gateway(old, client), Gateway(new, client)
        request = GraphQLRequest("{ parcel { grams } }")

        assert [await one.execute(request) for one in (before, after, before)] == [
            {"data": {"parcel": {"grams": grams}}} for grams in (1, 2, 1)
        ]


def patient(supergraph_sdl: str) -> Gateway:
    """Plans without looking at the clock, which says more of the machine than of the plan; the tests count CPU time."""
    return Gateway(supergraph_sdl, AnswersAsTold(), planning_timeout=600)


class TestTimeBombs:
    def test_many_subgraphs_that_share_many_fields_are_no_reason_to_think_for_long(self) -> None:
        shared = " ".join(f"f{number}: Int @shareable" for number in range(20))
        nested = " ".join(f"n{number}: Node @shareable" for number in range(5))
        graphs = {
            f"s{index:02}": f"""
              type Query {{ node: Node @shareable }}
              type Node @key(fields: "id") {{ id: ID! {shared} {nested} own{index}: Int }}
            """
            for index in range(12)
        }
        own = " ".join(f"own{index}" for index in range(12))
        fields = " ".join(f"f{number}" for number in range(20)) + " " + own
        query = f"{{ node {{ {fields} n0 {{ {fields} n1 {{ {fields} n2 {{ {own} }} }} }} n3 {{ n4 {{ {own} }} }} }} }}"
        gateway = patient(graph(**graphs))
        began = time.process_time()

        prepared = gateway.prepare(GraphQLRequest(query))

        assert isinstance(prepared, Prepared), prepared
        assert time.process_time() - began < 5

    def test_a_union_of_hundreds_is_planned_as_one(self) -> None:
        names = [f"Kind{number}" for number in range(200)]
        finder = "type Query { hits: [Hit!] } union Hit = " + " | ".join(names)
        finder += " ".join(f' type {name} @key(fields: "id") {{ id: ID! }}' for name in names)
        titles = " ".join(f'type {name} @key(fields: "id") {{ id: ID! title: String }}' for name in names)
        spread = " ".join(f"... on {name} {{ title }}" for name in names)
        gateway = patient(graph(finder=finder, titles=titles))
        began = time.process_time()

        prepared = gateway.prepare(GraphQLRequest(f"{{ hits {{ {spread} }} }}"))

        assert isinstance(prepared, Prepared), prepared
        assert len(prepared.plan.fetches) == 2
        assert time.process_time() - began < 5
