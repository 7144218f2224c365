"""SDL as the frameworks of the subgraphs print it, with all that they add."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet

from gateway_graphql.composition.compose import Subgraph, compose


@strawberry.federation.type(keys=[Key(fields=FieldSet("id"), resolvable=False)])
class Address:
    id: strawberry.ID


@strawberry.federation.type(keys=["id"], description="Who subscribes.")
class Subscriber:
    id: strawberry.ID
    email: str = strawberry.federation.field(tags=["personal"])
    address: Address


@strawberry.type
class Query:
    @strawberry.field
    def subscriber(self, id: strawberry.ID) -> Subscriber | None: ...


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def moved(self, id: strawberry.ID) -> AsyncGenerator[Subscriber, None]:
        yield Subscriber(id=id, email="", address=Address(id=id))


# As graphene-federation prints it: the scalars of the specification are defined, the entities' root fields are not.
GRAPHENE = '''
extend schema
	@link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@external", "@key", "@requires", "@shareable"])

type Subscriber  @key(fields: "id") {
  id: ID!
  email: String! @external
  label: String @requires(fields: "email")
}

"""An address."""
type Address @key(fields: "id") {
  id: ID!
  city: String
  page: PageInfo
}

type PageInfo @shareable {
  hasNextPage: Boolean!
}

type Query {
  addresses(city: String): [Address!]
}

type Mutation {
  makeAddress(id: ID!): MakeAddress
}

type MakeAddress {
  address: Address
}

"""A string-serialized scalar represents a set of fields that's passed to a federated directive, such as @key"""
scalar FieldSet

"""This string-serialized scalar represents a JWT scope"""
scalar federation__Scope
'''


def test_strawberry_and_graphene_compose() -> None:
    printed = strawberry.federation.Schema(query=Query, subscription=Subscription).as_str()
    result = compose([Subgraph.from_sdl("subscribers", printed), Subgraph.from_sdl("addresses", GRAPHENE)])
    assert result.errors == ()
    supergraph = result.supergraph_sdl or ""
    assert "  query: Query\n  mutation: Mutation\n  subscription: Subscription\n" in supergraph
    assert '  @join__type(graph: SUBSCRIBERS, key: "id", resolvable: false)' in supergraph
    assert (
        "email: String! @join__field(graph: ADDRESSES, external: true) @join__field(graph: SUBSCRIBERS)" in supergraph
    )
    assert "moved(id: ID!): Subscriber!" in supergraph
    assert "_entities" not in supergraph
    assert "FieldSet" not in supergraph.replace("join__FieldSet", "")
