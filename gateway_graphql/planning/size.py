"""
How much a document asks once its fragments are inlined, told without inlining them.

Fragments that spread others twice each grow by powers of two, and a field that stands a thousand times in one
place is compared half a million times by validation. Both are refused before anything walks them.
"""

from __future__ import annotations

from collections import Counter

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

__all__ = ["MOST_PAIRS", "MOST_SELECTIONS", "OperationTooLarge", "check_size"]

MOST_SELECTIONS = 50_000
"""how many selections an operation may have once its fragments are inlined"""
MOST_PAIRS = 500_000
"""how many pairs of fields of the same name validation may have to compare"""


class OperationTooLarge(ValueError):
    """The operation explodes when its fragments are inlined, or takes too long to plan."""


def check_size(document: DocumentNode) -> None:
    """Raise :class:`OperationTooLarge` for a document that is small to read and enormous to walk."""
    sizes = _Sizes(document)
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode) and sizes.of(one.selection_set)[0] > MOST_SELECTIONS:
            raise OperationTooLarge(f"The operation has more than {MOST_SELECTIONS} selections.")
    if sizes.pairs > MOST_PAIRS:
        raise OperationTooLarge("The operation repeats the same fields too often.")


class _Sizes:
    def __init__(self, document: DocumentNode) -> None:
        self.pairs = 0
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._known: dict[str, tuple[int, Counter[str]]] = {}

    def of(self, selection_set: SelectionSetNode) -> tuple[int, Counter[str]]:
        """The selections in all, and how often each response key stands at this level."""
        count, keys = self._level(selection_set)
        self.pairs += sum(times * (times - 1) // 2 for times in keys.values())
        return count, keys

    def _level(self, selection_set: SelectionSetNode) -> tuple[int, Counter[str]]:
        count = 0
        keys: Counter[str] = Counter()
        for selection in selection_set.selections:
            count += 1
            if isinstance(selection, FieldNode):
                keys[selection.alias.value if selection.alias else selection.name.value] += 1
                if selection.selection_set:
                    count += self.of(selection.selection_set)[0]
            elif isinstance(selection, InlineFragmentNode):
                below, names = self._level(selection.selection_set)
                count += below
                keys.update(names)
            elif isinstance(selection, FragmentSpreadNode):
                below, names = self._fragment(selection.name.value)
                count += below
                keys.update(names)
        return count, keys

    def _fragment(self, name: str) -> tuple[int, Counter[str]]:
        if name not in self._known:
            self._known[name] = (0, Counter())  # in a circle, or unknown: validation says so
            if name in self._fragments:
                self._known[name] = self._level(self._fragments[name].selection_set)
        return self._known[name]
