"""Supergraphs with operations: our test cases, drawn graphs, and what the differential tests draw."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from graphql import validate_schema

from gateway_graphql.composition.compose import Subgraph, compose
from gateway_graphql.supergraph.api_schema import api_schema
from gateway_graphql.supergraph.read import read_supergraph
from tests.gateway_graphql.differential.drawing import Draw
from tests.gateway_graphql.differential.properties import Tally, draw_example
from tests.peers.composition.draw import drawn
from tests.peers.composition.graph import REPOSITORY, Graph, own_graphs, sdl_files
from tests.peers.plans.operations import draw_operations, unconditional

__all__ = ["Question", "questions"]

TESTS = REPOSITORY / "tests/gateway_graphql"


@dataclass(frozen=True)
class Question:
    """A supergraph and operations to plan."""

    name: str
    subgraphs: tuple[tuple[str, str], ...]
    supergraph: str
    operations: tuple[tuple[str, Mapping[str, Any]], ...]
    """with the values of their variables"""
    labels: frozenset[str] = frozenset()
    """of ``@override``, those that are on"""


def questions(by_chance: int, each: int, seed: int) -> Iterator[Question]:
    """Those of our cases, then so many graphs of each generator, with about ``each`` operations."""
    chance = Random(seed)
    for folder in ("planning/cases", "traps/cases"):
        for case in sorted((TESTS / folder).glob("*/operation.graphql")):
            graph = Graph(case.parent.name, sdl_files(case.parent))
            given = case.with_name("variables.json")
            values = json.loads(given.read_text()) if given.is_file() else {}
            text = case.read_text()
            # Deferred parts are no stages: what they wait for cannot be told by counting.
            yield from _about(graph, chance, each, *(() if "@defer" in text else ((text, values),)))
    for graph in own_graphs():
        yield from _about(graph, chance, each)
    for number in range(by_chance):
        yield from _about(drawn(seed * 1_000_000 + number), chance, each)
    for number in range(by_chance):
        at = seed * 1_000_000 + number
        example = draw_example(Draw(at), Tally())
        if example is not None:
            yield Question(
                f"differential {at}",
                tuple((one.name, one.sdl) for one in example.subgraphs),
                example.supergraph_sdl,
                tuple((unconditional(one.query), one.variables) for one in example.operations),
                example.split.labels,
            )


def _about(graph: Graph, chance: Random, each: int, *given: tuple[str, Mapping[str, Any]]) -> Iterator[Question]:
    result = compose([Subgraph.from_sdl(name, sdl, f"http://{name}/") for name, sdl in graph.subgraphs])
    if result.supergraph_sdl is None:
        return
    schema = api_schema(read_supergraph(result.supergraph_sdl).document)
    if not validate_schema(schema):  # as some test cases of composition want it
        asked: Iterator[tuple[str, Mapping[str, Any]]] = ((text, {}) for text in draw_operations(schema, chance, each))
        yield Question(graph.name, graph.subgraphs, result.supergraph_sdl, (*given, *asked))
