"""The part of a graph that some clients may see."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import TypeDefinitionNode, build_schema, parse

from gateway_graphql import Contract, Subgraph, compose, plan
from gateway_graphql.composition.rules.inaccessible_is_not_needed import hidden_elements
from gateway_graphql.supergraph.api_schema import api_schema
from gateway_graphql.supergraph.read import read_supergraph
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


PUBLIC = Contract(include=frozenset({"public"}))
WITHOUT_SECRETS = Contract(exclude=frozenset({"secret"}))


def hidden(contract: Contract, sdl: str = SHOP) -> set[str]:
    """The coordinates that the contract hides; it must compose."""
    result = compose([Subgraph.from_sdl("shop", sdl)], contract)
    assert result.errors == ()
    build_schema(result.supergraph_sdl or "")
    api_schema(read_supergraph(result.supergraph_sdl or "").document)
    return _hidden_in(result.supergraph_sdl or "")


def _hidden_in(supergraph_sdl: str) -> set[str]:
    found: set[str] = set()

    def look_at(where: str, node: Any) -> None:
        if any(directive.name.value == "inaccessible" for directive in node.directives or ()):
            found.add(where)
        for child in (*(getattr(node, "fields", None) or ()), *(getattr(node, "values", None) or ())):
            look_at(f"{where}.{child.name.value}", child)
        for argument in getattr(node, "arguments", None) or ():
            look_at(f"{where}({argument.name.value}:)", argument)

    for definition in parse(supergraph_sdl).definitions:
        if isinstance(definition, TypeDefinitionNode):
            look_at(definition.name.value, definition)
    return found


def problems(contract: Contract, sdl: str) -> dict[str, str]:
    """Where → which rule."""
    return {e.coordinate: e.code for e in compose([Subgraph.from_sdl("shop", f"{LINK} {sdl}")], contract).errors}


def test_without_a_contract_everything_is_seen() -> None:
    assert "@inaccessible" not in (compose([Subgraph.from_sdl("shop", SHOP)]).supergraph_sdl or "")


def test_what_is_excluded_is_hidden() -> None:
    assert hidden(WITHOUT_SECRETS) == {"User.password", "Role.ADMIN"}


def test_only_what_is_included_is_seen() -> None:
    seen = hidden(PUBLIC)
    assert {"Query.stock", "Query.user", "Product.stock", "Stock", "User", "Role", "Place"} <= seen
    assert not {"Query", "Query.product", "Product", "Product.id", "Product.name"} & seen


def test_a_tag_of_a_type_counts_for_its_fields() -> None:
    sdl = f"""{LINK}
        type Query {{ a: T @tag(name: "public") }}
        type T @tag(name: "public") {{ x: Int y: Int @tag(name: "secret") }}
    """
    assert hidden(PUBLIC, sdl) == set()
    assert hidden(Contract(frozenset({"public"}), frozenset({"secret"})), sdl) == {"T.y"}


def test_arguments_enum_values_and_input_fields_can_be_excluded() -> None:
    sdl = f"""{LINK}
        type Query {{ a(by: By, deep: Boolean @tag(name: "secret")): Role }}
        input By {{ name: String trace: String @tag(name: "secret") }}
        enum Role {{ ADMIN @tag(name: "secret") MEMBER }}
    """
    assert hidden(WITHOUT_SECRETS, sdl) == {"Query.a(deep:)", "By.trace", "Role.ADMIN"}


def test_inputs_and_enums_come_along_with_what_uses_them() -> None:
    sdl = f"""{LINK}
        type Query {{ a(by: By): Role @tag(name: "public") b(by: Other): Int }}
        input By {{ name: String }} input Other {{ name: String }} enum Role {{ ADMIN }} scalar Unused
    """
    assert hidden(PUBLIC, sdl) == {"Query.b", "Other", "Unused"}


def test_types_that_nothing_leads_to_can_be_kept() -> None:
    sdl = f"""{LINK} type Query {{ a: Int @tag(name: "public") b(by: Other): Int }} input Other {{ name: String }}"""
    assert hidden(Contract(frozenset({"public"}), hide_unreachable=False), sdl) == {"Query.b"}


def test_unions_are_seen_with_a_tag_of_their_own() -> None:
    sdl = f"""{LINK}
        type Query {{ a: One @tag(name: "public") b: Other }}
        union One @tag(name: "public") = A | B   union Other = A | B
        type A {{ x: Int @tag(name: "public") }} type B {{ x: Int }}
    """
    assert hidden(PUBLIC, sdl) == {"Query.b", "Other", "B", "B.x"}
    assert problems(PUBLIC, 'type Query { a: U @tag(name: "public") } union U = Query') == {
        "Query.a": "REFERENCED_INACCESSIBLE"
    }


def test_a_type_of_which_nothing_is_left_is_hidden() -> None:
    sdl = f"""{LINK}
        type Query {{ a: Int b: T @tag(name: "secret") c(by: By @tag(name: "secret")): U @tag(name: "secret") }}
        type Mutation {{ set: Int @tag(name: "secret") }}
        type T {{ x: Int @tag(name: "secret") }}
        union U = T
        enum E {{ X @tag(name: "secret") }}
        input By {{ x: Int @tag(name: "secret") }}
    """
    assert {"Mutation", "T", "U", "E", "By"} <= hidden(WITHOUT_SECRETS, sdl)


@pytest.mark.parametrize(
    ("sdl", "where", "code"),
    [
        ('type Query { a: T } type T @tag(name: "secret") { x: Int }', "Query.a", "REFERENCED_INACCESSIBLE"),
        ('type Query { a: T } type T { x: Int @tag(name: "secret") }', "Query.a", "REFERENCED_INACCESSIBLE"),
        ('type Query { a(x: Int! @tag(name: "secret")): Int }', "Query.a(x:)", "REQUIRED_INACCESSIBLE"),
        (
            'type Query { a(x: N): Int } input N { x: Int! @tag(name: "secret") y: Int }',
            "N.x",
            "REQUIRED_INACCESSIBLE",
        ),
        (
            'type Query { a(x: E = X): Int } enum E { X @tag(name: "secret") Y }',
            "Query.a(x:)",
            "DEFAULT_VALUE_USES_INACCESSIBLE",
        ),
        (
            'type Query { a: I } interface I { x: Int y: Int } type T implements I { x: Int y: Int @tag(name: "secret") }',
            "T.y",
            "IMPLEMENTED_BY_INACCESSIBLE",
        ),
        ('type Query { a: Int @tag(name: "secret") }', "Query", "ONLY_INACCESSIBLE_CHILDREN"),
        ('type Query @tag(name: "secret") { a: Int }', "Query", "QUERY_ROOT_TYPE_INACCESSIBLE"),
    ],
)
def test_what_a_contract_hides_must_not_be_needed(sdl: str, where: str, code: str) -> None:
    assert compose([Subgraph.from_sdl("shop", f"{LINK} {sdl}")]).errors == ()
    assert problems(WITHOUT_SECRETS, sdl) == {where: code}
    (error,) = compose([Subgraph.from_sdl("shop", f"{LINK} {sdl}")], WITHOUT_SECRETS).errors
    assert error.message.endswith("(in the contract: exclude secret)")


def test_the_whole_must_compose_as_well() -> None:
    errors = compose(
        [Subgraph.from_sdl("shop", f"{LINK} type Query {{ a: T }} type T @inaccessible {{ x: Int }}")], PUBLIC
    )
    assert [error.code for error in errors.errors] == ["REFERENCED_INACCESSIBLE"]
    assert "contract" not in errors.errors[0].message


def test_exclusion_is_stronger() -> None:
    contract = Contract(include=frozenset({"public"}), exclude=frozenset({"public"}))
    codes = {error.code for error in compose([Subgraph.from_sdl("shop", SHOP)], contract).errors}
    assert codes == {"ONLY_INACCESSIBLE_CHILDREN"}


def test_tags_of_all_subgraphs_count() -> None:
    subgraphs = [
        Subgraph.from_sdl(
            "a", f'{LINK} type Query {{ t: T @tag(name: "public") }} type T @key(fields: "id") {{ id: ID! }}'
        ),
        Subgraph.from_sdl(
            "b",
            f'{LINK} type T @key(fields: "id") {{ id: ID! @tag(name: "public") x: Int @tag(name: "public") y: Int }}',
        ),
    ]
    result = compose(subgraphs, PUBLIC)
    assert result.errors == ()
    assert _hidden_in(result.supergraph_sdl or "") == {"T.y"}


def test_hidden_fields_are_still_used_on_the_way() -> None:
    subgraphs = [
        Subgraph.from_sdl(
            "a", f'{LINK} type Query {{ t: T }} type T @key(fields: "id") {{ id: ID! @tag(name: "secret") n: Int }}'
        ),
        Subgraph.from_sdl("b", f'{LINK} type T @key(fields: "id") {{ id: ID! x: Int }}'),
    ]
    sdl = compose(subgraphs, WITHOUT_SECRETS).supergraph_sdl or ""
    assert _hidden_in(sdl) == {"T.id"}
    assert "id" in str(plan(sdl, "{ t { x } }"))
    with pytest.raises(ValueError, match="Cannot query field"):
        plan(sdl, "{ t { id } }")


def test_a_tag_that_nothing_has_is_worth_a_hint() -> None:
    hints = compose([Subgraph.from_sdl("shop", SHOP)], Contract(exclude=frozenset({"secrt"}))).hints
    assert [(h.code, h.hint_level) for h in hints if "secrt" in h.message] == [("CONTRACT_TAG_UNUSED", "warning")]


def test_a_tag_under_another_name_is_the_same() -> None:
    link = LINK.replace('"@tag"', '{name: "@tag", as: "@label"}').replace(
        '"@inaccessible"', '{name: "@inaccessible", as: "@hide"}'
    )
    sdl = f'{link} type Query {{ a: Int b: Int @label(name: "secret") c: Int @hide }}'
    result = compose([Subgraph.from_sdl("shop", sdl)], WITHOUT_SECRETS)
    assert result.errors == ()
    schema = api_schema(read_supergraph(result.supergraph_sdl or "").document)
    assert set(schema.query_type.fields if schema.query_type else ()) == {"a"}


def test_hidden_elements_have_coordinates() -> None:
    model = schema(f"{LINK} type Query {{ a: Int b(x: Int @inaccessible): Int @inaccessible }}")
    assert hidden_elements(model) == {"Query.b", "Query.b(x:)"}
