"""Arguments that come from an object above (``@fromContext``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from gateway_graphql.composition.compose import compose
from gateway_graphql.composition.subgraph import Subgraph
from gateway_graphql.execution.errors import SubgraphUnreachable
from gateway_graphql.execution.gateway import Gateway, GraphQLRequest
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from tests.gateway_graphql.execution.clients import AnswersAsTold

LINK = """
extend schema
  @link(
    url: "https://specs.apollo.dev/federation/v2.8"
    import: ["@key", "@context", "@fromContext", "@requires", "@external"]
  )
"""


def graph(**subgraphs: str) -> str:
    """The supergraph of these subgraphs."""
    result = compose([Subgraph(name, f"http://{name}", LINK + sdl) for name, sdl in subgraphs.items()])
    assert result.supergraph_sdl is not None, "\n".join(map(str, result.errors))
    return result.supergraph_sdl


PEOPLE = graph(
    people="""
      type Query { people: [Person] }
      type Person @key(fields: "id") @context(name: "person") { id: ID! locale: String! pets: [Pet] }
      type Pet @key(fields: "id") {
        id: ID!
        greeting(loud: Boolean, locale: String @fromContext(field: "$person { locale }")): String
      }
    """,
    others='type Pet @key(fields: "id") { id: ID! age: Int }',
)


def greets(request: SubgraphRequest) -> Mapping[str, Any]:
    """The entities of the subgraph: greetings say in what they were asked."""
    if "_entities" not in request.document:
        return {
            "data": {
                "people": [
                    {"id": "1", "locale": "de", "pets": [{"id": "a"}, {"id": "b"}]},
                    {"id": "2", "locale": "en", "pets": [{"id": "a"}]},
                    {"id": "3", "locale": "de", "pets": [{"id": "a"}, None]},
                ]
            }
        }
    data = {}
    calls = r"(?:(\w+): )?_entities\(representations: \$(\w+)\) \{ \.\.\. on Pet \{ (?:(\w+): )?greeting\(.*?locale: \$(\w+)\)"
    for key, representations, slot, variable in re.findall(calls, request.document):
        data[key or "_entities"] = [
            {slot or "greeting": f"{one['id']} in {request.variables[variable]}"}
            for one in request.variables[representations]
        ]
        for declared in (representations, variable):
            assert f"${declared}: " in request.document
    return {"data": data}


async def test_each_object_gets_the_value_of_the_object_above_it_in_one_request() -> None:
    client = AnswersAsTold(people=greets)
    query = "query ($loud: Boolean) { people { pets { hi: greeting(loud: $loud) } } }"

    result = await Gateway(PEOPLE, client).execute(GraphQLRequest(query, variables={"loud": True}))

    assert result["data"]["people"] == [
        {"pets": [{"hi": "a in de"}, {"hi": "b in de"}]},
        {"pets": [{"hi": "a in en"}]},
        {"pets": [{"hi": "a in de"}, None]},
    ]
    assert "errors" not in result
    assert client.asked == ["people", "people"]
    assert sorted(map(str, client.requests[1].variables.values())) == sorted(
        map(
            str,
            [
                True,
                "de",
                "en",
                [{"__typename": "Pet", "id": "a"}, {"__typename": "Pet", "id": "b"}],
                [{"__typename": "Pet", "id": "a"}],
            ],
        )
    )


async def test_two_calls_of_one_request_have_values_of_their_own() -> None:
    people = {"id": "1", "locale": "de", "pets": [{"id": "a"}], "others": [{"id": "b"}]}
    client = AnswersAsTold(
        people=[{"data": {"people": [people]}}, {"data": {"_e0": [{"greeting": "a"}], "_e1": [{"loudly": "B"}]}}]
    )
    query = "{ people { pets { greeting } others: pets { loudly: greeting(loud: true) } } }"

    result = await Gateway(PEOPLE, client).execute(GraphQLRequest(query))

    assert result == {"data": {"people": [{"pets": [{"greeting": "a"}], "others": [{"loudly": "B"}]}]}}
    request = client.requests[1]
    declared = re.findall(r"\$(\w+): (?!\[_Any)", request.document.partition("{")[0])
    assert len(declared) == len(set(declared)) == 2
    assert [request.variables[name] for name in declared] == ["de", "de"]


async def test_a_client_may_call_a_variable_as_we_would() -> None:
    client = AnswersAsTold(people=greets)
    query = (
        "query ($_c_Pet_greeting_locale: Boolean) { people { pets { hi: greeting(loud: $_c_Pet_greeting_locale) } } }"
    )

    result = await Gateway(PEOPLE, client).execute(GraphQLRequest(query, variables={"_c_Pet_greeting_locale": False}))

    assert result["data"]["people"][1] == {"pets": [{"hi": "a in en"}]}
    assert client.requests[1].variables["_c_Pet_greeting_locale"] is False


async def test_what_is_shared_elsewhere_is_not_shared_below_different_values() -> None:
    """Both orders have the same customer, whose pet is greeted in the language of the order."""
    supergraph = graph(
        orders="""
          type Query { orders: [Order] }
          type Order @key(fields: "id") @context(name: "order") { id: ID! locale: String! customer: Customer }
          type Customer @key(fields: "id") { id: ID! }
          type Pet @key(fields: "id") {
            id: ID!
            greeting(locale: String @fromContext(field: "$order { locale }")): String
          }
        """,
        customers="""
          type Customer @key(fields: "id") { id: ID! pet: Pet }
          type Pet @key(fields: "id") { id: ID! }
        """,
    )

    def orders(request: SubgraphRequest) -> Mapping[str, Any]:
        if "_entities" in request.document:
            return greets(request)
        orders = [{"id": n, "locale": locale, "customer": {"id": "c"}} for n, locale in enumerate(("de", "en"))]
        return {"data": {"orders": orders}}

    client = AnswersAsTold(orders=orders, customers={"data": {"_entities": [{"pet": {"id": "p"}}]}})

    result = await Gateway(supergraph, client).execute(
        GraphQLRequest("{ orders { customer { pet { hi: greeting } } } }")
    )

    assert [one["customer"]["pet"]["hi"] for one in result["data"]["orders"]] == ["p in de", "p in en"]
    assert client.asked == ["orders", "customers", "orders"]


async def test_an_error_is_at_every_place_of_its_entity() -> None:
    def fails(request: SubgraphRequest) -> Mapping[str, Any]:
        answer = dict(greets(request))
        if "_entities" in request.document:
            second = [key for key in answer["data"] if key != "_entities"][-1]
            answer["data"][second][0] = None
            answer["errors"] = [{"message": "No greeting.", "path": [second, 0, "hi"]}]
        return answer

    client = AnswersAsTold(people=fails)

    result = await Gateway(PEOPLE, client).execute(GraphQLRequest("{ people { pets { hi: greeting } } }"))

    assert [one["path"] for one in result["errors"]] == [["people", 1, "pets", 0, "hi"]]
    assert result["data"]["people"][1] == {"pets": [{"hi": None}]}


PET = """
  type Pet @key(fields: "id") {
    id: ID!
    greeting(locale: String @fromContext(field: "$owner %s")): String
  }
