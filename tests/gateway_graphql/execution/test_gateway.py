"""What a client gets, whatever the subgraphs answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from gateway_graphql.execution.errors import SubgraphRefused, SubgraphTimedOut, SubgraphUnreachable
from gateway_graphql.execution.gateway import Gateway, GraphQLRequest, Prepared, RequestErrors
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from gateway_graphql.execution.uploads import Upload
from tests.gateway_graphql.execution.clients import AnswersAsTold, WaitsToBeReleased
from tests.gateway_graphql.execution.graphs import SUBSCRIBERS, graph


async def ask(client: Any, query: str, variables: Mapping[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    """One request to a gateway of its own."""
    return await Gateway(SUBSCRIBERS, client, **settings).execute(GraphQLRequest(query, variables=variables or {}))


def entities(*found: Any) -> dict[str, Any]:
    """A subgraph's answer with these entities."""
    return {"data": {"_entities": list(found)}}


class TestRequests:
    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("{ me { ", "Syntax Error: Expected Name, found <EOF>."),
            ("{ you }", "Cannot query field 'you' on type 'Query'."),
            ("fragment F on Query { me { id } }", "Must provide an operation."),
            ("query A { __typename } query B { __typename }", "Must provide operation name"),
        ],
    )
    async def test_what_cannot_be_executed_has_errors_and_no_data(self, query: str, message: str) -> None:
        result = await ask(AnswersAsTold(), query)

        assert message in result["errors"][0]["message"]
        assert "data" not in result

    async def test_variables_are_checked_before_anything_is_sent(self) -> None:
        client = AnswersAsTold()

        result = await ask(client, "query ($n: Int) { top(first: $n) { id } }", {"n": "many"})

        assert "data" not in result
        assert "Int cannot represent non-integer value: 'many'" in result["errors"][0]["message"]
        assert client.requests == []

    async def test_a_value_that_clients_cannot_see_is_no_value_for_them(self) -> None:
        result = await ask(AnswersAsTold(), "query ($s: Status) { top(status: $s) { id } }", {"s": "SECRET"})

        assert "does not exist in 'Status' enum" in result["errors"][0]["message"]

    async def test_only_the_variables_that_are_used_are_sent_as_they_came(self) -> None:
        client = AnswersAsTold(subscribers={"data": {"top": [{"id": "1"}]}}, letters=entities({"count": 2}))

        await ask(
            client,
            "query ($n: Int, $yes: Boolean = true) { top(first: $n) { count @include(if: $yes) } }",
            {"n": 1, "unknown": 1},
        )

        assert [dict(one.variables) for one in client.requests] == [
            {"n": 1},
            {"_r": [{"__typename": "Subscriber", "id": "1"}]},
        ]

    async def test_a_file_reaches_the_subgraph_that_uses_it_unopened(self) -> None:
        client = AnswersAsTold(subscribers={"data": {"upload": {"id": "1"}}}, letters=entities({"count": 2}))
        file = Upload("letters.csv", "text/csv", content=None)  # type: ignore[arg-type]

        result = await ask(client, "mutation ($file: Upload!) { upload(file: $file) { count } }", {"file": file})

        assert result == {"data": {"upload": {"count": 2}}}
        assert client.requests[0].variables["file"] is file
        assert "file" not in client.requests[1].variables

    async def test_a_plan_is_made_once(self) -> None:
        gateway = Gateway(SUBSCRIBERS, AnswersAsTold(), plan_cache_size=1)

        first = gateway.prepare(GraphQLRequest("{ me { id } }"))

        assert isinstance(first, Prepared)
        assert gateway.prepare(GraphQLRequest("{ me { id } }")) is first
        gateway.prepare(GraphQLRequest("{ me { name } }"))
        assert gateway.prepare(GraphQLRequest("{ me { id } }")) is not first

    async def test_introspection_asks_nobody(self) -> None:
        client = AnswersAsTold()

        result = await ask(client, '{ kind: __typename __type(name: "Status") { enumValues { name } } }')

        assert result == {"data": {"kind": "Query", "__type": {"enumValues": [{"name": "ACTIVE"}, {"name": "GONE"}]}}}
        assert client.requests == []

    async def test_introspection_can_be_refused(self) -> None:
        gateway = Gateway(SUBSCRIBERS, AnswersAsTold(), introspection=False)

        assert isinstance(gateway.prepare(GraphQLRequest("{ __schema { queryType { name } } }")), RequestErrors)


