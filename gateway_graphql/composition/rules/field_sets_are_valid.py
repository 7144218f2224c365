"""
Spec: KEY_… PROVIDES_… REQUIRES_INVALID_FIELDS, …_INVALID_FIELDS_TYPE, …_DIRECTIVE_IN_FIELDS_ARG,
…_FIELDS_HAS_ARGS, …_UNSUPPORTED_ON_INTERFACE, PROVIDES_… REQUIRES_FIELDS_MISSING_EXTERNAL,
KEY_FIELDS_SELECT_INVALID_TYPE.

A field set names fields that are there, in the form that its directive allows.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.field_sets import InvalidFieldSet, parse_field_set, selected_fields
from gateway_graphql.composition.model import Applied, FieldModel, TypeModel, named_type
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["field_set_is_valid", "field_sets_are_valid"]


def field_sets_are_valid(subgraph: ReadSubgraph) -> Iterator[Diagnostic]:
    """Look at each ``@key``, ``@provides`` and ``@requires``."""
    for type_ in subgraph.schema.of_kind("object", "interface"):
        yield from _keys(subgraph, type_)
        for field in type_.fields.values():
            coordinate = f"{type_.name}.{field.name}"
            for applied in field.all("requires"):
                if type_.kind == "interface":
                    yield _on_interface(subgraph, "requires", coordinate)
                yield from field_set_is_valid(subgraph, applied, coordinate, type_.name)
            for applied in field.all("provides"):
                yield from _provides(subgraph, applied, type_, field)


def _keys(subgraph: ReadSubgraph, type_: TypeModel) -> Iterator[Diagnostic]:
    version = subgraph.links.version()
    for applied in type_.entity_keys():
        if type_.kind == "interface" and version is not None and version < (2, 3):
            yield _on_interface(subgraph, "key", type_.name)
        yield from field_set_is_valid(subgraph, applied, type_.name, type_.name)


def _provides(subgraph: ReadSubgraph, applied: Applied, type_: TypeModel, field: FieldModel) -> Iterator[Diagnostic]:
    coordinate = f"{type_.name}.{field.name}"
    if type_.kind == "interface":
        yield _on_interface(subgraph, "provides", coordinate)
    yield from field_set_is_valid(subgraph, applied, coordinate, named_type(field.type))


def _on_interface(subgraph: ReadSubgraph, directive: str, coordinate: str) -> Diagnostic:
    advice = "link federation v2.3 or later" if directive == "key" else "put it on the implementations"
    return Diagnostic(
        f"{directive.upper()}_UNSUPPORTED_ON_INTERFACE",
        f"@{directive} cannot be used on an interface here; {advice}",
        (subgraph.name,),
        coordinate,
    )


def field_set_is_valid(subgraph: ReadSubgraph, applied: Applied, coordinate: str, parent: str) -> Iterator[Diagnostic]:
    """One field set, on the type that it selects from."""
    prefix = applied.name.upper()

    def problem(code: str, message: str) -> Diagnostic:
        return Diagnostic(f"{prefix}_{code}", f"{applied.text()}: {message}", (subgraph.name,), coordinate)

    text = applied.get("fields")
    if not isinstance(text, str) or applied.arguments["fields"].kind != "string_value":
        yield problem("INVALID_FIELDS_TYPE", 'the fields must be a string, like "id"')
        return
    try:
        selections = parse_field_set(text)
        if any(isinstance(node, FieldNode) and node.alias for node in _nodes(selections)):
            raise InvalidFieldSet("a field set cannot rename fields; remove the alias")
        selected = []
        for one in selected_fields(subgraph.schema, parent, text):
            target = subgraph.schema.types.get(named_type(one.field.type))
            if applied.name == "key" and target is not None and target.kind in ("interface", "union"):
                yield problem(
                    "FIELDS_SELECT_INVALID_TYPE",
                    f'"{one.coordinate}" has the {target.kind} "{target.name}" for a type; a key cannot have that',
                )
                return
            selected.append(one)
    except InvalidFieldSet as error:
        yield problem("INVALID_FIELDS", str(error))
        return
    if any(node.directives for node in _nodes(selections)):
        yield problem("DIRECTIVE_IN_FIELDS_ARG", "a field set cannot have directives; remove them")
    if applied.name != "requires":
        for one in selected:
            if one.field.arguments or one.node.arguments:
                yield problem("FIELDS_HAS_ARGS", f'"{one.coordinate}" has arguments; name a field without any')
    if applied.name != "key":
        for one_coordinate in _not_external(subgraph, parent, selections):
            yield problem(
                "FIELDS_MISSING_EXTERNAL",
                f'"{one_coordinate}" is resolved here; mark it @external, or leave it out',
            )


def _nodes(selections: SelectionSetNode) -> Iterator[FieldNode | InlineFragmentNode]:
    """Everything selected, at any depth."""
    for node in selections.selections:
        if isinstance(node, FieldNode | InlineFragmentNode):
            yield node
            if node.selection_set is not None:
                yield from _nodes(node.selection_set)


def _not_external(
    subgraph: ReadSubgraph, parent: str, selections: SelectionSetNode, under_external: bool = False
) -> Iterator[str]:
    """Leaves that the subgraph resolves itself, so that naming them does nothing."""
    schema, externals = subgraph.schema, subgraph.externals
    for node in selections.selections:
        if isinstance(node, InlineFragmentNode):
            name = node.type_condition.name.value if node.type_condition else parent
            yield from _not_external(subgraph, name, node.selection_set, under_external)
        elif isinstance(node, FieldNode) and node.name.value == "__typename":
            if not under_external:
                yield f"{parent}.__typename"
        elif isinstance(node, FieldNode):
            field = schema.types[parent].fields[node.name.value]
            external = under_external or externals.is_external(parent, field.name)
            if node.selection_set is not None and schema.types[parent].kind == "interface":
                # On the way through an interface, its implementations say what is external.
                external = external or any(
                    externals.is_external(t.name, field.name) for t in schema.implementations(parent)
                )
            if node.selection_set is not None:
                yield from _not_external(subgraph, named_type(field.type), node.selection_set, external)
            elif not external:
                yield f"{parent}.{field.name}"
