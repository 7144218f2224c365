"""
Spec: SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES, hint INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN.

Subgraphs that share a field must be able to give the same answer. If what one of them can return has nothing in common
with what another one can, they cannot.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.merge import Merging
from gateway_graphql.composition.model import TypeModel, named_type

__all__ = ["shared_fields_can_agree"]


def shared_fields_can_agree(merging: Merging) -> Iterator[Diagnostic]:
    """Compare the possible types of each shared field that has an abstract type."""
    for type_ in merging.merged.of_kind("object"):
        for name, field in type_.fields.items():
            target = merging.merged.types.get(named_type(field.type))
            if target is None or target.kind not in ("interface", "union"):
                continue
            visible = {
                t for t in merging.merged.possible(target.name) if not merging.merged.types[t].has("inaccessible")
            }
            # The only type of a subgraph may be one that no client sees: then there is nothing to agree about.
            possible = {
                subgraph: types
                for subgraph, types in _possible(merging, type_, name)
                if len(types) != 1 or types <= visible
            }
            if len({frozenset(types) for types in possible.values()}) < 2 or not any(possible.values()):
                continue
            coordinate = f"{type_.name}.{name}"
            shown = ", ".join(
                f"{subgraph}: {', '.join(sorted(types)) or 'none'}" for subgraph, types in possible.items()
            )
            if not set.intersection(visible, *possible.values()):
                yield Diagnostic(
                    "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",
                    f"the subgraphs that share it can never return the same type ({shown}); let one have the field, "
                    "or let them have a type in common",
                    tuple(possible),
                    coordinate,
                )
            else:
                merging.findings.hint(
                    "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
                    coordinate,
                    f"the subgraphs that share it can return different types ({shown})",
                    possible,
                )


def _possible(merging: Merging, type_: TypeModel, name: str) -> Iterator[tuple[str, set[str]]]:
    """What each subgraph that resolves the field can return; one that only sees an interface object cannot tell."""
    having = merging.having(type_.name)
    overrides = [a for _, t in having if name in t.fields for a in t.fields[name].all("override")]
    taken = {applied.get("from") for applied in overrides if applied.get("label") is None}
    for subgraph, source in having:
        if subgraph.name in taken:
            continue
        if name not in source.fields or subgraph.externals.is_fully_external(type_.name, name):
            continue
        if name not in subgraph.externals.used_by_key and not source.fields[name].has("shareable"):
            continue
        target = named_type(source.fields[name].type)
        if subgraph.schema.types[target].interface_object:
            continue
        yield subgraph.name, subgraph.schema.possible(target)
