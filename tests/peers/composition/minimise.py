"""Take away everything from a graph that two compositions do not need to disagree about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from graphql import REMOVE, DirectiveNode, DocumentNode, Node, ValueNode, parse, print_ast

from tests.peers.composition.graph import Graph
from tests.peers.composition.mutate.nodes import replace, walk

__all__ = ["minimised"]


def minimised(graph: Graph, still_wrong: Callable[[Graph], bool]) -> Graph:
    """The graph with as little as possible; the larger parts are tried first."""
    shrinking = True
    while shrinking:
        shrinking = False
        for smaller in _smaller(graph):
            if still_wrong(smaller):
                graph = smaller
                shrinking = True
                break
    return graph


def _smaller(graph: Graph) -> Iterator[Graph]:
    for index in range(len(graph.subgraphs)):
        rest = graph.subgraphs[:index] + graph.subgraphs[index + 1 :]
        if rest:
            yield Graph(graph.name, rest)
    for index, (name, sdl) in enumerate(graph.subgraphs):
        try:
            document = parse(sdl)
        except Exception:  # nothing to take apart
            continue
        for less in _less(document):
            subgraphs = (*graph.subgraphs[:index], (name, less), *graph.subgraphs[index + 1 :])
            yield Graph(graph.name, subgraphs)


def _less(document: DocumentNode) -> Iterator[str]:
    parts = [(node, parents) for node, parents in walk(document) if parents and _can_go(node, parents)]
    for node, _ in sorted(parts, key=lambda part: len(part[1])):
        text = print_ast(replace(document, node, REMOVE))
        try:
            parse(text)
        except Exception:  # something must stay inside of it
            continue
        if text.strip():
            yield text


def _can_go(node: Node, parents: tuple[Node, ...]) -> bool:
    """One of several can go; of a ``@link``, only what it imports."""
    parent = parents[-1]
    if not any(node is child for key in parent.keys for child in _several(getattr(parent, key, None))):
        return False
    linked = any(isinstance(p, DirectiveNode) and p.name.value == "link" for p in parents)
    return not linked or isinstance(node, ValueNode)


def _several(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()
