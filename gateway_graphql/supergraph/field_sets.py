"""``"id organization { id }"`` as a value: the field sets of ``@key``, ``@requires`` and ``@provides``."""

from __future__ import annotations

from functools import lru_cache

from graphql import FieldNode, InlineFragmentNode, OperationDefinitionNode, SelectionSetNode, print_ast

from gateway_graphql.supergraph.parse import parse_document

__all__ = ["FieldSet", "parse_field_set"]


class FieldSet:
    """
    A parsed field set. Two of them are equal when they print alike, and they are sorted by what they print.

    ``selections`` is the graphql-core selection set, ``str()`` the text on one line.
    """

    __slots__ = ("_hash", "selections", "text")

    def __init__(self, selections: SelectionSetNode) -> None:
        self.selections = selections
        self.text = _one_line(selections)
        self._hash = hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldSet) and other.text == self.text

    def __lt__(self, other: FieldSet) -> bool:
        return self.text < other.text

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"FieldSet({self.text!r})"


@lru_cache(maxsize=10_000)
def parse_field_set(text: str) -> FieldSet:
    """
    Parse ``"id organization { id }"``, with or without braces around it.

    Raises graphql-core's ``GraphQLSyntaxError`` when it is not a selection.
    """
    definition = parse_document(text if text.lstrip().startswith("{") else f"{{ {text} }}").definitions[0]
    if not isinstance(definition, OperationDefinitionNode):
        raise ValueError(f"not a field set: {text!r}")
    return FieldSet(definition.selection_set)


def _one_line(selections: SelectionSetNode) -> str:
    parts = []
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            text = selection.name.value
            if selection.alias:
                text = f"{selection.alias.value}: {text}"
            if selection.arguments:
                text += "(" + ", ".join(print_ast(argument) for argument in selection.arguments) + ")"
        elif isinstance(selection, InlineFragmentNode):
            text = f"... on {selection.type_condition.name.value}" if selection.type_condition else "..."
        else:
            text = print_ast(selection)
        children = getattr(selection, "selection_set", None)
        parts.append(f"{text} {{ {_one_line(children)} }}" if children else text)
    return " ".join(parts)
