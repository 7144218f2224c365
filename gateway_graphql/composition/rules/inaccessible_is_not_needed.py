"""
Spec: QUERY_ROOT_TYPE_INACCESSIBLE, REFERENCED_INACCESSIBLE, DEFAULT_VALUE_USES_INACCESSIBLE, REQUIRED_INACCESSIBLE,
IMPLEMENTED_BY_INACCESSIBLE, DISALLOWED_INACCESSIBLE, ONLY_INACCESSIBLE_CHILDREN.

What is hidden from clients must not be needed by what they see.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import ConstValueNode, EnumValueNode, ListValueNode, ObjectValueNode

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.merge import Merging
from gateway_graphql.composition.merge.composed_directives import EXECUTABLE
from gateway_graphql.composition.model import (
    ArgumentModel,
    DirectiveModel,
    Directives,
    FieldModel,
    SchemaModel,
    TypeModel,
    named_type,
)

__all__ = ["hidden_elements", "inaccessible_is_not_needed"]


def inaccessible_is_not_needed(merging: Merging) -> Iterator[Diagnostic]:
    """Walk through all that stays visible."""
    schema = merging.merged
    query = schema.types.get(schema.roots.get("query", ""))
    if query is not None and _hidden(query):
        yield _problem("QUERY_ROOT_TYPE_INACCESSIBLE", query.name, "the query root cannot be @inaccessible; show it")
    for type_ in schema.types.values():
        if not _hidden(type_):
            yield from _type(schema, type_)
    for definition in schema.definitions.values():
        for argument in definition.arguments.values():
            yield from _directive_argument(schema, definition, argument)


def hidden_elements(schema: SchemaModel) -> frozenset[str]:
    """The coordinates of all that clients do not see."""
    return frozenset(coordinate for coordinate, element in schema.elements() if _hidden(element))


def _hidden(element: Directives) -> bool:
    return element.has("inaccessible")


def _problem(code: str, coordinate: str, message: str) -> Diagnostic:
    return Diagnostic(code, message, (), coordinate)


def _type(schema: SchemaModel, type_: TypeModel) -> Iterator[Diagnostic]:
    children: list[bool] = []
    if type_.kind in ("object", "interface", "input"):
        children = [_hidden(f) for f in type_.fields.values()]
    elif type_.kind == "enum":
        children = [_hidden(v) for v in type_.values.values()]
    elif type_.kind == "union":
        children = [_hidden(schema.types[m]) for m in type_.members if m in schema.types]
    if children and all(children):
        yield _problem(
            "ONLY_INACCESSIBLE_CHILDREN",
            type_.name,
            "all that it consists of is @inaccessible; hide the type as well, or show something of it",
        )
    for field in type_.fields.values():
        if not _hidden(field):
            yield from _field(schema, type_, field)
        else:
            yield from _needed_anyway(schema, type_, field)


def _directive_argument(
    schema: SchemaModel, definition: DirectiveModel, argument: ArgumentModel
) -> Iterator[Diagnostic]:
    coordinate = f"@{definition.name}({argument.name}:)"
    if not _hidden(argument):
        yield from _reference(schema, coordinate, argument.type)
        yield from _default(schema, coordinate, argument.type, argument.default)
    elif any(location not in EXECUTABLE for location in definition.locations):
        yield _problem(
            "DISALLOWED_INACCESSIBLE",
            coordinate,
            "a directive that is applied in schemas cannot hide an argument; remove @inaccessible",
        )
    elif argument.required:
        yield _problem(
            "REQUIRED_INACCESSIBLE",
            coordinate,
            "it is @inaccessible and must be given; make it optional, or show it",
        )


def _field(schema: SchemaModel, type_: TypeModel, field: FieldModel) -> Iterator[Diagnostic]:
    coordinate = f"{type_.name}.{field.name}"
    yield from _reference(schema, coordinate, field.type)
    yield from _default(schema, coordinate, field.type, field.default)
    for argument in field.arguments.values():
        place = f"{coordinate}({argument.name}:)"
        if not _hidden(argument):
            yield from _reference(schema, place, argument.type)
            yield from _default(schema, place, argument.type, argument.default)
            continue
        if argument.required:
            yield _problem(
                "REQUIRED_INACCESSIBLE",
                place,
                "it is @inaccessible and must be given; make it optional, or show it",
            )
        yield from _argument_of_interface(schema, type_, field, argument)


def _needed_anyway(schema: SchemaModel, type_: TypeModel, field: FieldModel) -> Iterator[Diagnostic]:
    coordinate = f"{type_.name}.{field.name}"
    if type_.kind == "input" and field.required:
        yield _problem(
            "REQUIRED_INACCESSIBLE", coordinate, "it is @inaccessible and must be given; make it optional, or show it"
        )
    for interface in _visible_interfaces(schema, type_):
        promised = interface.fields.get(field.name)
        if promised is not None and not _hidden(promised):
            yield _problem(
                "IMPLEMENTED_BY_INACCESSIBLE",
                coordinate,
                f'it is @inaccessible, and "{interface.name}.{field.name}" is not; hide both or none',
            )


def _argument_of_interface(
    schema: SchemaModel, type_: TypeModel, field: FieldModel, argument: ArgumentModel
) -> Iterator[Diagnostic]:
    for interface in _visible_interfaces(schema, type_):
        promised = interface.fields.get(field.name)
        if promised is None or _hidden(promised):
            continue
        same = promised.arguments.get(argument.name)
        if same is not None and not _hidden(same):
            yield _problem(
                "IMPLEMENTED_BY_INACCESSIBLE",
                f"{type_.name}.{field.name}({argument.name}:)",
                f'it is @inaccessible, and that of "{interface.name}.{field.name}" is not; hide both or none',
            )


def _visible_interfaces(schema: SchemaModel, type_: TypeModel) -> Iterator[TypeModel]:
    for name in type_.interfaces:
        interface = schema.types.get(name)
        if interface is not None and not _hidden(interface):
            yield interface


def _reference(schema: SchemaModel, coordinate: str, type_: str) -> Iterator[Diagnostic]:
    target = schema.types.get(named_type(type_))
    if target is not None and _hidden(target):
        yield _problem(
            "REFERENCED_INACCESSIBLE",
            coordinate,
            f'its type "{target.name}" is @inaccessible; hide this as well, or show the type',
        )


def _default(schema: SchemaModel, coordinate: str, type_: str, value: ConstValueNode | None) -> Iterator[Diagnostic]:
    target = schema.types.get(named_type(type_))
    if value is None or target is None:
        return
    for name in sorted(_hidden_in(schema, target, value)):
        yield _problem(
            "DEFAULT_VALUE_USES_INACCESSIBLE",
            coordinate,
            f'its default value uses "{name}", which is @inaccessible; choose another default, or show it',
        )


def _hidden_in(schema: SchemaModel, type_: TypeModel, value: ConstValueNode) -> set[str]:
    match value:
        case EnumValueNode(value=name) if type_.kind == "enum":
            known = type_.values.get(name)
            return {f"{type_.name}.{name}"} if known is not None and _hidden(known) else set()
        case ListValueNode(values=items):
            return {found for item in items for found in _hidden_in(schema, type_, item)}
        case ObjectValueNode(fields=given) if type_.kind == "input":
            found: set[str] = set()
            for one in given:
                field = type_.fields.get(one.name.value)
                if field is None:
                    continue
                if _hidden(field):
                    found.add(f"{type_.name}.{field.name}")
                below = schema.types.get(named_type(field.type))
                if below is not None:
                    found |= _hidden_in(schema, below, one.value)
            return found
        case _:
            return set()