class TestMerging:
    async def test_an_entity_that_appears_twice_is_asked_about_once(self) -> None:
        client = AnswersAsTold(
            subscribers={"data": {"all": [{"id": "1"}, {"id": "2"}, {"id": "1"}]}},
            letters=entities({"count": 1}, {"count": 2}),
        )

        result = await ask(client, "{ all { count } }")

        assert result == {"data": {"all": [{"count": 1}, {"count": 2}, {"count": 1}]}}
        assert [one["id"] for one in client.requests[1].variables["_r"]] == ["1", "2"]

    async def test_it_is_the_same_entity_wherever_it_appears(self) -> None:
        sdl = graph(
            pets="""
              type Query { dog: Dog pets: [Pet] }
              interface Pet { id: ID! }
              type Dog implements Pet @key(fields: "id") { id: ID! }
              type Cat implements Pet @key(fields: "id") { id: ID! }
            """,
            weights='type Dog @key(fields: "id") { id: ID! kilos: Int } type Cat @key(fields: "id") { id: ID! kilos: Int }',
        )
        pets = [{"__typename": "Cat"}, {"__typename": "Dog", "id": "1"}]
        client = AnswersAsTold(pets={"data": {"dog": {"id": "1"}, "pets": pets}}, weights=entities({"kilos": 20}))

        result = await Gateway(sdl, client).execute(GraphQLRequest("{ dog { kilos } pets { ... on Dog { kilos } } }"))

        assert result == {"data": {"dog": {"kilos": 20}, "pets": [{}, {"kilos": 20}]}}
        assert dict(client.requests[1].variables) == {"_r": [{"__typename": "Dog", "id": "1"}]}

    async def test_keys_that_look_alike_are_not_the_same(self) -> None:
        client = AnswersAsTold(
            subscribers={"data": {"all": [{"id": "1"}, {"id": 1}, {"id": True}]}},
            letters=entities({"count": 1}, {"count": 2}, {"count": 3}),
        )

        await ask(client, "{ all { count } }")

        assert [one["id"] for one in client.requests[1].variables["_r"]] == ["1", 1, True]

    async def test_a_scalar_is_passed_on_whatever_it_holds(self) -> None:
        blob = {"__typename": "Subscriber", "id": None, "big": 2**70, "deep": [{"name": 1}]}
        client = AnswersAsTold(subscribers={"data": {"me": {"id": "1", "blob": blob}}}, letters=entities({"count": 1}))

        result = await ask(client, "{ me { blob count } }")

        assert result == {"data": {"me": {"blob": blob, "count": 1}}}

    async def test_without_its_key_an_object_is_no_entity(self) -> None:
        client = AnswersAsTold(subscribers={"data": {"top": [None, {"id": None}]}})

        result = await ask(client, "{ top { unread } }")

        assert result == {"data": {"top": [None, {"unread": None}]}}
        assert client.asked == ["subscribers"]

    async def test_a_request_that_nobody_wants_this_time_is_not_made(self) -> None:
        client = AnswersAsTold(subscribers={"data": {"me": {"id": "1"}}})

        result = await ask(client, "query ($v: Boolean!) { me { id unread @include(if: $v) } }", {"v": False})

        assert result == {"data": {"me": {"id": "1"}}}
        assert client.asked == ["subscribers"]

    async def test_the_order_is_that_of_the_fields_that_count(self) -> None:
        client = AnswersAsTold(subscribers={"data": {"me": {"id": "1", "name": "Ada"}}})

        query = "query ($v: Boolean!) { me { id @include(if: $v) name id } }"

        assert list((await ask(client, query, {"v": False}))["data"]["me"]) == ["name", "id"]
        assert list((await ask(client, query, {"v": True}))["data"]["me"]) == ["id", "name"]


