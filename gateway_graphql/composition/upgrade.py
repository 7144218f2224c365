"""
Federation 1 subgraphs, read as if they had been written for Federation 2.

Spec: TYPE_WITH_ONLY_UNUSED_EXTERNAL, INTERFACE_OBJECT_USAGE_ERROR. Federation 1 let every subgraph share value types
without saying so, made people mark key fields ``@external``, and forgave field sets that do nothing. Each step below
undoes one of these habits; afterwards the subgraph is held to the rules of Federation 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from graphql import FieldNode, InlineFragmentNode, SelectionNode, SelectionSetNode, print_ast

from gateway_graphql.composition.diagnostics import Diagnostic, Findings
from gateway_graphql.composition.externals import external_fields
from gateway_graphql.composition.field_sets import InvalidFieldSet, parse_field_set, selected_fields
from gateway_graphql.composition.link import spec_names_taken
from gateway_graphql.composition.merge.extensions import without_base
from gateway_graphql.composition.merge.merging import constant
from gateway_graphql.composition.model import Applied, FieldModel, SchemaModel, TypeModel, named_type
from gateway_graphql.composition.subgraph import ENTITY_TYPES, ReadSubgraph

__all__ = ["misplaced_interface_objects", "upgrade"]

ROOTS = ("Query", "Mutation", "Subscription")


def upgrade(subgraphs: Sequence[ReadSubgraph], findings: Findings) -> list[ReadSubgraph]:
    """Upgrade every Federation 1 subgraph, in the light of all the others; give those with which it could be done."""
    problems = len(findings.errors)
    old = []
    for subgraph in (s for s in subgraphs if s.federation_1):
        if taken := spec_names_taken(subgraph.name, subgraph.links):
            findings.errors += taken
        elif len(subgraphs) > 1 and (lacking := _shareable_nowhere(subgraph)):
            findings.errors += lacking
        else:
            old.append(subgraph)
            findings.errors += _extensions_without_base(subgraph, subgraphs)
    keyed = {subgraph.name: external_fields(subgraph.schema).used_by_key for subgraph in old}
    for subgraph in old:
        _drop_external_of_interfaces(subgraph.schema)
        _drop_external_of_keys(subgraph, subgraphs)
        _drop_idle_field_sets(subgraph.schema)
        _drop_federation_of_interfaces(subgraph.schema)
        _drop_unused_externals(subgraph, findings)
    for subgraph in old:
        _share(subgraph, subgraphs, keyed[subgraph.name])
        _drop_tags_of_externals(subgraph, subgraphs)
        _own(subgraph.schema)
    failed = {name for error in findings.errors[problems:] for name in error.subgraphs}
    return [s for s in old if s.name not in failed]


def misplaced_interface_objects(subgraphs: Sequence[ReadSubgraph]) -> Iterator[Diagnostic]:
    """
    A key on an interface meant nothing in Federation 1: nobody can be asked by it what a thing is.

    To be asked before the upgrade, which removes such keys.
    """
    for subgraph in subgraphs:
        for type_ in subgraph.schema.of_kind("object"):
            keyed = [
                s.name
                for s in subgraphs
                if s.federation_1
                and (there := s.schema.types.get(type_.name))
                and there.kind == "interface"
                and there.entity_keys()
            ]
            if type_.interface_object and keyed:
                yield Diagnostic(
                    "INTERFACE_OBJECT_USAGE_ERROR",
                    f"{', '.join(keyed)} has a @key on the interface, but as a Federation 1 subgraph cannot be asked "
                    "by it; link federation v2.3 or later there",
                    (subgraph.name,),
                    type_.name,
                )


def _extensions_without_base(subgraph: ReadSubgraph, subgraphs: Sequence[ReadSubgraph]) -> Iterator[Diagnostic]:
    for type_ in subgraph.schema.of_kind("object", "interface"):
        there = [s.schema.types[type_.name] for s in subgraphs if s is not subgraph and type_.name in s.schema.types]
        based = any(t.kind in ("object", "interface") and not t.only_extended for t in there)
        if type_.name not in ROOTS and type_.extension_only and not based:
            yield without_base(subgraph, type_)


def _own(schema: SchemaModel) -> None:
    """Every type is everybody's in Federation 2."""
    for type_ in schema.of_kind("object", "interface"):
        type_.extension_only = False


