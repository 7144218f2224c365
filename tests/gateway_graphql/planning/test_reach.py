"""What can be reached from where, as satisfiability asks it."""

from __future__ import annotations

from gateway_graphql.planning.reach import Entry, Reach
from gateway_graphql.supergraph.read import read_supergraph
from tests.gateway_graphql.execution.graphs import graph

SHOP = graph(
    shop="""
      type Query { parcel: Parcel places: [Place!]! }
      type Parcel @key(fields: "id") { id: ID! }
      interface Place @key(fields: "id") { id: ID! }
      type Town implements Place @key(fields: "id") { id: ID! mayor: String }
    """,
    scales='type Parcel @key(fields: "id") { id: ID! grams: Int }',
    post="""
      type Parcel @key(fields: "id") { id: ID! grams: Int @external postage: Int @requires(fields: "grams") }
      type Query { best: Place }
      type Place @key(fields: "id") @interfaceObject { id: ID! rating: Int }
    """,
)
REACH = Reach(read_supergraph(SHOP))


def graphs(entries: frozenset[Entry]) -> set[str]:
    return {entry.graph for entry in entries}


def test_a_root_field_is_reached_in_the_subgraphs_that_have_it() -> None:
    assert graphs(REACH.field(None, "Query", "Query", "parcel")) == {"SHOP"}


def test_a_field_is_reached_by_keys() -> None:
    (parcel,) = REACH.field(None, "Query", "Query", "parcel")

    assert graphs(REACH.field(parcel, "Parcel", "Parcel", "grams")) == {"SCALES"}
    assert graphs(REACH.field(parcel, "Parcel", "Parcel", "postage")) == {"POST"}


def test_a_type_is_found_out_by_the_interface_that_an_interface_object_stands_for() -> None:
    (best,) = REACH.field(None, "Query", "Query", "best")

    assert REACH.is_possible(best, "Place", "Town")
    assert graphs(REACH.field(best, "Place", "Town", "mayor")) == {"SHOP"}
    assert graphs(REACH.field(best, "Place", "Town", "rating")) == {"POST"}


def test_where_there_is_no_way_the_obstacles_have_names() -> None:
    stuck = Reach(
        read_supergraph(
            SHOP.replace(
                '@join__type(graph: SCALES, key: "id")', '@join__type(graph: SCALES, key: "id", resolvable: false)'
            )
        )
    )
    (parcel,) = stuck.field(None, "Query", "Query", "parcel")

    assert stuck.field(parcel, "Parcel", "Parcel", "grams") == frozenset()
    assert stuck.field(parcel, "Parcel", "Parcel", "postage") == frozenset()
    assert "SCALES: cannot be entered: its @key is not resolvable" in map(str, stuck.obstacles("Parcel", "grams"))
    assert "POST: cannot satisfy @requires(fields: 'grams')" in map(str, stuck.obstacles("Parcel", "postage"))
