"""Whether a planner asks a subgraph for a field that is not its own: then its plan is no measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from gateway_graphql.planning.sources import Entry, Sources

__all__ = ["foreign_field"]


def foreign_field(node: Any, sources: Sources) -> str | None:
    """The first field of a plan of theirs that is external (and not provided) or has moved where it is asked."""
    return next(_foreign(node, sources), None)


def _foreign(node: Any, sources: Sources) -> Iterator[str]:
    if isinstance(node, list):
        for one in node:
            yield from _foreign(one, sources)
    elif isinstance(node, Mapping):
        if "serviceName" in node and "operation" in node:
            yield from _Asked(node, sources).foreign()
        else:
            yield from _foreign(list(node.values()), sources)


class _Asked:
    """One request of theirs."""

    def __init__(self, fetch: Mapping[str, Any], sources: Sources) -> None:
        self.sources = sources
        self.supergraph = sources.supergraph
        (self.graph,) = (one.id for one in self.supergraph.graphs.values() if one.name == fetch["serviceName"])
        document = parse(fetch["operation"])
        self.fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        (self.operation,) = (one for one in document.definitions if isinstance(one, OperationDefinitionNode))

    def foreign(self) -> Iterator[str]:
        """The fields that are not the subgraph's own."""
        root = self.supergraph.roots[self.operation.operation.value]
        for one in self.operation.selection_set.selections:
            if isinstance(one, FieldNode) and one.name.value == "_entities" and one.selection_set:
                yield from self._selected(one.selection_set, None)
            else:
                yield from self._selected(SelectionSetNode(selections=(one,)), Entry(self.graph, root))

    def _selected(self, selections: SelectionSetNode, entry: Entry | None, only: str | None = None) -> Iterator[str]:
        """``entry``: ``None`` for an entity whose type is said below; ``only``: the type that fields are wanted of."""
        for one in selections.selections:
            if isinstance(one, FieldNode):
                if one.name.value[:2] != "__" and entry is not None:
                    yield from self._field(one, entry, only)
                continue
            within = self.fragments[one.name.value] if isinstance(one, FragmentSpreadNode) else one
            assert isinstance(within, InlineFragmentNode | FragmentDefinitionNode)
            name = within.type_condition.name.value if within.type_condition else None
            if entry is None and name is not None:
                yield from self._selected(within.selection_set, Entry(self.graph, name))
            else:
                yield from self._selected(within.selection_set, entry, name or only)

    def _field(self, node: FieldNode, entry: Entry, only: str | None) -> Iterator[str]:
        wanted = self.supergraph.possible_types(only or entry.type_name)
        for name in self.supergraph.possible_types(entry.type_name):
            if name not in wanted or not self.sources.is_possible(entry, name):
                continue
            usable = self.sources.usable(entry, name, node.name.value)
            if usable is None:
                yield f"{name}.{node.name.value}"
            elif node.selection_set:
                source, view = usable
                yield from self._selected(node.selection_set, Entry(self.graph, source.type_name, view))