class TestFailures:
    async def test_a_subgraph_that_is_down_takes_only_its_part_away(self) -> None:
        client = AnswersAsTold(
            subscribers={"data": {"me": {"id": "1", "name": "Ada"}}},
            letters=SubgraphUnreachable("letters", "connection refused"),
        )

        result = await ask(client, "{ me { name unread } }")

        assert result == {
            "data": {"me": {"name": "Ada", "unread": None}},
            "errors": [
                {
                    "message": "letters: connection refused",
                    "path": ["me"],
                    "extensions": {"code": "SUBGRAPH_UNAVAILABLE", "serviceName": "letters"},
                }
            ],
        }

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (SubgraphRefused("subscribers", 503), "SUBREQUEST_HTTP_ERROR"),
            (SubgraphTimedOut("subscribers", "no answer in 5 s"), "SUBGRAPH_TIMEOUT"),
            (ValueError("a bug in the client"), "DOWNSTREAM_SERVICE_ERROR"),
            ({"extensions": {}}, "SUBREQUEST_MALFORMED_RESPONSE"),
            ({"data": []}, "SUBREQUEST_MALFORMED_RESPONSE"),
            ({"data": None}, "SUBREQUEST_MALFORMED_RESPONSE"),
            (lambda request: "text", "SUBREQUEST_MALFORMED_RESPONSE"),
        ],
    )
    async def test_every_kind_of_failure_has_its_code(self, answer: Any, code: str) -> None:
        result = await ask(AnswersAsTold(subscribers=answer), "{ me { id } }")

        assert result["data"] == {"me": None}
        assert [error["extensions"]["code"] for error in result["errors"]] == [code]

    async def test_nothing_is_computed_without_what_it_requires(self) -> None:
        parcels = graph(
            post='type Query { parcel: Parcel } type Parcel @key(fields: "id") { id: ID! }',
            scales='type Parcel @key(fields: "id") { id: ID! grams: Int }',
            prices="""
              type Parcel @key(fields: "id") { id: ID! grams: Int @external postage: Int @requires(fields: "grams") }
            """,
        )
        client = AnswersAsTold(
            post={"data": {"parcel": {"id": "1"}}},
            scales=SubgraphUnreachable("scales", "connection refused"),
            prices=entities({"postage": 5}),
        )
        query = "query ($dear: Boolean!) { parcel { grams postage @include(if: $dear) } }"

        result = await Gateway(parcels, client).execute(GraphQLRequest(query, variables={"dear": True}))

        assert result["data"] == {"parcel": {"grams": None, "postage": None}}
        assert [one["path"] for one in result["errors"]] == [["parcel"]]
        assert client.asked == ["post", "scales"]

    async def test_a_missing_value_that_must_be_there_takes_the_nearest_nullable_with_it(self) -> None:
        client = AnswersAsTold(
            subscribers={"data": {"top": [{"id": "1"}, {"id": "2"}]}}, letters=entities(None, {"count": 2})
        )

        result = await ask(client, "{ top { count } }")

        assert result == {
            "data": {"top": [None, {"count": 2}]},
            "errors": [
                {"message": "Cannot return null for non-nullable field Subscriber.count.", "path": ["top", 0, "count"]}
            ],
        }

    async def test_up_to_the_root_if_nothing_is_nullable(self) -> None:
        client = AnswersAsTold(subscribers={"data": {"all": [{"id": "1"}]}}, letters=entities(None))

        result = await ask(client, "{ all { count } }")

        assert result["data"] is None
        assert result["errors"][0]["path"] == ["all", 0, "count"]

    async def test_an_error_elsewhere_does_not_explain_a_null(self) -> None:
        client = AnswersAsTold(
            subscribers={"data": {"me": {"id": "1", "parts": [{"size": None}]}}},
            letters={"data": {"_entities": [{"unread": None}]}, "errors": [{"message": "mailbox is full"}]},
        )

        result = await ask(client, "{ me { parts { size } unread } }")

        assert result["data"] == {"me": {"parts": None, "unread": None}}
        assert [error["path"] for error in result["errors"]] == [["me"], ["me", "parts", 0, "size"]]

    async def test_an_error_of_a_shared_entity_is_told_at_each_of_its_places(self) -> None:
        letters = {
            "data": {"_entities": [{"unread": None}]},
            "errors": [{"message": "mailbox is full", "path": ["_entities", 0, "n"], "locations": [{"line": 1}]}],
        }
        client = AnswersAsTold(subscribers={"data": {"all": [{"id": "1"}, {"id": "1"}]}}, letters=letters)

        result = await ask(client, "{ all { n: unread } }")

        assert result["data"] == {"all": [{"n": None}, {"n": None}]}
        assert result["errors"] == [
            {
                "message": "mailbox is full",
                "path": ["all", index, "n"],
                "extensions": {"code": "DOWNSTREAM_SERVICE_ERROR", "serviceName": "letters"},
            }
            for index in (0, 1)
        ]

    async def test_an_error_in_what_the_client_did_not_ask_for_is_told_above_it(self) -> None:
        subscribers = {"data": {"top": [None]}, "errors": [{"message": "no id", "path": ["top", 0, "_id_1"]}]}
        client = AnswersAsTold(subscribers=subscribers)

        result = await ask(client, "{ top { id: name unread } }")

        assert [error["path"] for error in result["errors"]] == [["top", 0]]

    async def test_the_path_of_an_error_is_that_of_the_type_it_happened_to(self) -> None:
        shelf = graph(
            shelf="""
              type Query { things: [Thing] }
              union Thing = Book | Box
              type Book { inside: [Part] }
              type Box { inside: [Part] }
              type Part { size: Int weight: Int }
            """
        )
        answer = {
            "data": {
                "things": [
                    {"__typename": "Book", "inside": [{"size": None, "_weight_1": 2}]},
                    {"__typename": "Box", "inside": [{"size": 1}]},
                ]
            },
            "errors": [{"message": "too thin", "path": ["things", 0, "inside", 0, "size"]}],
        }
        query = "{ things { ... on Book { inside { size } } ... on Box { inside { weight } } } }"

        result = await Gateway(shelf, AnswersAsTold(shelf=answer)).execute(GraphQLRequest(query))

        assert [error["path"] for error in result["errors"]] == [["things", 0, "inside", 0, "size"]]

    @pytest.mark.parametrize(("wanted", "path"), [(True, ["me", "name"]), (False, ["me"])])
    async def test_the_path_of_an_error_ends_where_nothing_is_wanted_this_time(
        self, wanted: bool, path: list[str]
    ) -> None:
        answer = {"data": {"me": {"id": "1", "name": None}}, "errors": [{"message": "no", "path": ["me", "name"]}]}

        result = await ask(
            AnswersAsTold(subscribers=answer),
            "query ($wanted: Boolean!) { me { id name @include(if: $wanted) } }",
            {"wanted": wanted},
        )

        assert [error["path"] for error in result["errors"]] == [path]

    async def test_the_wrong_number_of_entities_is_an_error_and_no_crash(self) -> None:
        client = AnswersAsTold(subscribers={"data": {"all": [{"id": "1"}]}}, letters=entities())

        result = await ask(client, "{ all { unread } }")

        assert result["data"] == {"all": [{"unread": None}]}
        assert "answered 0 entities for 1 representations" in result["errors"][0]["message"]

    async def test_a_value_that_clients_cannot_see_is_never_told(self) -> None:
        client = AnswersAsTold(subscribers={"data": {"me": {"status": "SECRET"}}})

        result = await ask(client, "{ me { status } }")

        assert result["data"] == {"me": {"status": None}}
        assert "SECRET" not in str(result["errors"])

    async def test_subgraph_extensions_are_kept(self) -> None:
        error = {"message": "no", "path": ["me"], "extensions": {"code": "FORBIDDEN", "reason": 7}}
        client = AnswersAsTold(subscribers={"data": {"me": None}, "errors": [error]})

        result = await ask(client, "{ me { id } }")

        assert result["errors"][0]["extensions"] == {"code": "FORBIDDEN", "reason": 7, "serviceName": "subscribers"}

    @pytest.mark.parametrize("value", [5, "text", [1], {"a": 1}])
    async def test_nonsense_of_the_wrong_shape_is_an_error(self, value: Any) -> None:
        result = await ask(AnswersAsTold(subscribers={"data": {"all": value}}), "{ all { id } }")

        assert result["data"] is None
        assert result["errors"]


