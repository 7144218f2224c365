"""
Fields that an ``@interfaceObject`` adds to an interface come to every implementation.

The implementation has no subgraph of its own for such a field: a bare ``@join__field`` says "through the interface".
"""

from __future__ import annotations

from copy import deepcopy

from gateway_graphql.composition.merge.merging import Merging, Source, names_of
from gateway_graphql.composition.model import Applied, FieldModel, TypeModel

__all__ = ["add_interface_object_fields"]


def add_interface_object_fields(merging: Merging) -> None:
    """Complete the implementations of interfaces that an ``@interfaceObject`` stands for."""
    for interface in list(merging.merged.of_kind("interface")):
        objects = [(s, t) for s, t in merging.having(interface.name) if t.interface_object]
        if not objects:
            continue
        for field in interface.fields.values():
            if not any(field.name in t.fields for _, t in objects):
                continue
            for implementation in merging.merged.implementations(interface.name):
                if field.name not in implementation.fields:
                    implementation.fields[field.name] = _through_the_interface(field)


def _through_the_interface(field: FieldModel) -> FieldModel:
    copied = deepcopy(field)
    carried = [a for a in copied.directives if not a.name.startswith("join__")]
    copied.directives = [Applied("join__field"), *carried]
    return copied


def check_interface_objects(merging: Merging) -> None:
    """Who sees only the interface must not see what implements it."""
    _check_interfaces_exist(merging)
    _check_members(merging)
    for interface in merging.merged.of_kind("interface"):
        having = merging.having(interface.name)
        implementations = {t.name for t in merging.merged.implementations(interface.name)}
        for subgraph, type_ in having:
            if not type_.interface_object:
                continue
            known = sorted(implementations & subgraph.schema.types.keys())
            if known:
                merging.findings.error(
                    "INTERFACE_OBJECT_USAGE_ERROR",
                    interface.name,
                    f"it is an @interfaceObject here, so its implementations cannot be here as well; "
                    f"remove {', '.join(known)}, or @interfaceObject",
                    [subgraph.name],
                )
        _check_sharing(merging, interface)


def _check_interfaces_exist(merging: Merging) -> None:
    """Somebody must have the interface itself."""
    for name in sorted({name for s in merging.subgraphs for name in s.schema.types}):
        having = [(s, s.schema.types[name]) for s in merging.subgraphs if name in s.schema.types]
        if all(t.interface_object for _, t in having):
            merging.findings.error(
                "INTERFACE_OBJECT_USAGE_ERROR",
                name,
                "it is an @interfaceObject in every subgraph that has it; one subgraph must have the interface itself",
                [s.name for s, _ in having],
            )


def _check_members(merging: Merging) -> None:
    """What is an object here, and could be a member of a union, is none in the supergraph."""
    interfaces = {t.name for s in merging.subgraphs for t in s.schema.of_kind("interface")}
    for subgraph in merging.subgraphs:
        for union in subgraph.schema.of_kind("union"):
            for name in sorted(interfaces.intersection(union.members)):
                if subgraph.schema.types[name].interface_object:
                    merging.findings.error(
                        "INTERFACE_OBJECT_USAGE_ERROR",
                        union.name,
                        f'its member "{name}" is an @interfaceObject, and an interface can be no member of a union; '
                        "name its implementations in a subgraph that has them",
                        [subgraph.name],
                    )


def _check_sharing(merging: Merging, interface: TypeModel) -> None:
    """A field of an interface object is a field of each implementation, and shared like any other."""
    objects = [
        Source(s, t, t.fields[name])
        for s, t in merging.having(interface.name)
        if t.interface_object
        for name in t.fields
    ]
    for implementation in merging.merged.implementations(interface.name):
        for name in implementation.fields:
            through = [
                o
                for o in objects
                # One that has the implementation as well is wrong for that reason alone.
                if o.field.name == name and not o.fully_external and implementation.name not in o.subgraph.schema.types
            ]
            own = [Source(s, t, t.fields[name]) for s, t in merging.having(implementation.name) if name in t.fields]
            own = [o for o in own if not o.fully_external]
            if not through or len(own) + len(through) < 2:
                continue
            greedy = [s for s in (*own, *through) if not s.shareable and not s.external]
            if greedy:
                merging.findings.error(
                    "INVALID_FIELD_SHARING",
                    f"{implementation.name}.{name}",
                    f"{', '.join(names_of((*own, *through)))} resolve it, {', '.join(names_of(through))} through the "
                    f'@interfaceObject "{interface.name}"; add @shareable to each of them, or let only one have it',
                    names_of(greedy),
                )
