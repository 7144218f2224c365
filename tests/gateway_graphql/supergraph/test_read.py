"""Supergraphs as the composers of the world write them."""

from __future__ import annotations

import pytest
from graphql import print_ast

from gateway_graphql.supergraph.field_sets import parse_field_set
from gateway_graphql.supergraph.read import NotASupergraph, read_supergraph

HEAD = """
schema @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
enum join__Graph { A @join__graph(name: "a", url: "http://a") B_C @join__graph(name: "b-c", url: "http://bc") }
"""


def test_a_field_without_a_mark_is_everywhere_its_type_is() -> None:
    supergraph = read_supergraph(HEAD + "type Query @join__type(graph: A) @join__type(graph: B_C) { x: Int }")

    assert sorted(supergraph.types["Query"].fields["x"].sources) == ["A", "B_C"]
    assert supergraph.graphs["B_C"].name == "b-c"


def test_a_mark_without_a_graph_means_an_interface_object_has_it() -> None:
    supergraph = read_supergraph(
        HEAD
        + """
        type Query @join__type(graph: A) { m: M }
        interface M @join__type(graph: A, key: "id") @join__type(graph: B_C, key: "id", isInterfaceObject: true)
          { id: ID! rating: Int @join__field(graph: B_C) }
        type Book implements M @join__implements(graph: A, interface: "M") @join__type(graph: A, key: "id")
          { id: ID! rating: Int @join__field }
        """
    )

    assert supergraph.types["Book"].fields["rating"].sources == {}
    assert supergraph.interface_object("B_C", "Book") == "M"
    assert supergraph.local_types("A", "M") == {"Book"}


def test_everything_that_is_said_about_a_field_is_read() -> None:
    supergraph = read_supergraph(
        HEAD
        + """
        type Query @join__type(graph: A) { t: T @join__field(graph: A, provides: "x") }
        type T @join__type(graph: A, key: "id", resolvable: false) @join__type(graph: B_C, key: "id") {
          id: ID!
          x: Int @join__field(graph: A, external: true, type: "Int!") @join__field(graph: B_C, requires: "id")
          y: Int
            @join__field(graph: A, overrideLabel: "percent(5)")
            @join__field(graph: B_C, override: "a", overrideLabel: "percent(5)")
          z: Int @join__field(graph: A, usedOverridden: true) @join__field(graph: B_C, override: "a")
        }
        """
    )
    fields = supergraph.types["T"].fields

    assert supergraph.types["Query"].fields["t"].sources["A"].provides == parse_field_set("x")
    assert fields["x"].sources["A"].external
    assert print_ast(fields["x"].sources["A"].type) == "Int!"
    assert fields["x"].sources["B_C"].requires == parse_field_set("id")
    assert fields["z"].sources["A"].overridden
    assert fields["y"].sources["B_C"].overrides
    assert supergraph.labels == {"percent(5)"}
    assert not supergraph.types["T"].graphs["A"].keys[0].resolvable


def test_before_v0_3_every_subgraph_has_every_member_that_it_has_as_a_type() -> None:
    supergraph = read_supergraph(
        HEAD.replace("v0.3", "v0.2")
        + """
        type Query @join__type(graph: A) { u: U }
        union U @join__type(graph: A) @join__type(graph: B_C) = X | Y
        type X @join__type(graph: A) @join__type(graph: B_C) { x: Int }
        type Y @join__type(graph: A) { y: Int }
        """
    )

    assert supergraph.local_types("A", "U") == {"X", "Y"}
    assert supergraph.local_types("B_C", "U") == {"X"}


def test_whoever_has_a_key_has_its_fields_whether_marked_or_not() -> None:
    supergraph = read_supergraph(
        HEAD
        + """
        type Query @join__type(graph: A) { t: T }
        type T @join__type(graph: A) @join__type(graph: B_C, key: "id owner { no }") {
          id: ID! @join__field(graph: A)
          owner: Owner @join__field(graph: A)
          x: Int @join__field(graph: A)
        }
        type Owner @join__type(graph: A) @join__type(graph: B_C) {
          no: Int @join__field(graph: A)
          name: String @join__field(graph: A)
        }
        """
    )
    owner = supergraph.types["Owner"].fields

    assert sorted(supergraph.types["T"].fields["id"].sources) == ["A", "B_C"]
    assert sorted(supergraph.types["T"].fields["owner"].sources) == ["A", "B_C"]
    assert sorted(owner["no"].sources) == ["A", "B_C"]
    assert sorted(supergraph.types["T"].fields["x"].sources) == sorted(owner["name"].sources) == ["A"]


def test_what_a_subgraph_requires_is_external_to_it_whether_marked_or_not() -> None:
    supergraph = read_supergraph(
        HEAD
        + """
        type Query @join__type(graph: A) { t: T }
        type T @join__type(graph: A, key: "id") @join__type(graph: B_C, key: "id", isInterfaceObject: true) {
          id: ID!
          name: String
          place: Place
          label: String @join__field(graph: B_C, requires: "id name place { town }")
        }
        type Place @join__type(graph: A) @join__type(graph: B_C) { town: String }
        """
    )
    external = {
        name: [graph for graph, source in field.sources.items() if source.external]
        for name, field in supergraph.types["T"].fields.items()
    }

    assert external == {"id": [], "name": ["B_C"], "place": [], "label": []}


def test_nobody_implements_an_interface_where_it_is_no_type() -> None:
    supergraph = read_supergraph(
        HEAD
        + """
        type Query @join__type(graph: A) { n: N }
        interface N @join__type(graph: A) @join__type(graph: B_C) { id: ID! }
        type T implements N @join__implements(graph: A, interface: "N") @join__implements(graph: B_C, interface: "N")
          @join__type(graph: B_C, key: "id") { id: ID! }
        """
    )

    assert supergraph.local_types("A", "N") == set()
    assert supergraph.local_types("B_C", "N") == {"T"}


def test_a_plain_schema_is_no_supergraph() -> None:
    with pytest.raises(NotASupergraph, match="compose the subgraphs first"):
        read_supergraph("type Query { x: Int }")


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ('@link(url: "https://specs.apollo.dev/connect/v0.3", for: EXECUTION)', "UNSUPPORTED_LINKED_FEATURE"),
        ('@link(url: "https://example.com/lock/v1.0", for: SECURITY)', "UNSUPPORTED_LINKED_FEATURE"),
        ('@link(url: "https://specs.apollo.dev/join/v0.1", for: EXECUTION)', "INVALID_FEDERATION_SUPERGRAPH"),
    ],
)
def test_what_nobody_here_knows_is_not_served(link: str, code: str) -> None:
    sdl = HEAD.replace("schema ", f"schema {link} ") + "type Query @join__type(graph: A) { x: Int }"

    assert read_supergraph(sdl).types["Query"].fields.keys() == {"x"}
    with pytest.raises(NotASupergraph, match=code):
        read_supergraph(sdl, to_serve=True)


def test_a_link_that_is_for_nothing_in_particular_is_served() -> None:
    sdl = HEAD.replace("schema ", 'schema @link(url: "https://example.com/mine/v1.0") ')

    assert read_supergraph(sdl + "type Query @join__type(graph: A) { x: Int }", to_serve=True)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("id  org{id}", "id org { id }"),
        ("{ id }", "id"),
        ("... on A { x(y: {z: [1, RED]}) }", "... on A { x(y: { z: [1, RED] }) }"),
    ],
)
def test_field_sets_are_values(text: str, same: str) -> None:
    assert parse_field_set(text) == parse_field_set(same)
    assert len({parse_field_set(text), parse_field_set(same)}) == 1