def _drop_external_of_interfaces(schema: SchemaModel) -> None:
    for type_ in schema.of_kind("interface"):
        for field in type_.fields.values():
            field.drop("external")


def _drop_external_of_keys(subgraph: ReadSubgraph, subgraphs: Sequence[ReadSubgraph]) -> None:
    """
    The key fields of an extension are everybody's.

    Others made a string of a list before they look: a key that was a list no longer makes an extension of a type, and
    where another subgraph wrote one, it is not seen.
    """
    for type_ in subgraph.schema.of_kind("object", "interface"):
        own = type_.entity_keys()
        if not type_.extension_only or any(key.rewritten and not key.of_extension for key in own):
            continue
        theirs = [
            s.schema.types[type_.name].entity_keys()[0]
            for s in subgraphs
            if s is not subgraph and _has_key(s.schema, type_.name)
        ]
        for key in own or [key for key in theirs if not key.rewritten]:
            for name in _top_level(key):
                if name in type_.fields:
                    type_.fields[name].drop("external")


def _has_key(schema: SchemaModel, name: str) -> bool:
    return name in schema.types and bool(schema.types[name].entity_keys())


def _top_level(key: Applied) -> list[str]:
    try:
        selections = parse_field_set(str(key.get("fields"))).selections
    except InvalidFieldSet:
        return []
    return [node.name.value for node in selections if isinstance(node, FieldNode)]


def _drop_idle_field_sets(schema: SchemaModel) -> None:
    """A part of ``@requires`` or ``@provides`` that names only what the subgraph resolves anyway does nothing."""
    for type_ in schema.of_kind("object", "interface"):
        for field in type_.fields.values():
            for name, parent in (("requires", type_.name), ("provides", named_type(field.type))):
                for applied in field.all(name):
                    if name == "provides" and not (parent in schema.types and schema.types[parent].composite):
                        field.drop(name)
                    else:
                        _drop_idle_parts(schema, field, applied, parent)


def _drop_idle_parts(schema: SchemaModel, field: FieldModel, applied: Applied, parent: str) -> None:
    text = applied.get("fields")
    if not isinstance(text, str):
        return
    try:
        list(selected_fields(schema, parent, text))
        selections = parse_field_set(text)
    except InvalidFieldSet:
        return  # the rules will say so
    kept = _active(schema, parent, selections, under_external=False)
    if kept is None:
        field.directives.remove(applied)
    elif kept != selections:
        applied.arguments = {"fields": constant(_inline(kept))}


def _active(
    schema: SchemaModel, parent: str, selections: SelectionSetNode, *, under_external: bool
) -> SelectionSetNode | None:
    kept: list[SelectionNode] = []
    for node in selections.selections:
        match node:
            case FieldNode():
                field = schema.types[parent].fields.get(node.name.value)
                if field is None:
                    continue
                external = under_external or field.has("external")
                if node.selection_set is None:
                    if external:
                        kept.append(node)
                    continue
                below = _active(schema, named_type(field.type), node.selection_set, under_external=external)
                if below is not None:
                    kept.append(
                        FieldNode(name=node.name, alias=node.alias, arguments=node.arguments, selection_set=below)
                    )
            case InlineFragmentNode():
                name = node.type_condition.name.value if node.type_condition else parent
                below = _active(schema, name, node.selection_set, under_external=under_external)
                if below is not None:
                    kept.append(InlineFragmentNode(type_condition=node.type_condition, selection_set=below))
            case _:
                kept.append(node)
    return SelectionSetNode(selections=tuple(kept)) if kept else None


def _inline(selections: SelectionSetNode) -> str:
    return " ".join(" ".join(print_ast(node) for node in selections.selections).split())


