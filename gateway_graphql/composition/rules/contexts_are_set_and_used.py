"""
Spec: CONTEXT_NOT_SET, CONTEXT_INVALID_SELECTION, NO_CONTEXT_IN_SELECTION, CONTEXT_NO_RESOLVABLE_KEY,
CONTEXT_NAME_INVALID.

``@fromContext(field: "$user { locale }")`` takes one value from a type above that sets the context ``user``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.externals import parse_context_argument
from gateway_graphql.composition.field_sets import InvalidFieldSet, fields_of, parse_field_set
from gateway_graphql.composition.model import ArgumentModel, TypeModel, is_list, nullable
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["contexts_are_set_and_used"]

_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9]*$")


def contexts_are_set_and_used(subgraph: ReadSubgraph) -> Iterator[Diagnostic]:
    """Look at every context that is set, and at every argument that is taken from one."""
    setters: dict[str, list[TypeModel]] = {}
    for type_ in subgraph.schema.types.values():
        for applied in type_.all("context"):
            name = str(applied.get("name"))
            setters.setdefault(name, []).append(type_)
            if not _NAME.match(name):
                yield Diagnostic(
                    "CONTEXT_NAME_INVALID",
                    f'"{name}" is no name for a context; use letters and digits, a letter first',
                    (subgraph.name,),
                    type_.name,
                )
    for definition in subgraph.schema.definitions.values():
        for argument in definition.arguments.values():
            if argument.has("fromContext"):
                yield Diagnostic(
                    "CONTEXT_NOT_SET",
                    "an argument of a directive cannot be taken from a context; remove @fromContext",
                    (subgraph.name,),
                    f"@{definition.name}({argument.name}:)",
                )
    for type_ in subgraph.schema.of_kind("object", "interface"):
        for field in type_.fields.values():
            for argument in field.arguments.values():
                if argument.has("fromContext"):
                    coordinate = f"{type_.name}.{field.name}({argument.name}:)"
                    yield from _interfaces(subgraph, type_, field.name, coordinate)
                    yield from _argument(subgraph, type_, argument, coordinate, setters)


def _interfaces(subgraph: ReadSubgraph, type_: TypeModel, field: str, coordinate: str) -> Iterator[Diagnostic]:
    """An interface has the field without the argument, so it could be asked where no context is looked for."""
    for name in type_.interfaces if type_.kind == "object" else ():
        if name in subgraph.schema.types and field in subgraph.schema.types[name].fields:
            yield Diagnostic(
                "CONTEXT_NOT_SET",
                f'"{name}" has the field as well, and a field of an interface cannot use a context; rename one of them',
                (subgraph.name,),
                coordinate,
            )


def _argument(
    subgraph: ReadSubgraph,
    type_: TypeModel,
    argument: ArgumentModel,
    coordinate: str,
    setters: dict[str, list[TypeModel]],
) -> Iterator[Diagnostic]:
    def problem(code: str, message: str) -> Diagnostic:
        return Diagnostic(code, message, (subgraph.name,), coordinate)

    if type_.kind == "interface":
        yield problem("CONTEXT_NOT_SET", "fields of interfaces cannot use a context; use it on the implementations")
        return
    if argument.default is not None:
        yield problem("CONTEXT_NOT_SET", "an argument from a context has no use for a default value; remove it")
    applied = argument.one("fromContext")
    text = str((applied.get("field") if applied else None) or "")
    parsed = parse_context_argument(text)
    if parsed is None or not parsed[1].strip():
        yield problem("NO_CONTEXT_IN_SELECTION", f'"{text}" names no context; write it like "$user {{ locale }}"')
        return
    name, selection = parsed
    if name not in setters:
        yield problem("CONTEXT_NOT_SET", f'no type here sets the context "{name}"; add @context(name: "{name}") to one')
    if not any(key.get("resolvable") is not False for key in type_.entity_keys()):
        yield problem(
            "CONTEXT_NO_RESOLVABLE_KEY",
            f'"{type_.name}" is asked for a second time with the value, so it needs a resolvable @key; add one',
        )
    yield from (
        problem(
            "CONTEXT_INVALID_SELECTION", f'"{text}": no type that sets the context is a "{condition}"; leave it out'
        )
        for condition in _unused_conditions(subgraph, setters.get(name, []), selection)
    )
    for setter in setters.get(name, ()):
        yield from (
            problem("CONTEXT_INVALID_SELECTION", f'"{text}" on "{setter.name}": {message}')
            for message in _selection(subgraph, setter, selection, argument)
        )


def _selection(subgraph: ReadSubgraph, setter: TypeModel, text: str, argument: ArgumentModel) -> Iterator[str]:
    try:
        selections = parse_field_set(text)
    except InvalidFieldSet as error:
        yield str(error)
        return
    relevant, message = _for_setter(subgraph, setter, selections)
    if message:
        yield message
        return
    for possible in relevant:
        try:
            selected = list(
                fields_of(subgraph.schema, setter.name if setter.kind != "union" else possible[0], possible[1])
            )
        except InvalidFieldSet as error:
            yield str(error)
            return
        if any(one.node.directives for one in selected):
            yield "a selection cannot have directives; remove them"
        if any(one.node.alias for one in selected):
            yield "a selection cannot rename fields; remove the alias"
        if not selected or not _comes_down_to_one(possible[1]):
            yield "it must come down to exactly one field; select one, and one inside of it where it has fields"
            return
        if any(one.parent.interface_object for one in selected):
            yield "fields of an @interfaceObject cannot be selected; select others"
        type_ = _value_type([one.field.type for one in selected])
        if not subgraph.schema.is_subtype(type_, argument.type):
            yield f'it gives "{type_}", and the argument takes "{argument.type}"; make the types fit'


def _comes_down_to_one(selections: SelectionSetNode) -> bool:
    """Whether there is one field, and one inside of it, and so on; a type condition may stand around all of it."""
    (first, *others) = selections.selections
    if isinstance(first, InlineFragmentNode) and not others:
        (first, *others) = first.selection_set.selections
    while not others and isinstance(first, FieldNode) and first.selection_set:
        (first, *others) = first.selection_set.selections
    return not others and isinstance(first, FieldNode)


def _unused_conditions(subgraph: ReadSubgraph, setters: list[TypeModel], text: str) -> list[str]:
    """Type conditions that apply to none of the types that set the context."""
    try:
        selections = parse_field_set(text).selections
    except InvalidFieldSet:
        return []
    conditions = {
        n.type_condition.name.value for n in selections if isinstance(n, InlineFragmentNode) and n.type_condition
    }
    possible = {name for setter in setters for name in {setter.name} | subgraph.schema.possible(setter.name)}
    return sorted(conditions - possible) if setters else []


def _for_setter(
    subgraph: ReadSubgraph, setter: TypeModel, selections: SelectionSetNode
) -> tuple[list[tuple[str, SelectionSetNode]], str]:
    """The part of the selection that is meant for this setter: with type conditions, only those that apply."""
    fragments = [n for n in selections.selections if isinstance(n, InlineFragmentNode)]
    fields = [n for n in selections.selections if isinstance(n, FieldNode)]
    if fields and fragments:
        return [], "there are fields and fields per type; select only one or the other"
    if fields:
        return [(setter.name, selections)], ""
    possible = subgraph.schema.possible(setter.name)
    chosen = []
    for node in fragments:
        name = node.type_condition.name.value if node.type_condition else ""
        condition = subgraph.schema.types.get(name)
        if not name or (condition is not None and condition.kind != "object"):
            return [], "a fragment must have a type condition, and that must be an object type"
        if name in possible:
            chosen.append((name, SelectionSetNode(selections=(node,))))
    if not chosen:
        return [], f'nothing is selected for "{setter.name}"'
    return chosen, ""


def _value_type(path: list[str]) -> str:
    """The type of what is found at the end of the path: never certain to be there, and a list below a list."""
    type_ = path[-1]
    for outer in reversed(path[:-1]):
        if is_list(nullable(outer)):
            type_ = f"[{type_}]"
    return nullable(type_)
