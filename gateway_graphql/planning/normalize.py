"""
From selections to positions: fragments inlined, conditions collected, equal fields merged.

The types an object can have are sorted into classes that need the same fields and find them in the
same places, so that a hundred implementations of an interface stay one class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple, cast

from graphql import (
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    TypeNode,
    print_ast,
)

from gateway_graphql.planning.conditions import ALWAYS, NEVER, Condition, both, condition_of, either
from gateway_graphql.planning.operation import INITIAL, TYPENAME, Need, Position, TypeClass
from gateway_graphql.planning.size import MOST_SELECTIONS, OperationTooLarge
from gateway_graphql.supergraph.field_sets import FieldSet
from gateway_graphql.supergraph.model import FieldSource, Supergraph
from gateway_graphql.supergraph.requirements import Requirement

__all__ = ["Normalizer", "arguments_of"]

_Around = tuple[str, ...]
_Selections = list[tuple[SelectionSetNode, Condition, int]]


class _Occurrence(NamedTuple):
    """A field where it stands in the selections."""

    at: int
    node: FieldNode
    types: frozenset[str]
    """of which objects it is wanted"""
    condition: Condition
    block: int
    around: _Around
    """the custom directives of the fragments around it"""


class Normalizer:
    """Normalizes the selections of one operation, and the field sets that its plan needs."""

    def __init__(
        self,
        supergraph: Supergraph,
        fragments: Mapping[str, FragmentDefinitionNode],
        of_fragments: frozenset[str] = frozenset(),
        unmet: frozenset[Requirement] = frozenset(),
    ) -> None:
        self.supergraph = supergraph
        self.fragments = fragments
        self.unmet = unmet
        """what the caller does not meet; fields that ask for it are refused"""
        self.requirements: set[Requirement] = set()
        """everything that the operation asks of a caller, met or not"""
        self.of_fragments = of_fragments
        """the custom directives that may stand on the inline fragments of subgraph documents"""
        self._blocks: dict[tuple[int, int], int] = {}
        self._skip_deferred = False
        self._seen = 0
        self._field_sets: dict[tuple[str, FieldSet], Position] = {}
        self._places: dict[tuple[str, str], object] = {}
        self._shared: dict[object, Position] = {}
        self._has_contexts = bool(supergraph.contexts)
        # What is below a field may differ by what is above it where contexts are set.
        self._may_be_blind = supergraph.has_interface_objects and not self._has_contexts
        """whether a subgraph may hand out objects whose types it cannot tell"""
        self._asked: dict[Position, list[list[_Occurrence]]] = {}
        """what stands at a position, for each class of types"""
        self._in_parts: dict[Position, Position | None] = {}
        self._asks = supergraph.requirements

    def operation(self, type_name: str, selections: SelectionSetNode) -> Position:
        """The root position of an operation."""
        return self._position(type_name, [(selections, ALWAYS, INITIAL)], hidden=False)

    def initial(self, type_name: str, selections: SelectionSetNode) -> Position:
        """The root position without what is deferred."""
        self._skip_deferred = True
        try:
            return self.operation(type_name, selections)
        finally:
            self._skip_deferred = False

    def deferred(
        self, type_name: str, types: frozenset[str], selections: SelectionSetNode, condition: Condition
    ) -> Position:
        """
        What a deferred fragment selects of an object of these types, without what is deferred inside it.

        ``condition``: when the fragment is wanted. What contradicts it is never fetched, so the shape must not count on it.
        """
        self._skip_deferred = True
        try:
            return self._position(type_name, [(selections, condition, INITIAL)], hidden=False, only=types)
        finally:
            self._skip_deferred = False

    @property
    def defers(self) -> bool:
        """Whether anything that was normalized is deferred."""
        return bool(self._blocks)

    def block_of(self, selection: SelectionNode, around: int) -> int:
        """The number of the block that a fragment begins; ``around``, the one it is in, if it begins none."""
        if not any(one.name.value == "defer" for one in selection.directives or ()):
            return around
        return self._blocks.setdefault((id(selection), around), len(self._blocks) + 1)

    def in_parts(self, position: Position) -> Position | None:
        """
        The position with what objects of all types want of a field apart from what only those of some do, as two needs.

        ``None``: there is no such field.
        """
        if position not in self._in_parts:
            seen = self._seen
            self._in_parts[position] = self._parted(position, self._asked.get(position, []))
            self._seen = seen  # it was counted before
        return self._in_parts[position]

    def _parted(self, position: Position, asked: list[list[_Occurrence]]) -> Position | None:
        of_all = set.intersection(*({one.at for one in found} for found in asked)) if asked else set()
        if not of_all:
            return None
        classes = []
        for one, found in zip(position.classes, asked, strict=True):
            nodes = _by_response_key(found)
            needs = [part for need in one.needs for part in self._parts(one, need, nodes, of_all)]
            classes.append(replace(one, needs=tuple(needs)))
        parted = any(need.beside for one in classes for need in one.needs)
        return replace(position, classes=tuple(classes)) if parted else None

    def _parts(
        self, type_class: TypeClass, need: Need, nodes: dict[str, list[_Occurrence]], of_all: set[int]
    ) -> tuple[Need, ...]:
        if need.child is None or need.response_key is None:
            return (need,)
        here = nodes[need.response_key]
        same, more = [one for one in here if one.at in of_all], [one for one in here if one.at not in of_all]
        if not same or not more:
            return (need,)
        first = self._need(type_class.types[0], need.response_key, same, hidden=False)
        second = self._need(type_class.types[0], need.response_key, more, hidden=False)
        second.beside = first
        return first, second

    def field_set(self, type_name: str, field_set: FieldSet) -> Position:
        """What a key or ``@requires`` needs of an object type. The same position for the same question."""
        key = (type_name, field_set)
        if key not in self._field_sets:
            self._field_sets[key] = self._position(type_name, [(field_set.selections, ALWAYS, INITIAL)], hidden=True)
        return self._field_sets[key]

    def _position(
        self, type_name: str, selections: _Selections, *, hidden: bool, only: frozenset[str] | None = None
    ) -> Position:
        graph = self.supergraph
        possible = graph.possible_types(type_name)
        visible = tuple(name for name in possible if hidden or not graph.types[name].inaccessible)
        found: list[_Occurrence] = []
        for selection_set, condition, block in selections:
            self._flatten(selection_set, only or frozenset(visible), condition, block, (), found)

        grouped = self._interchangeable(visible, found, hidden=hidden)
        classes = tuple(self._class(names, here, hidden=hidden) for names, here in grouped)
        abstract = graph.is_abstract(type_name)
        alike = len(classes) > 1 and len({self._asked_of(one) for one in classes}) == 1
        wants_typename = abstract and (
            hidden
            or (len(classes) > 1 and not alike)
            or len(visible) < len(possible)
            or any(need.name == TYPENAME for one in classes for need in one.needs)
            or any(one.refused for one in classes)  # what is refused, and what its null takes along, is the type's own
        )
        blocks = frozenset(block for _, _, block in selections)
        position = Position(type_name, abstract, classes, wants_typename, blocks, alike and not wants_typename)
        if len(classes) > 1 and not (alike or hidden) and self._may_be_blind:
            self._asked[position] = [here for _, here in grouped]
        return position

    def _interchangeable(
        self, types: tuple[str, ...], found: list[_Occurrence], *, hidden: bool
    ) -> list[tuple[tuple[str, ...], list[_Occurrence]]]:
        """Types that need the same fields and find them in the same places, together, with what stands there for them."""
        if len(types) == 1 and not self._asks:
            return [(types, found)]  # whatever was found is wanted of some type
        grouped: dict[object, tuple[list[str], list[_Occurrence]]] = {}
        for name in types:
            here = [one for one in found if name in one.types]
            key = (
                tuple(one.at for one in here),
                () if hidden else tuple(self._may_see(name, one.node.name.value) for one in here),
                self._places_of(name, ""),
                tuple(self._places_of(name, one.node.name.value) for one in here),
            )
            grouped.setdefault(key, ([], here))[0].append(name)
        return [(tuple(names), here) for names, here in grouped.values()]

    def _below(self, type_name: str, selections: _Selections, *, hidden: bool) -> Position:
        """
        The position below a field: the same for all types of whose field the same is selected.

        Else there would be as many as there are types, times as many at every level further down. Where a context is
        set they differ, by what is above them.
        """
        if self._has_contexts:
            return self._position(type_name, selections, hidden=hidden)
        asked = tuple((id(nodes), condition, block) for nodes, condition, block in selections)
        key = (type_name, asked, hidden, self._skip_deferred)
        if key not in self._shared:
            self._shared[key] = self._position(type_name, selections, hidden=hidden)
        return self._shared[key]

    def _asked_of(self, type_class: TypeClass) -> object:
        """What is wanted of a class of types, equal for two that may be answered by the same words."""
        name = type_class.types[0]
        asked = tuple((need.occurrences, need.name, self.type_of(name, need.name)) for need in type_class.needs)
        refused = tuple(need.occurrences for need in type_class.refused)
        alone = name if self.supergraph.contexts_of(name) else ""
        return asked, refused, alone

    def type_of(self, type_name: str, field_name: str) -> str:
        """The type of a field as every subgraph has it; where they differ, one that no other field has."""
        field = self.supergraph.types[type_name].fields.get(field_name)
        if field is None:
            return ""
        said = {print_type(field.type), *(print_type(source.type) for source in field.sources.values())}
        return said.pop() if len(said) == 1 else f"{type_name}.{field_name}"

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
                    type_name
                    if type_name in self.supergraph.roots.values() or self.supergraph.contexts_of(type_name)
                    else None,
                )
        return self._places[key]

    def _flatten(
        self,
        selection_set: SelectionSetNode,
        types: frozenset[str],
        condition: Condition,
        block: int,
        around: _Around,
        found: list[_Occurrence],
    ) -> None:
        for selection in selection_set.selections:
            self._seen += 1
            if self._seen > MOST_SELECTIONS:
                raise OperationTooLarge(f"The operation has more than {MOST_SELECTIONS} selections.")
            wanted = both(condition, condition_of(selection.directives)) if selection.directives else condition
            if wanted == NEVER:
                continue
            if isinstance(selection, FieldNode):
                found.append(_Occurrence(len(found), selection, types, wanted, block, around))
                continue
            inside = self.block_of(selection, block)
            if inside != block and self._skip_deferred:
                continue
            within: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(selection, InlineFragmentNode):
                within = selection
            else:
                within = self.fragments[cast(FragmentSpreadNode, selection).name.value]
            narrowed = types
            if within.type_condition:
                narrowed = types & frozenset(self.supergraph.possible_types(within.type_condition.name.value))
            if narrowed:
                self._flatten(within.selection_set, narrowed, wanted, inside, (*around, *self._said(selection)), found)

    def _said(self, fragment: SelectionNode) -> _Around:
        """The custom directives of a fragment, as they can be said again around each of its fields."""
        if not self.of_fragments or not fragment.directives:
            return ()
        said = " ".join(print_ast(one) for one in fragment.directives if one.name.value in self.of_fragments)
        return (said,) if said else ()

    def _may_see(self, type_name: str, field_name: str) -> bool:
        """Whether the caller may see the field of such an object."""
        asked = self._asks.get((type_name, field_name))
        if not asked:
            return True
        self.requirements |= asked
        return asked.isdisjoint(self.unmet)

    def _class(self, types: tuple[str, ...], found: list[_Occurrence], *, hidden: bool) -> TypeClass:
        if hidden or not self.unmet:
            return TypeClass(types, self._needs(types[0], found, hidden=hidden))
        seen = [one for one in found if self._may_see(types[0], one.node.name.value)]
        others = [one for one in found if not self._may_see(types[0], one.node.name.value)]
        refused = tuple(
            Need(key, nodes[0].node.name.value, (), "", _condition(nodes), None, _occurrences(nodes))
            for key, nodes in _by_response_key(others).items()
        )
        return TypeClass(types, self._needs(types[0], seen, hidden=False), refused)

    def _needs(self, type_name: str, found: list[_Occurrence], *, hidden: bool) -> tuple[Need, ...]:
        return tuple(self._need(type_name, key, nodes, hidden=hidden) for key, nodes in _by_response_key(found).items())

    def _need(self, type_name: str, key: str, nodes: list[_Occurrence], *, hidden: bool) -> Need:
        node, condition = nodes[0].node, _condition(nodes)
        name = node.name.value
        child = None
        field = self.supergraph.types[type_name].fields.get(name)
        if field and self.supergraph.is_composite(field.type_name):
            # What one occurrence selects is wanted when that occurrence is; if all agree, the field says it.
            selections = [
                (one.node.selection_set, ALWAYS if one.condition == condition else one.condition, one.block)
                for one in nodes
                if one.node.selection_set
            ]
            child = self._below(field.type_name, selections, hidden=hidden)
        arguments, arguments_text = arguments_of(node) if node.arguments else ((), "")
        directives = _custom_directives([one.node for one in nodes if one.node.directives])
        # A field with a directive of the client's is another one than without: it must not stand in for a key.
        if directives:
            arguments_text += "".join(f" {print_ast(one)}" for one in directives)
        return Need(
            response_key=None if hidden else key,
            name=name,
            arguments=arguments,
            arguments_text=arguments_text,
            condition=condition,
            child=child,
            occurrences=_occurrences(nodes),
            blocks=frozenset(one.block for one in nodes),
            directives=directives,
            around=tuple(dict.fromkeys(said for one in nodes for said in one.around)),
        )


def _by_response_key(found: list[_Occurrence]) -> dict[str, list[_Occurrence]]:
    merged: dict[str, list[_Occurrence]] = {}
    for one in found:
        merged.setdefault(one.node.alias.value if one.node.alias else one.node.name.value, []).append(one)
    return merged


def _condition(nodes: list[_Occurrence]) -> Condition:
    """When any of them is wanted."""
    condition = nodes[0].condition
    for one in nodes[1:]:
        condition = either(condition, one.condition)
    return condition


def _occurrences(nodes: list[_Occurrence]) -> tuple[tuple[int, Condition], ...]:
    return tuple((one.at, one.condition) for one in nodes)


def arguments_of(node: FieldNode) -> tuple[tuple[ArgumentNode, ...], str]:
    """The arguments of a field in an order of their own, and as text."""
    arguments = tuple(sorted(node.arguments or (), key=lambda one: one.name.value))
    return arguments, "(" + ", ".join(print_ast(one) for one in arguments) + ")" if arguments else ""


def _custom_directives(nodes: list[FieldNode]) -> tuple[DirectiveNode, ...]:
    """The directives that go on to the subgraphs: what composes is defined by all of them."""
    found: dict[str, DirectiveNode] = {}
    for node in nodes:
        for one in node.directives or ():
            if one.name.value not in ("skip", "include"):
                found.setdefault(one.name.value, one)
    return tuple(found.values())


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
