"""
Field sets: ``"id organization { id }"`` as a selection, and everything it touches.

A field set is kept as it was written; this module only looks into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from gateway_graphql.composition.model import FieldModel, SchemaModel, TypeModel, named_type
from gateway_graphql.composition.values import misfit

__all__ = ["InvalidFieldSet", "LacksBraces", "Selected", "fields_of", "parse_field_set", "selected_fields"]


_EMPTY_BRACES = re.compile(r"\{[\s,]*\}")
_STRINGS = re.compile(r'"[^"]*"|#.*')


class InvalidFieldSet(ValueError):
    """The string is no selection, or selects something that is not there."""


class LacksBraces(InvalidFieldSet):
    """It ends at a field that has fields itself."""


@dataclass(frozen=True)
class Selected:
    """A field that a field set touches."""

    parent: TypeModel
    field: FieldModel
    node: FieldNode
    depth: int

    @property
    def coordinate(self) -> str:
        """``Type.field``."""
        return f"{self.parent.name}.{self.field.name}"

    @property
    def leaf(self) -> bool:
        """Whether nothing is selected below it."""
        return self.node.selection_set is None


@lru_cache(maxsize=4096)
def parse_field_set(text: str) -> SelectionSetNode:
    """Parse a field set, with or without its outer braces."""
    inner = text.strip()
    source = inner if inner.startswith("{") else f"{{ {inner} }}"
    try:
        document = parse(source, no_location=True)
    except GraphQLSyntaxError as error:
        raise InvalidFieldSet(
            f'"{text}" is no selection of fields: {error.message.rstrip(".")}; write it like "id org {{ id }}"'
        ) from error
    definition = document.definitions[0]
    if not inner.strip("{ }"):
        raise InvalidFieldSet("it names no field; name at least one")
    if _EMPTY_BRACES.search(_STRINGS.sub("", inner)):
        raise InvalidFieldSet(f'"{text}" has braces with no field in them; name one, or remove them')
    if len(document.definitions) != 1 or not isinstance(definition, OperationDefinitionNode):
        raise InvalidFieldSet(f'"{text}" is more than one selection of fields; write one')
    return definition.selection_set


def selected_fields(schema: SchemaModel, type_name: str, text: str, *, arguments: bool = True) -> Iterator[Selected]:
    """Every field that the set touches, outer ones first. Raises ``InvalidFieldSet`` when it cannot be read."""
    yield from fields_of(schema, type_name, parse_field_set(text), arguments=arguments)


def fields_of(
    schema: SchemaModel, type_name: str, selections: SelectionSetNode, depth: int = 0, *, arguments: bool = True
) -> Iterator[Selected]:
    """The same, for a selection that is parsed already."""
    type_ = schema.types.get(type_name)
    if type_ is None:
        raise InvalidFieldSet(f'there is no type "{type_name}"; correct the name')
    for node in selections.selections:
        match node:
            case FieldNode():
                if node.name.value == "__typename":
                    continue
                field = type_.fields.get(node.name.value)
                if field is None:
                    raise InvalidFieldSet(
                        f'"{type_name}" has no field "{node.name.value}"; correct the name, or add the field '
                        "(with @external, if another subgraph resolves it)"
                    )
                target = schema.types.get(named_type(field.type))
                composite = target is not None and target.composite
                yield Selected(type_, field, node, depth)
                if composite and node.selection_set is None:
                    raise LacksBraces(
                        f'"{type_name}.{field.name}" has the type "{field.type}"; select fields of it in braces'
                    )
                if not composite and node.selection_set is not None:
                    raise InvalidFieldSet(f'"{type_name}.{field.name}" has no fields to select; leave the braces out')
                if arguments:
                    _check_arguments(schema, type_, field, node)
                if node.selection_set is not None:
                    yield from fields_of(
                        schema, named_type(field.type), node.selection_set, depth + 1, arguments=arguments
                    )
            case InlineFragmentNode():
                name = node.type_condition.name.value if node.type_condition else type_name
                if name not in schema.types:
                    raise InvalidFieldSet(f'there is no type "{name}"; correct the name')
                if not schema.possible(name) & schema.possible(type_name) and name != type_name:
                    raise InvalidFieldSet(f'a "{type_name}" is never a "{name}"; leave it out')
                yield from fields_of(schema, name, node.selection_set, depth, arguments=arguments)
            case FragmentSpreadNode():
                raise InvalidFieldSet(f'"...{node.name.value}" names a fragment; write the fields out')


def _check_arguments(schema: SchemaModel, type_: TypeModel, field: FieldModel, node: FieldNode) -> None:
    given = {argument.name.value for argument in node.arguments or ()}
    for name in sorted(given - field.arguments.keys()):
        raise InvalidFieldSet(f'"{type_.name}.{field.name}" has no argument "{name}"; correct the name')
    for argument in field.arguments.values():
        if argument.required and argument.name not in given:
            raise InvalidFieldSet(f'"{type_.name}.{field.name}" needs the argument "{argument.name}"; give it')
    for given_argument in node.arguments or ():
        argument = field.arguments[given_argument.name.value]
        if problem := misfit(schema, argument.type, given_argument.value):
            raise InvalidFieldSet(f'"{type_.name}.{field.name}({argument.name}:)": {problem}; correct the value')
