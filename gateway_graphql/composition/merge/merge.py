"""
From many schemas to one.

The order matters: which interfaces a type implements and which members a union has must be known before types of
fields are compared, and how an enum is used before its values are merged.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway_graphql.composition.diagnostics import Findings
from gateway_graphql.composition.merge.composed_directives import compose_directives, merge_executable_directives
from gateway_graphql.composition.merge.descriptions import merge_description
from gateway_graphql.composition.merge.directives import merge_directives
from gateway_graphql.composition.merge.enums import enum_uses, merge_enum
from gateway_graphql.composition.merge.extensions import extensions_have_a_base
from gateway_graphql.composition.merge.feature_names import name_the_features
from gateway_graphql.composition.merge.fields import merge_fields
from gateway_graphql.composition.merge.inputs import merge_input
from gateway_graphql.composition.merge.interface_keys import interface_keys_are_complete
from gateway_graphql.composition.merge.interface_objects import add_interface_object_fields, check_interface_objects
from gateway_graphql.composition.merge.kinds import merged_kind
from gateway_graphql.composition.merge.merging import Merging, graph_names
from gateway_graphql.composition.merge.propagate_auth import propagate_auth
from gateway_graphql.composition.model import TypeModel
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["Merging", "merge"]

ROOTS = ("Query", "Mutation", "Subscription")


def merge(subgraphs: Sequence[ReadSubgraph], findings: Findings) -> Merging:
    """Merge everything that can be merged; what cannot is in the findings."""
    merging = Merging(
        sorted(subgraphs, key=lambda s: s.name), findings, graphs=graph_names(sorted(s.name for s in subgraphs))
    )
    name_the_features(merging)
    for subgraph in merging.subgraphs:
        subgraph.keep_to_itself()
    compose_directives(merging)
    if findings.errors:
        return merging  # what a directive is called, all the rest depends on
    findings.errors += extensions_have_a_base(merging.subgraphs)
    merge_executable_directives(merging)
    _outline_types(merging)
    for kind in ("object", "interface"):
        for type_ in merging.merged.of_kind(kind):
            merge_fields(merging, type_, merging.having(type_.name))
    for type_ in merging.merged.of_kind("input"):
        merge_input(merging, type_, merging.having(type_.name))
    add_interface_object_fields(merging)
    uses = enum_uses(merging)
    for type_ in merging.merged.of_kind("enum"):
        merge_enum(merging, type_, merging.having(type_.name), uses[type_.name])
    for type_ in merging.merged.types.values():
        merge_directives(merging, type_.name, type_, merging.having(type_.name))
    propagate_auth(merging)
    _merge_schema(merging)
    check_interface_objects(merging)
    findings.errors += interface_keys_are_complete(merging)
    return merging


def _outline_types(merging: Merging) -> None:
    """Every type with what can be known without looking at fields."""
    names = sorted({name for s in merging.subgraphs for name in s.schema.types})
    for name in names:
        having = merging.having(name)
        target = TypeModel(name, merged_kind(merging, name, having))
        having = [(s, t) for s, t in having if t.merged_kind == target.kind]
        merging.merged.types[name] = target
        merge_description(merging, name, target, having)
        for subgraph, type_ in having:
            for interface in type_.interfaces:
                merging.join(target, "implements", subgraph.name, interface=interface)
                if interface not in target.interfaces:
                    target.interfaces.append(interface)
        _join_type(merging, target, having)
        for subgraph, type_ in having:
            for member in type_.members:
                merging.join(target, "unionMember", subgraph.name, member=member)
                if member not in target.members:
                    target.members.append(member)
        _hint_members(merging, target, having)
        target.interfaces.sort()


def _join_type(merging: Merging, target: TypeModel, having: Sequence[tuple[ReadSubgraph, TypeModel]]) -> None:
    for subgraph, type_ in having:
        interface_object = True if type_.interface_object else None
        if not type_.entity_keys():
            merging.join(target, "type", subgraph.name, isInterfaceObject=interface_object)
        for key in type_.entity_keys():
            merging.join(
                target,
                "type",
                subgraph.name,
                key=key.get("fields"),
                extension=True if key.of_extension else None,
                resolvable=False if key.get("resolvable") is False else None,
                isInterfaceObject=interface_object,
            )


def _hint_members(merging: Merging, target: TypeModel, having: Sequence[tuple[ReadSubgraph, TypeModel]]) -> None:
    for member in target.members:
        missing = [s.name for s, t in having if member not in t.members]
        if missing:
            merging.findings.hint(
                "INCONSISTENT_UNION_MEMBER",
                target.name,
                f'"{member}" is no member here, as it is elsewhere; add it if it can be answered',
                missing,
            )


def _merge_schema(merging: Merging) -> None:
    schema = merging.merged
    elements = [(s, s.schema) for s in merging.subgraphs]
    merge_description(merging, "schema", schema, elements)
    merge_directives(merging, "schema", schema, elements)
    roots = {name: schema.types[name] for name in ROOTS if name in schema.types}
    schema.roots = {name.lower(): name for name, type_ in roots.items() if type_.kind == "object" and type_.fields}
    if not schema.roots.get("query"):
        merging.findings.error(
            "NO_QUERIES", "", "no subgraph has a field of the query root; at least one must have one"
        )
