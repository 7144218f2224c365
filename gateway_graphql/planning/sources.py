"""
Who can supply a field, and how a subgraph can be entered: the facts that planning and satisfiability share.

Everything here is a look-up in the supergraph under one set of active override labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from graphql import FieldNode, InlineFragmentNode, SelectionNode

from gateway_graphql.planning.operation import TYPENAME, Need
from gateway_graphql.supergraph.field_sets import FieldSet
from gateway_graphql.supergraph.model import FieldSource, Key, Supergraph

__all__ = ["Door", "Entry", "Sources", "View"]

View = tuple[FieldSet, ...]
"""external fields that are there after all, because the path to the object provides them"""


class Entry(NamedTuple):
    """An object as one subgraph handed it out: the type it was declared as, and what came along with it."""

    graph: str
    type_name: str
    view: View = ()


@dataclass(frozen=True, slots=True)
class Door:
    """A way into a subgraph for an object that is known already."""

    seen_as: str
    """the ``__typename`` to send: the object's own type, or an interface"""
    keys: tuple[Key, ...]
    """empty for the query root, which needs none"""
    needs_typename: bool
    """whether the object's own type must be known to send it"""
    tells_typename: bool
    """whether the answer tells the object's own type"""


class Sources:
    """Look-ups in a supergraph, with the override labels that are on."""

    def __init__(self, supergraph: Supergraph, labels: frozenset[str] = frozenset()) -> None:
        self.supergraph = supergraph
        self.labels = labels
        self.source = lru_cache(maxsize=None)(self._source)
        self.usable = lru_cache(maxsize=None)(self._usable)
        self.candidates = lru_cache(maxsize=None)(self._candidates)
        self._doors_of = lru_cache(maxsize=None)(lambda *question: tuple(self._doors(*question)))

    def _source(self, graph: str, type_name: str, field_name: str) -> FieldSource | None:
        """What ``graph`` says about the field of an object type, unless somebody else took it over."""
        types = self.supergraph.types
        if graph not in types[type_name].graphs:
            interface = self.supergraph.interface_object(graph, type_name)
            if interface is None:
                return None
            type_name = interface
        field = types[type_name].fields.get(field_name)
        source = field.sources.get(graph) if field else None
        if source is None:
            return None
        if source.label is not None:
            # Taken over under a label only: while that is off, the old home answers, even if `overridden`.
            return source if source.overrides == (source.label in self.labels) else None
        return None if source.overridden else source

    def _usable(self, entry: Entry, type_name: str, field_name: str) -> tuple[FieldSource, View] | None:
        """The field's source where the object was handed out, and what comes along with its value."""
        source = self.source(entry.graph, type_name, field_name)
        if source is None:
            return None
        provided = [found for view in entry.view for found in _provided(self.supergraph, view, type_name, field_name)]
        # A key makes no exception: where @external on its fields says nothing (in extensions), composition drops it.
        if source.external and not provided:
            return None
        view = [one for one in (*provided, source.provides) if one is not None]
        return source, tuple(dict.fromkeys(view))

    def provides(self, entry: Entry, type_name: str, need: Need) -> bool:
        """Whether a field came along with the object because the path to it provides it, with all that is needed below it."""
        provided = any(True for view in entry.view for _ in _provided(self.supergraph, view, type_name, need.name))
        if not provided or need.child is None:
            return provided or need.name == TYPENAME
        usable = self.usable(entry, type_name, need.name)
        if usable is None:
            return False
        below = Entry(entry.graph, usable[0].type_name, usable[1])
        return all(
            self.provides(below, name, one)
            for part in need.child.classes
            for name in part.types
            if self.is_possible(below, name)
            for one in part.needs
        )

    def at_hand(self, entry: Entry, type_name: str, required: FieldSet) -> bool:
        """Whether all that a computed field requires came along with the object, so that it need not be sent."""
        return bool(entry.view) and all(
            self._selected_at_hand(entry, type_name, one) for one in required.selections.selections
        )

    def _selected_at_hand(self, entry: Entry, type_name: str, selection: SelectionNode) -> bool:
        types = self.supergraph.types
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            applies = condition is None or type_name in self.supergraph.possible_types(condition.name.value)
            return not applies or self.at_hand(entry, type_name, FieldSet(selection.selection_set))
        if not isinstance(selection, FieldNode) or selection.arguments:
            return False
        if selection.name.value == TYPENAME:
            return True
        usable = self.usable(entry, type_name, selection.name.value)
        if usable is None or usable[0].requires is not None or usable[0].context_arguments:
            return False
        if selection.selection_set is None:
            return True
        below = Entry(entry.graph, types[type_name].fields[selection.name.value].type_name, usable[1])
        return all(
            self.at_hand(below, possible, FieldSet(selection.selection_set))
            for possible in self.supergraph.local_types(entry.graph, below.type_name)
        )

    def is_possible(self, entry: Entry, type_name: str) -> bool:
        """Whether the object handed out can be of this object type."""
        return self.supergraph.is_interface_object(entry.graph, entry.type_name) or (
            type_name in self.supergraph.local_types(entry.graph, entry.type_name)
        )

    def rules_out(self, entry: Entry, position: str, type_name: str) -> bool:
        """
        Whether the subgraph promises that an object is never of this type, though it can be of several there.

        Those who share a field return the same, so then none of them ever returns this.
        """
        if not self.supergraph.is_abstract(position) or self.is_possible(entry, type_name):
            return False
        return self.supergraph.is_abstract(entry.type_name) or self.supergraph.types[position].kind == "union"

    def knows_type(self, entry: Entry) -> bool:
        """Whether the subgraph that handed the object out can tell its own type."""
        return not self.supergraph.is_interface_object(entry.graph, entry.type_name)

    def doors(self, graph: str, type_name: str, entries: tuple[Entry, ...]) -> tuple[Door, ...]:
        """The ways into ``graph`` for an object of this type, those that need least first."""
        nameless = bool(entries) and not any(self.knows_type(entry) for entry in entries)
        return self._doors_of(graph, type_name, tuple(entry.type_name for entry in entries) if nameless else ())

    def _doors(self, graph: str, type_name: str, known_as: tuple[str, ...]) -> Iterator[Door]:
        """``known_as``: what the object is called by those who handed it out, if none of them can tell its own type."""
        types = self.supergraph.types
        here = types[type_name].graphs.get(graph)
        if here is not None:
            if type_name == self.supergraph.roots.get("query"):
                yield Door(type_name, (), needs_typename=False, tells_typename=True)
                return
            for name in dict.fromkeys(known_as):
                interface = types[name].graphs.get(graph)
                if interface and not interface.interface_object and types[name].kind == "interface":
                    keys = tuple(key for key in interface.keys if key.resolvable)
                    if keys and type_name in self.supergraph.local_types(graph, name):
                        yield Door(name, keys, needs_typename=False, tells_typename=True)
            if keys := tuple(key for key in here.keys if key.resolvable):
                yield Door(type_name, keys, needs_typename=True, tells_typename=True)
        elif interface_name := self.supergraph.interface_object(graph, type_name):
            keys = tuple(key for key in types[interface_name].graphs[graph].keys if key.resolvable)
            if keys:
                yield Door(interface_name, keys, needs_typename=False, tells_typename=False)

    def _candidates(self, type_name: str) -> tuple[str, ...]:
        """The subgraphs an object of this type may be taken to, in the order they are named."""
        is_root = type_name in self.supergraph.roots.values()
        return tuple(
            graph
            for graph in self.supergraph.graphs
            if (is_root and graph in self.supergraph.types[type_name].graphs) or self.doors(graph, type_name, ())
        )


def _provided(supergraph: Supergraph, view: FieldSet, type_name: str, field_name: str) -> Iterator[FieldSet | None]:
    """For each time the view names the field: what it selects below it (``None`` for a leaf)."""
    for selection in view.selections.selections:
        if isinstance(selection, FieldNode):
            if selection.name.value == field_name:
                yield FieldSet(selection.selection_set) if selection.selection_set else None
        elif isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            if condition is None or type_name in supergraph.possible_types(condition.name.value):
                yield from _provided(supergraph, FieldSet(selection.selection_set), type_name, field_name)
