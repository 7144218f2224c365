"""What it costs to prepare an operation that was never seen before: parse, validate, plan and write the code for it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from gateway_graphql.composition.compose import Subgraph, compose
from gateway_graphql.execution.gateway import Gateway, GraphQLRequest
from gateway_graphql.execution.prepare import Prepared
from gateway_graphql.server.subgraph_http import SubgraphHttp
from tests.benchmarks.gateway.operations import cold
from tests.benchmarks.gateway.world import SDL, supergraph

__all__ = ["measure_planning"]

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n'
COLD = 300
AGAIN = 5


def measure_planning() -> dict[str, float]:
    """CPU milliseconds for an operation of each kind; ``cold`` is the mean of many operations of middling size."""
    urls = {name: f"http://{name}" for name in SDL}
    return {
        "cold": _milliseconds(supergraph(urls), cold(COLD)),
        "fifty_fields_of_five_subgraphs": _alike(*_fifty_fields()),
        "twelve_subgraphs_share_everything": _alike(*_shared_by_all()),
        "union_of_two_hundred": _alike(*_large_union()),
        "interface_below_itself": _alike(*_below_itself()),
    }


def _fifty_fields() -> tuple[dict[str, str], str]:
    """Each subgraph has ten fields of the same thing."""
    names = [f"f{number}" for number in range(50)]
    graphs = {
        f"s{index}": _thing(
            " ".join(f"{name}: Int" for name in names[index::5]), "thing" if index == 0 else f"t{index}"
        )
        for index in range(5)
    }
    return graphs, f"{{ thing {{ {' '.join(names)} }} }}"


def _shared_by_all() -> tuple[dict[str, str], str]:
    """Every subgraph could answer almost everything, at four levels, and each has one field that none else has."""
    shared = " ".join(f"f{number}: Int @shareable" for number in range(20)) + " next: Thing @shareable"
    graphs = {f"s{index:02}": _thing(f"{shared} own{index}: Int", f"t{index}") for index in range(12)}
    fields = " ".join([*(f"f{number}" for number in range(20)), *(f"own{index}" for index in range(12))])
    return graphs, f"{{ t0 {{ {fields} next {{ {fields} next {{ {fields} next {{ {fields} }} }} }} }} }}"


def _large_union() -> tuple[dict[str, str], str]:
    names = [f"Kind{number}" for number in range(200)]
    ids = " ".join(f'type {name} @key(fields: "id") {{ id: ID! }}' for name in names)
    titles = " ".join(f'type {name} @key(fields: "id") {{ id: ID! title: String }}' for name in names)
    finder = f"type Query {{ hits: [Hit!] }} union Hit = {' | '.join(names)} {ids}"
    spread = " ".join(f"... on {name} {{ title }}" for name in names)
    return {"finder": finder, "titles": titles}, f"{{ hits {{ {spread} }} }}"


def _below_itself() -> tuple[dict[str, str], str]:
    """Six types that find their fields in different places, eight levels deep."""
    names = [f"Part{number}" for number in range(6)]
    parts = " ".join(
        f'type {name} implements Part @key(fields: "id") {{ id: ID! part: Part weight: Int }}' for name in names
    )
    others = {
        name.lower(): f'type {name} @key(fields: "id") {{ id: ID! colour{index}: String }}'
        for index, name in enumerate(names)
    }
    query = "weight"
    for _ in range(8):
        query = f"id part {{ {query} }}"
    main = f"type Query {{ part: Part }} interface Part {{ id: ID! part: Part weight: Int }} {parts}"
    return {"main": main, **others}, f"{{ part {{ {query} }} }}"


def _thing(fields: str, root: str) -> str:
    return f'type Query {{ {root}: Thing }} type Thing @key(fields: "id") {{ id: ID! {fields} }}'


def _alike(graphs: Mapping[str, str], query: str) -> float:
    """The mean of a few operations that differ in a name only."""
    result = compose([Subgraph.from_sdl(name, LINK + sdl, f"http://{name}") for name, sdl in graphs.items()])
    assert result.supergraph_sdl is not None, result.errors
    return _milliseconds(result.supergraph_sdl, [f"query N{number} {query}" for number in range(AGAIN)])


def _milliseconds(supergraph_sdl: str, queries: Sequence[str]) -> float:
    """CPU time for one of them; the first is prepared once before, with all that is only done once."""
    gateway = Gateway(supergraph_sdl, SubgraphHttp())
    assert isinstance(gateway.prepare(GraphQLRequest(f"# first\n{queries[0]}")), Prepared)
    began = time.process_time()
    for query in queries:
        assert isinstance(gateway.prepare(GraphQLRequest(query)), Prepared), query
    return round(1000 * (time.process_time() - began) / len(queries), 2)