class TestTime:
    async def test_a_request_starts_when_what_it_waits_for_is_there(self) -> None:
        sdl = graph(
            slow='type Query { slow: Thing } type Thing @key(fields: "id") { id: ID! }',
            quick='type Query { quick: Other } type Other @key(fields: "id") { id: ID! }',
            things='type Thing @key(fields: "id") { id: ID! size: Int }',
            others='type Other @key(fields: "id") { id: ID! size: Int }',
        )
        client = WaitsToBeReleased(
            ["slow"],
            slow={"data": {"slow": {"id": "1"}}},
            quick={"data": {"quick": {"id": "2"}}},
            things=entities({"size": 1}),
            others=entities({"size": 2}),
        )
        asking = asyncio.create_task(Gateway(sdl, client).execute(GraphQLRequest("{ slow { size } quick { size } }")))

        await client.until_asked("slow", "others")
        assert "things" not in client.asked
        client.gates["slow"].set()

        assert await asking == {"data": {"slow": {"size": 1}, "quick": {"size": 2}}}

    async def test_out_of_time_what_is_there_is_told(self) -> None:
        client = WaitsToBeReleased(
            ["letters"], subscribers={"data": {"me": {"id": "1", "name": "Ada"}}}, letters=entities({"unread": 1})
        )

        result = await ask(client, "{ me { name unread } }", request_timeout=0.02)

        assert result["data"] == {"me": {"name": "Ada", "unread": None}}
        assert result["errors"][0]["extensions"]["code"] == "GATEWAY_TIMEOUT"
        assert client.cut_off == ["letters"]

    async def test_who_leaves_takes_the_open_requests_along(self) -> None:
        client = WaitsToBeReleased(["letters"], subscribers={"data": {"me": {"id": "1"}}}, letters=entities())
        asking = asyncio.create_task(ask(client, "{ me { unread } }"))
        await client.until_asked("letters")

        asking.cancel()

        with pytest.raises(asyncio.CancelledError):
            await asking
        assert client.cut_off == ["letters"]

    async def test_a_mutation_that_was_sent_is_not_cut_off(self) -> None:
        client = WaitsToBeReleased(["subscribers"], subscribers={"data": {"add": {"id": "1"}}})
        asking = asyncio.create_task(ask(client, 'mutation { add(name: "Ada") { id } }'))
        await client.until_asked("subscribers")

        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        client.gates["subscribers"].set()
        async with asyncio.timeout(2):
            await client.was_released.wait()

        assert client.cut_off == []

    async def test_mutations_run_one_after_the_other(self) -> None:
        client = WaitsToBeReleased(
            ["letters"],
            subscribers=[{"data": {"add": {"id": "1"}}}, {"data": {"remove": True}}],
            letters=entities({"count": 3}),
        )
        asking = asyncio.create_task(ask(client, 'mutation { add(name: "Ada") { count } remove(id: "1") }'))
        await client.until_asked("letters")
        client.gates["letters"].set()

        assert await asking == {"data": {"add": {"count": 3}, "remove": True}}
        assert client.asked_before_release == ["subscribers", "letters"]
        assert client.asked == ["subscribers", "letters", "subscribers"]


