"""Change one small thing about a graph, or two, in every way that an author might."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from graphql import DocumentNode, parse, print_ast

from tests.peers.composition.graph import Graph
from tests.peers.composition.mutate.elements import changed_elements
from tests.peers.composition.mutate.links import changed_links
from tests.peers.composition.mutate.misplaced import misplaced_directives
from tests.peers.composition.mutate.written import written_otherwise

__all__ = ["Mutation", "mutations", "twice"]

KINDS = (changed_elements, changed_links, misplaced_directives, written_otherwise)


@dataclass(frozen=True)
class Mutation:
    """A possible change; nothing is printed before it is asked for."""

    graph: Graph
    name: str
    """the subgraph"""
    label: str
    """what is different there"""
    changed: Callable[[], str]

    def __call__(self) -> Graph:
        """The graph with the change."""
        others = (s for s in self.graph.subgraphs if s[0] != self.name)
        subgraphs = tuple(sorted((*others, (self.name, self.changed()))))
        return Graph(f"{self.graph.name}, {self.name}: {self.label}", subgraphs)


def mutations(graph: Graph) -> Iterator[Mutation]:
    """Each possible change of one subgraph."""
    names = [name for name, _ in graph.subgraphs]
    for name, sdl in graph.subgraphs:
        other = next((n for n in names if n != name), "other")
        try:
            document = parse(sdl)
        except Exception:  # a graph that shows just that
            continue
        for kind in KINDS:
            for label, change in kind(document, name, other):
                yield Mutation(graph, name, label, lambda change=change: _text(change()))  # type: ignore[misc]


def twice(graph: Graph, chance: Random) -> Graph:
    """A graph that was changed once, changed once more."""
    again = list(mutations(graph))
    return chance.choice(again)() if again else graph


def _text(document: DocumentNode | str) -> str:
    return document if isinstance(document, str) else print_ast(document)
