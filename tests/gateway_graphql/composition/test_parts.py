"""The small functions that the merge is made of."""

from __future__ import annotations

import pytest
from graphql import parse_const_value

from gateway_graphql.composition.field_sets import InvalidFieldSet, selected_fields
from gateway_graphql.composition.merge.directives import conjunction
from gateway_graphql.composition.merge.merging import graph_names
from gateway_graphql.composition.merge.types import common_input_type, common_output_type
from gateway_graphql.composition.model import SchemaModel
from gateway_graphql.composition.read import read_subgraph
from gateway_graphql.composition.subgraph import Subgraph
from gateway_graphql.composition.values import misfit


def schema(sdl: str) -> SchemaModel:
    read, problems = read_subgraph(Subgraph.from_sdl("a", sdl))
    assert read is not None, problems
    return read.schema


PETS = schema(
    """
    type Query { pet(name: String!, of: By): Pet }
    interface Pet { name(form: Int): String owner: Owner }
    type Dog implements Pet { name(form: Int): String owner: Owner barks: Boolean }
    type Owner { id: ID! }
    union Hit = Dog | Owner
    enum Size { SMALL TALL }
    input By { size: Size! = SMALL names: [String!] id: ID! }
    """
)


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (["Int", "Int"], "Int"),
        (["Int!", "Int"], "Int"),
        (["[Int!]!", "[Int]"], "[Int]"),
        (["Dog", "Pet"], "Pet"),
        (["[Dog!]", "[Hit]!", "[Hit]"], "[Hit]"),
        (["Int", "String"], None),
        (["[Int!]", "[Int]!"], None),
        (["Int", "[Int]"], None),
    ],
)
def test_an_output_type_promises_what_everybody_keeps(types: list[str], expected: str | None) -> None:
    assert common_output_type(PETS, types) == expected
    assert common_output_type(PETS, types[::-1]) == expected


def test_an_input_type_asks_what_everybody_needs() -> None:
    assert common_input_type(PETS, ["Int", "Int!"]) == "Int!"
    assert common_input_type(PETS, ["[Int]", "[Int!]"]) == "[Int!]"
    assert common_input_type(PETS, ["Int", "ID"]) is None


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["users"], {"users": "USERS"}),
        (["my-users", "my.users"], {"my-users": "MY_USERS_1", "my.users": "MY_USERS_2"}),
        (["2nd"], {"2nd": "_2ND"}),
        (["users_1"], {"users_1": "USERS_1_"}),
        (["übung"], {"übung": "_BUNG"}),
    ],
)
def test_graph_names_are_names(names: list[str], expected: dict[str, str]) -> None:
    assert graph_names(names) == expected


def test_two_guards_are_one_that_asks_for_both() -> None:
    assert conjunction([[["a"], ["b"]], [["c"]]]) == [["a", "c"], ["b", "c"]]
    assert conjunction([[["a"], ["b"]], [["a"]]]) == [["a"]]
    assert conjunction([[], [["a"]]]) == [["a"]]


def test_a_field_set_is_looked_into() -> None:
    selected = list(selected_fields(PETS, "Query", 'pet(name: "x") { owner { id } ... on Dog { barks } }'))
    assert [(s.coordinate, s.depth, s.leaf) for s in selected] == [
        ("Query.pet", 0, False),
        ("Pet.owner", 1, False),
        ("Owner.id", 2, True),
        ("Dog.barks", 1, True),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "pets",
        "pet",
        "pet {",
        "} {",
        "",
        "pet { name { x } }",
        "... F",
        "pet { ... on Owner { id } }",
        "pet(x: 1) { name }",
    ],
)
def test_a_field_set_that_cannot_be(text: str) -> None:
    with pytest.raises(InvalidFieldSet):
        list(selected_fields(PETS, "Query", text))


@pytest.mark.parametrize(
    ("type_", "value", "fits"),
    [
        ("Int", "1", True),
        ("Int", '"1"', False),
        ("Int!", "null", False),
        ("[Int]", "1", True),
        ("[Int!]", "[1, null]", False),
        ("ID", "1", True),
        ("Float", "1", True),
        ("Size", "TALL", True),
        ("Size", '"TALL"', False),
        ("Size", "BIG", False),
        ("By", '{id: "1", names: ["x"]}', True),
        ("By", "{names: []}", False),
        ("By", '{id: "1", colour: "red"}', False),
        ("Unknown", "{any: thing}", True),
    ],
)
def test_a_value_fits_its_type_or_not(type_: str, value: str, fits: bool) -> None:
    assert (misfit(PETS, type_, parse_const_value(value)) == "") == fits
