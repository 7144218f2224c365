"""
Which fields a subgraph only mentions, which it resolves after all, and which it needs.

* *external*: marked ``@external``, and another subgraph resolves it. The key fields of an ``extend type`` are not:
  everybody has to be able to resolve those, and Federation 1 made people mark them.
* *provided*: external, but resolved here under a field with ``@provides``.
* *used*: named in a key, a ``@requires``, a ``@provides`` or a ``@fromContext``, or promised by an interface.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from gateway_graphql.composition.field_sets import (
    InvalidFieldSet,
    Selected,
    parse_field_set,
    selected_fields,
)
from gateway_graphql.composition.model import FieldModel, SchemaModel, TypeModel, named_type

__all__ = ["Externals", "external_fields", "parse_context_argument"]

_CONTEXT = re.compile(r"^\s*\$\s*(?P<name>[A-Za-z_]\w*)(?P<selection>.*)$", re.DOTALL)


def parse_context_argument(text: str) -> tuple[str, str] | None:
    """``"$user { locale }"`` → ``("user", " { locale }")``."""
    match = _CONTEXT.match(text)
    return (match["name"], match["selection"]) if match else None


@dataclass
class Externals:
    """Sets of ``Type.field``."""

    external: set[str] = field(default_factory=set)
    provided: set[str] = field(default_factory=set)
    key_fields: set[str] = field(default_factory=set)
    used_by_key: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    def is_external(self, type_: str, name: str) -> bool:
        """Somebody else resolves it."""
        return f"{type_}.{name}" in self.external

    def is_fully_external(self, type_: str, name: str) -> bool:
        """Somebody else resolves it, and this subgraph does not even under a ``@provides``."""
        return self.is_external(type_, name) and f"{type_}.{name}" not in self.provided

    def is_used(self, type_: str, name: str) -> bool:
        """Something in this subgraph needs it to be here."""
        return f"{type_}.{name}" in self.used


def external_fields(schema: SchemaModel) -> Externals:
    """Look through every field set of the subgraph once."""
    found = Externals()
    faked: set[str] = set()
    for type_ in schema.of_kind("object", "interface"):
        for key in type_.entity_keys():
            for selected in _safely(schema, type_.name, key.get("fields")):
                found.used |= set(_everywhere(schema, selected.parent, selected.field))
                found.used_by_key |= set(_everywhere(schema, selected.parent, selected.field))
                if selected.depth == 0:
                    found.key_fields.add(selected.coordinate)
                if key.of_extension:
                    faked.add(selected.coordinate)
        for name, field_ in type_.fields.items():
            if field_.has("external"):
                found.external.add(f"{type_.name}.{name}")
    found.external -= faked
    for type_ in schema.of_kind("object", "interface"):
        for field_ in type_.fields.values():
            _look_at_field(schema, type_, field_, found)
    _promised_by_interfaces(schema, found)
    return found


def _look_at_field(schema: SchemaModel, type_: TypeModel, field_: FieldModel, found: Externals) -> None:
    for requires in field_.all("requires"):
        for selected in _safely(schema, type_.name, requires.get("fields")):
            found.used |= set(_everywhere(schema, selected.parent, selected.field))
    for provides in field_.all("provides"):
        for selected in _safely(schema, named_type(field_.type), provides.get("fields")):
            coordinates = set(_everywhere(schema, selected.parent, selected.field))
            found.used |= coordinates
            found.provided |= coordinates
    for argument in field_.arguments.values():
        for from_context in argument.all("fromContext"):
            parsed = parse_context_argument(str(from_context.get("field") or ""))
            if parsed is None:
                continue
            for setter in _setters(schema, parsed[0]):
                with suppress(InvalidFieldSet):
                    for coordinate in _mentioned(schema, setter, parse_field_set(parsed[1])):
                        found.used.add(coordinate)


def _setters(schema: SchemaModel, context: str) -> list[TypeModel]:
    return [t for t in schema.types.values() if any(c.get("name") == context for c in t.all("context"))]


def _mentioned(schema: SchemaModel, type_: TypeModel, selections: SelectionSetNode) -> Iterator[str]:
    """Every field that a selection names, also for types that its object never is; up to one that is not there."""
    for node in selections.selections:
        below: TypeModel | None = type_
        if isinstance(node, FieldNode) and node.name.value != "__typename":
            field_ = type_.fields.get(node.name.value)
            if field_ is None:
                raise InvalidFieldSet(f'"{type_.name}" has no field "{node.name.value}"')
            yield from _everywhere(schema, type_, field_)
            below = schema.types.get(named_type(field_.type))
        elif isinstance(node, InlineFragmentNode) and node.type_condition:
            below = schema.types.get(node.type_condition.name.value)
        nested = getattr(node, "selection_set", None)
        if nested is not None and below is not None:
            yield from _mentioned(schema, below, nested)


def _promised_by_interfaces(schema: SchemaModel, found: Externals) -> None:
    for type_ in schema.of_kind("object"):
        for name in type_.interfaces:
            interface = schema.types.get(name)
            if interface is not None:
                found.used |= {f"{type_.name}.{f}" for f in interface.fields if f in type_.fields}


def _safely(schema: SchemaModel, type_: str, text: object) -> Iterator[Selected]:
    """What can be read of a field set; what cannot is reported by the rules."""
    if not isinstance(text, str):
        return
    try:
        yield from selected_fields(schema, type_, text, arguments=False)
    except InvalidFieldSet:
        return


def _everywhere(schema: SchemaModel, parent: TypeModel, field_: FieldModel) -> Iterator[str]:
    """A field selected on an interface is a field of each of its implementations."""
    yield f"{parent.name}.{field_.name}"
    if parent.kind == "interface":
        for possible in schema.implementations(parent.name):
            if field_.name in possible.fields:
                yield f"{possible.name}.{field_.name}"
