"""What is true of every composition."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pytest
from graphql import build_schema
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway_graphql.composition.compose import Subgraph, compose
from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.supergraph.read import read_supergraph
from tests.peers.composition.draw import drawn

CASES = Path(__file__).parent.parent / "cases"
ALL = sorted(path for path in CASES.iterdir() if (path / "subgraphs").is_dir())
LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@shareable", "@external"])'
)


def subgraphs_of(case: Path) -> list[Subgraph]:
    return [Subgraph.from_sdl(f.stem, f.read_text(), f"http://{f.stem}") for f in sorted(case.glob("subgraphs/*"))]


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_the_order_of_the_subgraphs_does_not_matter(case: Path) -> None:
    given_subgraphs = subgraphs_of(case)
    results = [compose(order) for order in permutations(given_subgraphs)]
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("seed", range(90))
def test_the_order_of_drawn_subgraphs_does_not_matter(seed: int) -> None:
    given_subgraphs = [Subgraph.from_sdl(name, sdl, f"http://{name}") for name, sdl in drawn(seed).subgraphs]
    results = [compose(order) for order in permutations(given_subgraphs)]
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_supergraph_is_valid_graphql_and_can_be_read(case: Path) -> None:
    given_subgraphs = subgraphs_of(case)
    result = compose(given_subgraphs)
    assert (result.supergraph_sdl is None) == bool(result.errors)
    if result.supergraph_sdl is not None:
        build_schema(result.supergraph_sdl)
        supergraph = read_supergraph(result.supergraph_sdl)
        assert {graph.name for graph in supergraph.graphs.values()} == {s.name for s in given_subgraphs}


def test_everything_that_is_wrong_is_said_at_once() -> None:
    result = compose(
        [
            Subgraph.from_sdl("a", f'{LINK} type Query {{ t: T }} type T @key(fields: "uid") {{ id: ID! }}'),
            Subgraph.from_sdl("b", f'{LINK} type T @key(fields: "id") {{ id: ID! x: Int @external }}'),
            Subgraph.from_sdl("c", "type T {"),
        ]
    )
    assert [error.code for error in result.errors] == ["EXTERNAL_UNUSED", "INVALID_GRAPHQL", "KEY_INVALID_FIELDS"]


def test_a_diagnostic_says_where_what_and_which_rule() -> None:
    diagnostic = Diagnostic("EXTERNAL_UNUSED", "nothing here needs it; remove it", ("matching",), "Task.city")
    assert str(diagnostic) == "[matching] Task.city: nothing here needs it; remove it (EXTERNAL_UNUSED)"


def test_nothing_to_compose_is_a_mistake_too() -> None:
    assert [error.code for error in compose([]).errors] == ["NO_QUERIES"]
    assert [error.code for error in compose([Subgraph.from_sdl("a", "")]).errors] == ["INVALID_GRAPHQL"]


def test_two_subgraphs_of_one_name() -> None:
    same = [Subgraph.from_sdl("a", "type Query { x: Int }"), Subgraph.from_sdl("a", "type Query { y: Int }")]
    assert [error.code for error in compose(same).errors] == ["INVALID_SUBGRAPH_NAME"]


TOKENS = re.compile(r'"(?:[^"\\\n]|\\.)*"|\w+|\S')
MATERIAL = [token for case in ALL for s in subgraphs_of(case) for token in TOKENS.findall(s.sdl)]


@st.composite
def damaged(draw: st.DrawFn) -> Sequence[Subgraph]:
    """Subgraphs of a case in which some tokens were removed or replaced by others."""
    subgraphs = []
    for subgraph in subgraphs_of(draw(st.sampled_from(ALL))):
        tokens = TOKENS.findall(subgraph.sdl)
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(tokens) - 1))
            tokens[at : at + 1] = draw(st.lists(st.sampled_from(MATERIAL), max_size=2))
        subgraphs.append(Subgraph.from_sdl(subgraph.name, " ".join(tokens)))
    return subgraphs


@settings(max_examples=200, deadline=None)
@given(damaged())
def test_whatever_an_author_writes_is_no_exception(subgraphs: Sequence[Subgraph]) -> None:
    result = compose(subgraphs)
    assert (result.supergraph_sdl is None) == bool(result.errors)
