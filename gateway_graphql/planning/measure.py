"""
How much a document asks once its fragments are inlined, told by one walk over it as it is written.

Fragments that spread others twice each grow by powers of two, and a field that stands a thousand times in one
place is compared half a million times by validation. So this is known before anything else walks the document.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

__all__ = ["Measures", "measured"]

INTROSPECTION = frozenset({"__schema", "__type"})
INTROSPECTION_LISTS = frozenset({"fields", "interfaces", "possibleTypes", "inputFields"})
"""each leads from one type of the schema to many"""


@dataclass(slots=True)
class Measures:
    """What of a document may become too much; of several operations in it, the most of each."""

    depth: int = 0
    """fields below one another, the innermost counted"""
    height: int = 0
    """fields in all, those of a fragment once for each of its spreads"""
    selections: int = 0
    """the same with the spreads and inline fragments themselves"""
    aliases: int = 0
    root_fields: int = 0
    """of the operation itself; what is asked again by the same name is the same field"""
    directives: int = 0
    directives_in_one_place: int = 0
    introspection_lists: int = 0
    """lists of the schema inside of one another, such as the fields of the types of fields"""
    pairs: int = 0
    """fields with the same key, and fragments, in one place, in pairs: validation compares them"""


def measured(document: DocumentNode) -> Measures:
    """Measure it, before it was validated: unknown fragments and fragments in circles count as empty."""
    walk = _Walk(document)
    most = Measures()
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            level = walk.set(definition.selection_set)
            level.directed(len(definition.directives or ()))
            for variable in definition.variable_definitions or ():
                level.directed(len(variable.directives or ()))
            measures = level.measures
            measures.root_fields = len(level.keys)
            for one in fields(Measures):
                setattr(most, one.name, max(getattr(most, one.name), getattr(measures, one.name)))
        elif isinstance(definition, FragmentDefinitionNode):
            walk.fragment(definition.name.value)  # validation walks it, whether anybody spreads it or not
    most.pairs = walk.pairs
    return most


class _Level:
    """One selection set, with all below it."""

    __slots__ = ("keys", "lists", "measures", "spreads")

    def __init__(self) -> None:
        self.measures = Measures()
        self.keys: Counter[str] = Counter()
        """how often each response key stands at this level"""
        self.lists = 0
        """``introspection_lists``, if this is a place inside of the schema's own description"""
        self.spreads: set[str] = set()
        """the fragments at this level"""

    def directed(self, count: int) -> None:
        """There are so many directives in one place."""
        if count:
            self.measures.directives += count
            self.measures.directives_in_one_place = max(self.measures.directives_in_one_place, count)

    def take(self, inner: _Level, *, below: bool) -> None:
        """Add what stands here, or one field deeper."""
        mine, its = self.measures, inner.measures
        mine.depth = max(mine.depth, its.depth + below)
        mine.height += its.height
        mine.selections += its.selections
        mine.aliases += its.aliases
        mine.directives += its.directives
        mine.directives_in_one_place = max(mine.directives_in_one_place, its.directives_in_one_place)
        mine.introspection_lists = max(mine.introspection_lists, its.introspection_lists)
        if not below:
            self.keys.update(inner.keys)
            self.spreads |= inner.spreads
            self.lists = max(self.lists, inner.lists)


class _Walk:
    def __init__(self, document: DocumentNode) -> None:
        self.pairs = 0
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._known: dict[str, _Level] = {}

    def set(self, selection_set: SelectionSetNode) -> _Level:
        """A whole selection set: what stands in it is compared with one another."""
        level = self._level(selection_set)
        self._compare(level)
        return level

    def fragment(self, name: str) -> _Level:
        """What a spread of it stands for."""
        if name not in self._known:
            self._known[name] = _Level()  # in a circle, or unknown: validation says so
            if definition := self._fragments.get(name):
                level = self._level(definition.selection_set)
                level.directed(len(definition.directives or ()))
                self._compare(level)
                self._known[name] = level
        return self._known[name]

    def _compare(self, level: _Level) -> None:
        self.pairs += sum(times * (times - 1) // 2 for times in level.keys.values() if times > 1)
        self.pairs += len(level.spreads) * (len(level.spreads) - 1) // 2

    def _level(self, selection_set: SelectionSetNode) -> _Level:
        level = _Level()
        measures = level.measures
        for selection in selection_set.selections:
            measures.selections += 1
            if selection.directives:
                level.directed(len(selection.directives))
            if isinstance(selection, FieldNode):
                self._field(selection, level)
            elif isinstance(selection, InlineFragmentNode):
                level.take(self._level(selection.selection_set), below=False)
            elif isinstance(selection, FragmentSpreadNode):
                level.spreads.add(selection.name.value)
                level.take(self.fragment(selection.name.value), below=False)
        return level

    def _field(self, field: FieldNode, level: _Level) -> None:
        measures = level.measures
        name = field.name.value
        measures.height += 1
        if field.alias:
            measures.aliases += 1
        level.keys[field.alias.value if field.alias else name] += 1
        is_list = name in INTROSPECTION_LISTS
        lists = int(is_list)
        if field.selection_set:
            inner = self.set(field.selection_set)
            level.take(inner, below=True)
            lists += inner.lists
            if name in INTROSPECTION:
                measures.introspection_lists = max(measures.introspection_lists, inner.lists)
        elif not measures.depth:
            measures.depth = 1
        level.lists = max(level.lists, lists)