class TestSubscriptions:
    QUERY = 'subscription { changed(id: "1") { at subscriber { name unread } } }'

    async def collect(self, client: Any, query: str = QUERY) -> list[dict[str, Any]]:
        gateway = Gateway(SUBSCRIBERS, client)
        return [result async for result in gateway.subscribe(GraphQLRequest(query))]

    async def test_every_event_is_completed_by_the_others(self) -> None:
        client = AnswersAsTold(
            live=[{"data": {"changed": {"at": str(n), "subscriber": {"id": "1"}}}} for n in (1, 2)],
            subscribers=[entities({"name": "Ada"}), entities({"name": "Ida"})],
            letters=entities({"unread": 0}),
        )

        results = await self.collect(client)

        assert results == [
            {"data": {"changed": {"at": "1", "subscriber": {"name": "Ada", "unread": 0}}}},
            {"data": {"changed": {"at": "2", "subscriber": {"name": "Ida", "unread": 0}}}},
        ]
        assert client.requests[0].kind == "subscription"

    async def test_an_event_with_errors_does_not_end_the_stream(self) -> None:
        good = {"data": {"changed": {"at": "2", "subscriber": {"id": "1"}}}}
        bad = {"data": None, "errors": [{"message": "lost one", "path": ["changed"]}]}
        client = AnswersAsTold(live=[bad, good], subscribers=entities({"name": "Ada"}), letters=entities({"unread": 0}))

        results = await self.collect(client)

        assert [one["data"] is None for one in results] == [True, False]
        assert results[0]["errors"][0]["message"] == "lost one"

    async def test_a_stream_that_breaks_ends_with_an_error(self) -> None:
        client = AnswersAsTold(live=[SubgraphUnreachable("live", "connection lost")])

        (result,) = await self.collect(client)

        assert result["data"] is None
        assert result["errors"][0]["message"] == "live: connection lost"

    async def test_a_request_that_cannot_be_executed_yields_its_errors(self) -> None:
        (result,) = await self.collect(AnswersAsTold(), "subscription { nothing }")

        assert "data" not in result

    async def test_a_query_yields_its_one_result(self) -> None:
        client = AnswersAsTold(subscribers={"data": {"me": {"id": "1"}}})

        assert await self.collect(client, "{ me { id } }") == [{"data": {"me": {"id": "1"}}}]

    async def test_leaving_closes_the_stream_of_the_subgraph(self) -> None:
        closed = asyncio.Event()

        class NeverEnds(AnswersAsTold):
            async def subscribe(self, request: SubgraphRequest) -> Any:
                try:
                    while True:
                        yield {"data": {"changed": {"at": "now", "subscriber": {"id": "1"}}}}
                finally:
                    closed.set()

        client = NeverEnds(subscribers=entities({"name": "Ada"}), letters=entities({"unread": 0}))
        stream = Gateway(SUBSCRIBERS, client).subscribe(GraphQLRequest(self.QUERY))
        await anext(stream)

        await stream.aclose()

        assert closed.is_set()

    async def test_a_subscription_is_no_request_for_one_answer(self) -> None:
        result = await ask(AnswersAsTold(), self.QUERY)

        assert "data" not in result


