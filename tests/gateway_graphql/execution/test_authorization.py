"""What a caller may not see is never asked of a subgraph, and is null with an error that names it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from gateway_graphql.composition.compose import compose
from gateway_graphql.composition.subgraph import Subgraph
from gateway_graphql.execution.caller import ANONYMOUS, Caller
from gateway_graphql.execution.gateway import Gateway, GraphQLRequest, Prepared
from tests.gateway_graphql.execution.clients import AnswersAsTold

LINK = """
extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.9"
  import: ["@key", "@requires", "@external", "@shareable", "@authenticated", "@requiresScopes", "@policy"]
)
"""


def supergraph(**subgraphs: str) -> str:
    """The supergraph of subgraphs with guards."""
    result = compose([Subgraph(name, f"http://{name}", LINK + sdl) for name, sdl in subgraphs.items()])
    assert result.supergraph_sdl is not None, "\n".join(map(str, result.errors))
    return result.supergraph_sdl


GUARDED = supergraph(
    people="""
      type Query { me: Person people: [Person!]! who: [Being!]! salaries: [Salary!] @requiresScopes(scopes: [["pay"]]) first: Secret! open: Int }
      type Mutation { rename(name: String!): Person @authenticated reset: Boolean @policy(policies: [["admin", "awake"], ["root"]]) }
      type Subscription { changed: Person @authenticated }
      interface Being { name: String email: String }
      type Person implements Being @key(fields: "id") {
        id: ID! name: String email: String @authenticated salary: Salary
        birthday: Date strict: String! @authenticated note: String @requiresScopes(scopes: [["notes", "read"], ["all"]])
      }
      type Robot implements Being { name: String email: String }
      type Spy implements Being @authenticated { name: String email: String }
      type Salary @requiresScopes(scopes: [["pay"]]) { amount: Int }
      type Secret { hidden: String! @authenticated }
      scalar Date @authenticated
    """,
    letters="""
      type Person @key(fields: "id") {
        id: ID! letters: [Letter!] email: String @external
        greeting: String @requires(fields: "email") @authenticated
      }
      type Letter { subject: String body: String @authenticated }
    """,
)
ADA = Caller("ada", frozenset({"notes"}))


async def ask(client: Any, query: str, caller: Caller = ANONYMOUS, **settings: Any) -> dict[str, Any]:
    """One request to a gateway of its own."""
    return await Gateway(GUARDED, client, **settings).execute(GraphQLRequest(query, caller=caller))


def coordinates(result: dict[str, Any]) -> list[str]:
    """What the errors say was refused."""
    assert all(one["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE" for one in result["errors"])
    return [one["extensions"]["coordinate"] for one in result["errors"]]


class TestFilter:
    async def test_what_is_refused_is_null_in_its_place_and_the_error_says_where(self) -> None:
        client = AnswersAsTold(people={"data": {"me": {"id": "1", "name": "Ada"}}})

        result = await ask(client, "{ me { id mail: email name } }")

        assert list(result["data"]["me"].items()) == [("id", "1"), ("mail", None), ("name", "Ada")]
        assert result["errors"] == [
            {
                "message": "You are not allowed to see Person.email.",
                "path": ["me", "mail"],
                "extensions": {"code": "UNAUTHORIZED_FIELD_OR_TYPE", "coordinate": "Person.email"},
            }
        ]
        assert "email" not in client.requests[0].document

    async def test_who_is_known_gets_it(self) -> None:
        client = AnswersAsTold(people={"data": {"me": {"email": "a@b"}}})

        assert await ask(client, "{ me { email } }", ADA) == {"data": {"me": {"email": "a@b"}}}

    async def test_nothing_is_asked_when_everything_is_refused(self) -> None:
        client = AnswersAsTold()

        result = await ask(client, "{ salaries { amount } }", ADA)

        assert result["data"] == {"salaries": None}
        assert coordinates(result) == ["Query.salaries"]
        assert client.requests == []

    async def test_a_null_that_must_not_be_goes_up_as_always(self) -> None:
        client = AnswersAsTold(people={"data": {"people": [{"name": "Ada"}], "me": {}}})

        result = await ask(client, "{ people { name strict } }")

        assert result["data"] is None
        assert coordinates(result) == ["Person.strict"]
        assert result["errors"][0]["path"] == ["people", 0, "strict"]
        assert (await ask(client, "{ me { strict } }"))["data"] == {"me": None}

    async def test_no_request_is_made_for_an_object_whose_every_field_is_refused(self) -> None:
        client = AnswersAsTold(people={"data": {"me": {"id": "1", "__typename": "Person"}}})

        result = await ask(client, "{ me { greeting } }")

        assert result["data"] == {"me": {"greeting": None}}
        assert client.asked == ["people"]
        assert all("greeting" not in one.document for one in client.requests)

    @pytest.mark.parametrize(
        "query",
        [
            "{ me { ...F } } fragment F on Person { email }",
            "{ me { ... on Person { ... { email } } } }",
            "{ me { ... on Being { email } } }",
            "{ me { x: email y: email } }",
            "query ($yes: Boolean = true) { me { email @include(if: $yes) } }",
            "{ me { letters { body } } }",
        ],
    )
    async def test_no_way_of_writing_it_gets_around(self, query: str) -> None:
        people = {"data": {"me": {"id": "1", "__typename": "Person", "email": "a@b", "x": "a@b", "y": "a@b"}}}
        letters = {"data": {"_entities": [{"letters": [{"body": "Dear Ada"}]}]}}

        result = await ask(AnswersAsTold(people=people, letters=letters), query)

        assert "a@b" not in str(result)
        assert "Dear" not in str(result)
        assert set(coordinates(result)) <= {"Person.email", "Letter.body"}

    async def test_what_a_condition_leaves_out_is_no_error(self) -> None:
        client = AnswersAsTold(people={"data": {"me": {"name": "Ada"}}})

        result = await ask(client, "query ($no: Boolean = false) { me { name email @include(if: $no) } }")

        assert result == {"data": {"me": {"name": "Ada"}}}


class TestTypes:
    async def test_of_an_interface_each_object_is_looked_at_for_itself(self) -> None:
        who = [
            {"__typename": "Person", "name": "Ada"},
            {"__typename": "Robot", "name": "R2", "email": "r@2"},
            {"__typename": "Spy"},
        ]
        client = AnswersAsTold(people={"data": {"who": who}})

        result = await ask(client, "{ who { name email } }")

        assert result["data"]["who"] == [
            {"name": "Ada", "email": None},
            {"name": "R2", "email": "r@2"},
            {"name": None, "email": None},
        ]
        assert sorted(coordinates(result)) == ["Person.email", "Spy.email", "Spy.name"]

    async def test_what_all_are_refused_is_refused_to_each_as_its_own_type_has_it(self) -> None:
        sdl = supergraph(
            people="""
              type Query { who: [Being] }
              interface Being { email: String }
              type Person implements Being { email: String! @authenticated }
              type Robot implements Being { email: String @authenticated }
            """
        )
        client = AnswersAsTold(people={"data": {"who": [{"__typename": "Robot"}, {"__typename": "Person"}]}})

        result = await Gateway(sdl, client).execute(GraphQLRequest("{ who { email } }"))

        assert result["data"] == {"who": [{"email": None}, None]}
        assert coordinates(result) == ["Robot.email", "Person.email"]

    async def test_a_field_whose_value_is_guarded_is_refused_whole(self) -> None:
        client = AnswersAsTold(people={"data": {"me": {"name": "Ada"}}})

        result = await ask(client, "{ me { name birthday salary { __typename } } }")

        assert result["data"] == {"me": {"name": "Ada", "birthday": None, "salary": None}}
        assert coordinates(result) == ["Person.birthday", "Person.salary"]

    async def test_all_of_a_group_of_scopes_is_needed_and_one_group_is_enough(self) -> None:
        client = AnswersAsTold(people={"data": {"me": {"note": "!"}}})

        assert (await ask(client, "{ me { note } }", ADA))["data"] == {"me": {"note": None}}
        for scopes in ({"notes", "read"}, {"all"}):
            assert "errors" not in await ask(client, "{ me { note } }", Caller("ada", frozenset(scopes)))

    async def test_what_is_computed_from_guarded_fields_is_guarded_also_in_a_graph_that_does_not_say_so(self) -> None:
        leaky = GUARDED.replace('requires: "email") @authenticated', 'requires: "email")')
        assert leaky != GUARDED
        client = AnswersAsTold(people={"data": {"me": {"id": "1", "__typename": "Person"}}})

        result = await Gateway(leaky, client).execute(GraphQLRequest("{ me { greeting } }"))

        assert coordinates(result) == ["Person.greeting"]


class TestPolicies:
    async def test_without_anybody_to_ask_no_policy_says_yes(self) -> None:
        client = AnswersAsTold()

        result = await ask(client, "mutation { reset }", ADA)

        assert coordinates(result) == ["Mutation.reset"]
        assert client.requests == []

    async def test_they_are_asked_by_name_with_the_caller(self) -> None:
        asked: list[tuple[Caller, list[str]]] = []

        async def policies(caller: Caller, names: Collection[str]) -> list[str]:
            asked.append((caller, list(names)))
            return ["admin", "awake"]

        client = AnswersAsTold(people={"data": {"reset": True}})

        assert await ask(client, "mutation { reset }", ADA, policies=policies) == {"data": {"reset": True}}
        assert asked == [(ADA, ["admin", "awake", "root"])]

    async def test_half_a_group_is_not_enough(self) -> None:
        result = await ask(AnswersAsTold(), "mutation { reset }", ADA, policies=lambda *_: ["admin"])

        assert coordinates(result) == ["Mutation.reset"]


class TestOperations:
    async def test_a_refused_mutation_is_not_made_and_the_others_are(self) -> None:
        client = AnswersAsTold(people={"data": {}})

        result = await ask(client, 'mutation { rename(name: "x") { name } }')

        assert result["data"] == {"rename": None}
        assert client.requests == []

    async def test_a_refused_subscription_says_so_once_and_ends(self) -> None:
        client = AnswersAsTold(people=[{"data": {"changed": {"name": "Ada"}}}])

        events = [
            one async for one in Gateway(GUARDED, client).subscribe(GraphQLRequest("subscription { changed { name } }"))
        ]

        assert [one["data"] for one in events] == [{"changed": None}]
        assert coordinates(events[0]) == ["Subscription.changed"]
        assert client.requests == []

    async def test_every_event_is_without_what_is_refused(self) -> None:
        events = [{"data": {"changed": {"name": name}}} for name in ("Ada", "Eva")]
        client = AnswersAsTold(people=events)
        gateway = Gateway(GUARDED, client)

        request = GraphQLRequest("subscription { changed { name note } }", caller=ADA)
        results = [one async for one in gateway.subscribe(request)]

        assert [one["data"]["changed"] for one in results] == [{"name": n, "note": None} for n in ("Ada", "Eva")]
        assert [coordinates(one) for one in results] == [["Person.note"]] * 2

    async def test_what_comes_later_is_refused_in_its_part(self) -> None:
        client = AnswersAsTold(people={"data": {"me": {"id": "1", "__typename": "Person", "name": "Ada"}}})
        request = GraphQLRequest("{ me { name ... @defer { email id } } }")

        first, *later = [one async for one in Gateway(GUARDED, client).execute_incrementally(request)]

        assert first == {"data": {"me": {"name": "Ada"}}, "hasNext": True}
        (part,) = later[0]["incremental"]
        assert part["data"] == {"email": None, "id": "1"}
        assert coordinates(part) == ["Person.email"]

    async def test_an_operation_can_be_refused_whole(self) -> None:
        client = AnswersAsTold()

        result = await ask(client, "{ me { name email } people { email note } }", reject_unauthorized=True)

        assert "data" not in result
        assert coordinates(result) == ["Person.email", "Person.note"]
        assert client.requests == []


class TestPlans:
    async def test_callers_who_may_see_the_same_share_a_plan(self) -> None:
        gateway = Gateway(GUARDED, AnswersAsTold())
        query = "{ me { email open: name } }"

        async def plan(caller: Caller) -> Any:
            prepared = await gateway.prepared(GraphQLRequest(query, caller=caller))
            assert isinstance(prepared, Prepared)
            return prepared.plan

        ada, eva = await plan(ADA), await plan(Caller("eva", frozenset({"pay"})))
        nobody = await plan(ANONYMOUS)

        assert ada is eva
        assert nobody is not ada
        assert nobody is await plan(Caller(None, frozenset({"pay"})))

    async def test_what_asks_for_nothing_is_planned_once_for_all(self) -> None:
        gateway = Gateway(GUARDED, AnswersAsTold(people={"data": {"open": 1}}))

        for caller in (ANONYMOUS, ADA):
            assert await gateway.execute(GraphQLRequest("{ open }", caller=caller)) == {"data": {"open": 1}}
        assert gateway.plans_known == 1
