"""
From selections to positions: fragments inlined, conditions collected, equal fields merged.

The types an object can have are sorted into classes that need the same fields and find them in the
same places, so that a hundred implementations of an interface stay one class.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    TypeNode,
    print_ast,
)

from gateway_graphql.planning.conditions import ALWAYS, NEVER, Condition, both, condition_of, either
from gateway_graphql.planning.operation import TYPENAME, Need, Position, TypeClass
from gateway_graphql.planning.size import MOST_SELECTIONS, OperationTooLarge
from gateway_graphql.supergraph.field_sets import FieldSet
from gateway_graphql.supergraph.model import FieldSource, Supergraph

__all__ = ["Normalizer"]

_Occurrence = tuple[int, FieldNode, Condition]
"""where in the selections a field stands, and when it is wanted there"""


class Normalizer:
    """Normalizes the selections of one operation, and the field sets that its plan needs."""

    def __init__(self, supergraph: Supergraph, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self.supergraph = supergraph
        self._fragments = fragments
        self._seen = 0
        self._field_sets: dict[tuple[str, FieldSet], Position] = {}
        self._places: dict[tuple[str, str], object] = {}

    def operation(self, type_name: str, selections: SelectionSetNode) -> Position:
        """The root position of an operation."""
        return self._position(type_name, [(selections, ALWAYS)], hidden=False)

    def field_set(self, type_name: str, field_set: FieldSet) -> Position:
        """What a key or ``@requires`` needs of an object type. The same position for the same question."""
        key = (type_name, field_set)
        if key not in self._field_sets:
            self._field_sets[key] = self._position(type_name, [(field_set.selections, ALWAYS)], hidden=True)
        return self._field_sets[key]

    def _position(
        self, type_name: str, selections: list[tuple[SelectionSetNode, Condition]], *, hidden: bool
    ) -> Position:
        graph = self.supergraph
        possible = graph.possible_types(type_name)
        visible = tuple(name for name in possible if hidden or not graph.types[name].inaccessible)
        found: list[tuple[FieldNode, frozenset[str], Condition]] = []
        for selection_set, condition in selections:
            self._flatten(selection_set, frozenset(visible), condition, found)

        grouped: dict[object, tuple[list[str], list[_Occurrence]]] = {}
        for name in visible:
            here = [(at, node, condition) for at, (node, types, condition) in enumerate(found) if name in types]
            key = (
                tuple(at for at, _, _ in here),
                self._places_of(name, ""),
                tuple(self._places_of(name, node.name.value) for _, node, _ in here),
            )
            grouped.setdefault(key, ([], here))[0].append(name)
        classes = tuple(
            TypeClass(tuple(names), self._needs(names[0], here, hidden=hidden)) for names, here in grouped.values()
        )
        abstract = graph.is_abstract(type_name)
        wants_typename = abstract and (
            hidden
            or len(classes) > 1
            or len(visible) < len(possible)
            or any(need.name == TYPENAME for one in classes for need in one.needs)
        )
        return Position(type_name, abstract, classes, wants_typename)

    def _places_of(self, type_name: str, field_name: str) -> object:
        """Everything that planning may ask of a type (or, with a name, its field); equal for interchangeable types."""
        key = (type_name, field_name)
        if key not in self._places:
            type_ = self.supergraph.types[type_name]
            if field_name:
                field = type_.fields.get(field_name)
                self._places[key] = field and (
                    field.type_name,
                    print_type(field.type),
                    frozenset(_by_value(field.sources)),
                )
            else:
                self._places[key] = (
                    frozenset(type_.graphs.items()),
                    self.supergraph.memberships(type_name),
                    type_name if type_name in self.supergraph.roots.values() or type_.contexts else None,
                )
        return self._places[key]

    def _flatten(
        self,
        selection_set: SelectionSetNode,
        types: frozenset[str],
        condition: Condition,
        found: list[tuple[FieldNode, frozenset[str], Condition]],
    ) -> None:
        for selection in selection_set.selections:
            self._seen += 1
            if self._seen > MOST_SELECTIONS:
                raise OperationTooLarge(f"The operation has more than {MOST_SELECTIONS} selections.")
            wanted = both(condition, condition_of(selection.directives))
            if wanted == NEVER:
                continue
            if isinstance(selection, FieldNode):
                found.append((selection, types, wanted))
                continue
            within: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(selection, InlineFragmentNode):
                within = selection
            else:
                within = self._fragments[cast(FragmentSpreadNode, selection).name.value]
            narrowed = types
            if within.type_condition:
                narrowed = types & frozenset(self.supergraph.possible_types(within.type_condition.name.value))
            if narrowed:
                self._flatten(within.selection_set, narrowed, wanted, found)

    def _needs(self, type_name: str, found: list[_Occurrence], *, hidden: bool) -> tuple[Need, ...]:
        merged: dict[str, list[_Occurrence]] = {}
        for occurrence in found:
            node = occurrence[1]
            key = node.alias.value if node.alias else node.name.value
            merged.setdefault(key, []).append(occurrence)
        return tuple(self._need(type_name, key, nodes, hidden=hidden) for key, nodes in merged.items())

    def _need(self, type_name: str, key: str, nodes: list[_Occurrence], *, hidden: bool) -> Need:
        _, node, condition = nodes[0]
        name = node.name.value
        for _, _, other in nodes[1:]:
            condition = either(condition, other)
        child = None
        field = self.supergraph.types[type_name].fields.get(name)
        if field and self.supergraph.is_composite(field.type_name):
            # What one occurrence selects is wanted when that occurrence is; if all agree, the field says it.
            selections = [
                (one.selection_set, ALWAYS if when == condition else when)
                for _, one, when in nodes
                if one.selection_set
            ]
            child = self._position(field.type_name, selections, hidden=hidden)
        arguments = tuple(sorted(node.arguments or (), key=lambda one: one.name.value))
        return Need(
            response_key=None if hidden else key,
            name=name,
            arguments=arguments,
            arguments_text=_arguments_text(arguments),
            condition=condition,
            child=child,
            occurrences=tuple((at, when) for at, _, when in nodes),
            directives=tuple(one for one in node.directives or () if one.name.value not in ("skip", "include")),
        )


def _arguments_text(arguments: tuple[object, ...]) -> str:
    return "(" + ", ".join(print_ast(one) for one in arguments) + ")" if arguments else ""  # type: ignore[arg-type]


def _by_value(sources: Mapping[str, FieldSource]) -> list[object]:
    """Sources as values: the type's AST node in them compares slowly, its text does not."""
    return [
        (print_type(source.type), *(getattr(source, name) for name in FieldSource.__slots__ if name != "type"))
        for source in sources.values()
    ]


@lru_cache(maxsize=10_000)
def print_type(node: TypeNode) -> str:
    """``[Product!]!``"""
    return print_ast(node)