async def test_a_directive_of_the_client_changes_no_key() -> None:
    directive = "directive @masked(keep: Int) on FIELD "
    supergraph = graph(
        people=directive + 'type Query { person: Person } type Person @key(fields: "id") { id: ID! }',
        phones=directive + 'type Person @key(fields: "id") { id: ID! phone: String }',
    )
    client = AnswersAsTold(
        people={"data": {"person": {"id": "***", "_id_1": "1"}}}, phones={"data": {"_entities": [{"phone": "**1"}]}}
    )

    result = await Gateway(supergraph, client).execute(
        GraphQLRequest("query ($n: Int) { person { id @masked phone @masked(keep: $n) } }", variables={"n": 1})
    )

    assert result == {"data": {"person": {"id": "***", "phone": "**1"}}}
    assert client.requests[0].document == "query { person { id @masked _id_1: id } }"
    assert dict(client.requests[1].variables) == {"n": 1, "_r": [{"__typename": "Person", "id": "1"}]}


async def test_the_directives_of_an_operation_go_to_everybody_who_may_have_them() -> None:
    directives = "directive @traced(level: Int) on QUERY | MUTATION directive @audited on MUTATION "
    supergraph = graph(
        people=directives
        + 'type Query { person: Person } type Mutation { hire: Person } type Person @key(fields: "id") { id: ID! }',
        phones=directives + 'type Person @key(fields: "id") { id: ID! phone: String }',
    )
    client = AnswersAsTold(people={"data": {"hire": {"id": "1"}}}, phones={"data": {"_entities": [{"phone": "7"}]}})

    result = await Gateway(supergraph, client).execute(
        GraphQLRequest("mutation ($n: Int) @traced(level: $n) @audited { hire { phone } }", variables={"n": 1})
    )

    assert result == {"data": {"hire": {"phone": "7"}}}
    assert [request.document for request in client.requests] == [
        "mutation($n: Int) @traced(level: $n) @audited { hire { id } }",
        "query($_r: [_Any!]!, $n: Int) @traced(level: $n) "
        "{ _entities(representations: $_r) { ... on Person { phone } } }",
    ]
    assert [dict(request.variables)["n"] for request in client.requests] == [1, 1]
