"""
Spec: COST_APPLIED_TO_INTERFACE_FIELD, LIST_SIZE_APPLIED_TO_NON_LIST, LIST_SIZE_INVALID_ASSUMED_SIZE,
LIST_SIZE_INVALID_SLICING_ARGUMENT, LIST_SIZE_INVALID_SIZED_FIELD.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.model import Applied, FieldModel, SchemaModel, TypeModel, is_list, named_type, nullable
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["costs_are_countable"]


def costs_are_countable(subgraph: ReadSubgraph) -> Iterator[Diagnostic]:
    """``@cost`` stands where something is resolved, and ``@listSize`` where there is a list."""
    for type_ in subgraph.schema.of_kind("object", "interface"):
        for field in type_.fields.values():
            for code, message in _problems(subgraph.schema, type_, field):
                yield Diagnostic(code, message, (subgraph.name,), f"{type_.name}.{field.name}")


def _problems(schema: SchemaModel, type_: TypeModel, field: FieldModel) -> Iterator[tuple[str, str]]:
    if type_.kind == "interface" and field.has("cost"):
        yield (
            "COST_APPLIED_TO_INTERFACE_FIELD",
            "the cost depends on the implementation; put @cost on the fields of the implementations",
        )
    for applied in field.all("listSize"):
        yield from _list_size(schema, field, applied)


def _list_size(schema: SchemaModel, field: FieldModel, applied: Applied) -> Iterator[tuple[str, str]]:
    sized = applied.get("sizedFields") or []
    if not is_list(nullable(field.type)) and not sized:
        yield "LIST_SIZE_APPLIED_TO_NON_LIST", f'"{field.type}" is no list; name the lists below it in "sizedFields"'
    size = applied.get("assumedSize")
    if size is not None and int(size) < 0:
        yield "LIST_SIZE_INVALID_ASSUMED_SIZE", f"a list cannot have {size} items; give 0 or more"
    for name in applied.get("slicingArguments") or []:
        argument = field.arguments.get(name)
        if argument is None:
            yield "LIST_SIZE_INVALID_SLICING_ARGUMENT", f'the field has no argument "{name}"; correct the name'
        elif argument.type not in ("Int", "Int!"):
            yield "LIST_SIZE_INVALID_SLICING_ARGUMENT", f'the argument "{name}" is no Int; name one that is'
    target = schema.types.get(named_type(field.type))
    for name in sized:
        if target is None or not target.composite:
            yield "LIST_SIZE_INVALID_SIZED_FIELD", f'"{field.type}" has no field "{name}"; remove it from "sizedFields"'
        elif name not in target.fields:
            yield "LIST_SIZE_INVALID_SIZED_FIELD", f'"{target.name}" has no field "{name}"; correct the name'
        elif not is_list(nullable(target.fields[name].type)):
            yield "LIST_SIZE_APPLIED_TO_NON_LIST", f'"{target.name}.{name}" is no list; name one that is'