"""


def answers(data: Mapping[str, Any]) -> Callable[[SubgraphRequest], Mapping[str, Any]]:
    """A subgraph that greets pets, and has this to say otherwise."""
    return lambda request: greets(request) if "_entities" in request.document else {"data": data}


async def test_the_nearest_object_above_says_the_value() -> None:
    supergraph = graph(
        pets="""
          type Query { houses: [House] }
          type House @context(name: "owner") { locale: String pet: Pet rooms: [Room] }
          type Room @context(name: "owner") { locale: String pet: Pet }
        """
        + PET % "{ locale }"
    )
    house = {"locale": "de", "pet": {"id": "a"}, "rooms": [{"locale": n, "pet": {"id": "a"}} for n in ("en", None)]}
    client = AnswersAsTold(pets=answers({"houses": [house]}))

    result = await Gateway(supergraph, client).execute(
        GraphQLRequest("{ houses { pet { hi: greeting } rooms { pet { hi: greeting } } } }")
    )

    assert result == {
        "data": {
            "houses": [
                {"pet": {"hi": "a in de"}, "rooms": [{"pet": {"hi": "a in en"}}, {"pet": {"hi": "a in None"}}]},
            ]
        }
    }
    assert client.asked == ["pets", "pets"]


async def test_each_type_that_sets_the_context_says_the_value_in_its_own_way() -> None:
    supergraph = graph(
        pets="""
          type Query { owners: [Owner] }
          union Owner @context(name: "owner") = Person | Firm | Robot
          type Person { locale: String pet: Pet }
          type Firm { office: Office pet: Pet }
          type Robot { locale: String pet: Pet }
          type Office { locale: String }
        """
        + PET % "... on Person { locale } ... on Firm { office { locale } }"
    )
    owners = [
        {"__typename": "Firm", "office": {"locale": "fr"}, "pet": {"id": "a"}},
        {"__typename": "Person", "locale": "de", "pet": {"id": "a"}},
        {"__typename": "Firm", "office": None, "pet": {"id": "a"}},
        {"__typename": "Robot", "pet": {"id": "a"}},
        {"__typename": "Person", "locale": "fr", "pet": {"id": "b"}},
    ]
    client = AnswersAsTold(pets=answers({"owners": owners}))
    fields = " ".join(f"... on {name} {{ pet {{ hi: greeting }} }}" for name in ("Person", "Firm", "Robot"))

    result = await Gateway(supergraph, client).execute(GraphQLRequest(f"{{ owners {{ {fields} }} }}"))

    assert [one["pet"]["hi"] for one in result["data"]["owners"]] == [
        "a in fr",
        "a in de",
        "a in None",
        "a in None",
        "b in fr",
    ]
    assert client.asked == ["pets", "pets"]


async def test_the_root_of_mutations_says_the_value_from_another_of_its_fields() -> None:
    supergraph = graph(
        pets='type Query { x: Int } type Mutation @context(name: "owner") { locale: String }' + PET % "{ locale }",
        shop='type Mutation { adopt: Pet } type Pet @key(fields: "id") { id: ID! }',
    )
    client = AnswersAsTold(pets=answers({"locale": "de"}), shop={"data": {"adopt": {"id": "a"}}})

    result = await Gateway(supergraph, client).execute(GraphQLRequest("mutation { adopt { hi: greeting } }"))

    assert result == {"data": {"adopt": {"hi": "a in de"}}}
    assert client.asked == ["pets", "shop", "pets"]


async def test_the_root_of_subscriptions_says_nothing() -> None:
    supergraph = graph(
        pets='type Query { x: Int } type Subscription @context(name: "owner") { locale: String }' + PET % "{ locale }",
        shop='type Subscription { adopted: Pet } type Pet @key(fields: "id") { id: ID! }',
    )
    client = AnswersAsTold(pets=greets, shop=[{"data": {"adopted": {"id": "a"}}}])

    events = [
        event
        async for event in Gateway(supergraph, client).subscribe(
            GraphQLRequest("subscription { adopted { hi: greeting } }")
        )
    ]

    assert events == [{"data": {"adopted": {"hi": "a in None"}}}]


async def test_what_is_required_may_pass_by_who_sets_the_context() -> None:
    supergraph = graph(
        pets="""
          type Query { houses: [House] }
          type House @key(fields: "id") { id: ID! owner: Owner }
          type Owner @context(name: "owner") { locale: String pet: Pet }
        """
        + PET % "{ locale }",
        signs="""
          type House @key(fields: "id") {
            id: ID!
            owner: Owner @external
            sign: String @requires(fields: "owner { pet { greeting } }")
          }
          type Owner { pet: Pet @external }
          type Pet @key(fields: "id") { id: ID! greeting: String @external }
        """,
    )
    houses = [{"id": n, "owner": {"locale": n, "pet": {"id": "a"}}} for n in ("de", "en")]
    client = AnswersAsTold(
        pets=answers({"houses": houses}),
        signs=lambda request: {"data": {"_entities": [{"sign": str(one)} for one in request.variables["_r"]]}},
    )

    result = await Gateway(supergraph, client).execute(GraphQLRequest("{ houses { sign } }"))

    assert [one["sign"] for one in result["data"]["houses"]] == [
        str({"__typename": "House", "id": n, "owner": {"pet": {"greeting": f"a in {n}"}}}) for n in ("de", "en")
    ]


async def test_nothing_is_computed_from_a_value_that_failed_to_come() -> None:
    sdl = graph(
        people="""
          type Person @key(fields: "id") @context(name: "person") { id: ID! locale: String }
          type Pet @key(fields: "id") {
            id: ID! greeting(locale: String @fromContext(field: "$person { locale }")): String
          }
        """,
        homes="""
          type Query { people: [Person] }
          type Person @key(fields: "id") { id: ID! pets: [Pet] }
          type Pet @key(fields: "id") { id: ID! }
        """,
    )
    homes = {"data": {"people": [{"id": "1", "pets": [{"id": "a"}]}]}}
    client = AnswersAsTold(homes=homes, people=[SubgraphUnreachable("people", "is away"), greets])

    result = await Gateway(sdl, client).execute(GraphQLRequest("{ people { pets { greeting } } }"))

    assert result["data"] == {"people": [{"pets": [{"greeting": None}]}]}
    assert [error["message"] for error in result["errors"]] == ["people: is away"]
    assert client.asked == ["homes", "people"]


async def test_a_value_that_nobody_wants_this_time_keeps_nothing_else_back() -> None:
    sdl = graph(
        people="""
          type Person @key(fields: "id") @context(name: "person") { id: ID! locale: String }
          type Pet @key(fields: "id") {
            id: ID! name: String greeting(locale: String @fromContext(field: "$person { locale }")): String
          }
        """,
        homes="""
          type Query { people: [Person] }
          type Person @key(fields: "id") { id: ID! pets: [Pet] }
          type Pet @key(fields: "id") { id: ID! }
        """,
    )
    homes = {"data": {"people": [{"id": "1", "pets": [{"id": "a"}]}]}}
    client = AnswersAsTold(homes=homes, people={"data": {"_entities": [{"name": "Rex"}]}})
    query = "query ($greet: Boolean!) { people { pets { name greeting @include(if: $greet) } } }"

    result = await Gateway(sdl, client).execute(GraphQLRequest(query, variables={"greet": False}))

    assert result == {"data": {"people": [{"pets": [{"name": "Rex"}]}]}}
    assert client.asked == ["homes", "people"]