def _drop_federation_of_interfaces(schema: SchemaModel) -> None:
    for type_ in schema.of_kind("interface"):
        type_.drop("key")
        for field in type_.fields.values():
            field.drop("requires")
            field.drop("provides")


def _drop_unused_externals(subgraph: ReadSubgraph, findings: Findings) -> None:
    """
    Remove what is external and needed by nothing.

    What only one of the removed fields needed stays, and counts as needed: so it was for everybody who upgraded.
    """
    externals = subgraph.externals
    for type_ in list(subgraph.schema.of_kind("object", "interface")):
        unused = [
            name
            for name, field in type_.fields.items()
            if field.has("external") and not externals.is_used(type_.name, name)
        ]
        for name in unused:
            del type_.fields[name]
        # The query root has the fields of federation itself, whatever else goes.
        if not unused or type_.fields or type_.name == "Query":
            continue
        if type_.name in ROOTS or _referenced(subgraph.schema, type_.name):
            findings.error(
                "TYPE_WITH_ONLY_UNUSED_EXTERNAL",
                type_.name,
                "it has only @external fields that nothing here needs; "
                "remove the type, or use the fields in a key or @requires",
                [subgraph.name],
            )
        else:
            del subgraph.schema.types[type_.name]


def _referenced(schema: SchemaModel, name: str) -> bool:
    """An entity can be asked for by its key, whoever has it for the type of a field; and so can the SDL."""
    return (
        name in ENTITY_TYPES
        or bool(schema.types[name].entity_keys())
        or any(named_type(field.type) == name for type_ in schema.types.values() for field in type_.fields.values())
        or any(name in type_.members for type_ in schema.types.values())
    )


def _shareable_nowhere(subgraph: ReadSubgraph) -> list[Diagnostic]:
    """Where it cannot be said that something is shared. Every subgraph has a field with its SDL, and the type of that."""
    needed = {"OBJECT", "FIELD_DEFINITION"}
    return [
        Diagnostic(
            "INVALID_GRAPHQL",
            f"Federation 2 needs it on {location}; leave the definition out, it comes with the specification",
            (subgraph.name,),
            "@shareable",
        )
        for location in sorted(needed - subgraph.places.get("shareable", needed))
    ]


def _share(subgraph: ReadSubgraph, subgraphs: Sequence[ReadSubgraph], keyed: Set[str]) -> None:
    """
    What Federation 1 allowed to be shared silently is marked ``@shareable``.

    :param keyed: the fields of keys before the upgrade. Those of an interface's key need no mark either, though the key
        has gone: whoever shares them has to say so.
    """
    others = [s for s in subgraphs if s is not subgraph]
    for type_ in subgraph.schema.of_kind("object"):
        elsewhere = [(s, s.schema.types[type_.name]) for s in others if type_.name in s.schema.types]
        if not elsewhere:
            continue
        is_value = not type_.entity_keys() and type_.name not in ROOTS
        for name, field in type_.fields.items():
            coordinate = f"{type_.name}.{name}"
            if field.has("shareable") or coordinate in (subgraph.externals.used_by_key if is_value else keyed):
                continue
            if is_value or any(_resolves(s, other, name) for s, other in elsewhere):
                field.directives.append(Applied("shareable"))


def _resolves(subgraph: ReadSubgraph, type_: TypeModel, name: str) -> bool:
    return name in type_.fields and not subgraph.externals.is_fully_external(type_.name, name)


def _drop_tags_of_externals(subgraph: ReadSubgraph, subgraphs: Sequence[ReadSubgraph]) -> None:
    for type_ in subgraph.schema.of_kind("object"):
        for name, field in type_.fields.items():
            if not field.has("external") or not field.has("tag"):
                continue
            resolved = [
                s.schema.types[type_.name].fields[name]
                for s in subgraphs
                if s is not subgraph
                and type_.name in s.schema.types
                and name in s.schema.types[type_.name].fields
                and not s.externals.is_external(type_.name, name)
            ]
            tags = {applied.get("name") for other in resolved for applied in other.all("tag")}
            field.directives = [a for a in field.directives if not (a.name == "tag" and a.get("name") in tags)]
