"""The part of a graph that some clients may see."""

from __future__ import annotations

from graphql import EnumTypeDefinitionNode, ObjectTypeDefinitionNode, build_schema, parse

from gateway_graphql.composition.compose import Contract, Subgraph, compose
from gateway_graphql.composition.rules.inaccessible_is_not_needed import hidden_elements
from tests.gateway_graphql.composition.test_parts import schema

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@tag", "@inaccessible"])'
SHOP = f"""{LINK}
    type Query {{ product: Product @tag(name: "public") stock: Stock user: User }}
    type Product @key(fields: "id") {{ id: ID! @tag(name: "public") name: String @tag(name: "public") stock: Stock }}
    type Stock {{ count: Int place: Place }}
    type User {{ name: String password: String @tag(name: "secret") role: Role }}
    enum Role {{ ADMIN @tag(name: "secret") MEMBER }}
    enum Place {{ HERE THERE }}
"""


def hidden(contract: Contract) -> set[str]:
    result = compose([Subgraph.from_sdl("shop", SHOP)], contract)
    assert result.errors == ()
    build_schema(result.supergraph_sdl or "")
    assert "inaccessible/v0.2" in (result.supergraph_sdl or "")
    return _hidden_in(result.supergraph_sdl or "")


def _hidden_in(supergraph_sdl: str) -> set[str]:
    found = set()
    for node in parse(supergraph_sdl).definitions:
        if isinstance(node, ObjectTypeDefinitionNode | EnumTypeDefinitionNode):
            children = node.fields if isinstance(node, ObjectTypeDefinitionNode) else node.values
            elements = [(node.name.value, node), *((f"{node.name.value}.{c.name.value}", c) for c in children or ())]
            found |= {name for name, e in elements if any(d.name.value == "inaccessible" for d in e.directives or ())}
    return found


def test_without_a_contract_everything_is_seen() -> None:
    assert "@inaccessible" not in (compose([Subgraph.from_sdl("shop", SHOP)]).supergraph_sdl or "")


def test_what_is_excluded_is_hidden() -> None:
    assert hidden(Contract(exclude=frozenset({"secret"}))) == {"User.password", "Role.ADMIN"}


def test_only_what_is_included_is_seen() -> None:
    seen = hidden(Contract(include=frozenset({"public"})))
    assert {"Query.stock", "Query.user", "Product.stock", "Stock", "User", "Role", "Place"} <= seen
    assert not {"Query", "Query.product", "Product", "Product.id", "Product.name"} & seen


def test_exclusion_is_stronger() -> None:
    contract = Contract(include=frozenset({"public"}), exclude=frozenset({"public"}))
    codes = [error.code for error in compose([Subgraph.from_sdl("shop", SHOP)], contract).errors]
    assert codes == ["ONLY_INACCESSIBLE_CHILDREN"]


def test_hidden_elements_have_coordinates() -> None:
    model = schema(f"{LINK} type Query {{ a: Int b(x: Int @inaccessible): Int @inaccessible }}")
    assert hidden_elements(model) == {"Query.b", "Query.b(x:)"}
