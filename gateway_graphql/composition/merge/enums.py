"""
Enums: what may be answered can grow, what may be sent must be understood by all.

Spec: ENUM_VALUE_MISMATCH, EMPTY_MERGED_ENUM_TYPE. Merged last, because it depends on how the enum is used.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway_graphql.composition.merge.descriptions import merge_description
from gateway_graphql.composition.merge.directives import merge_directives
from gateway_graphql.composition.merge.merging import Merging
from gateway_graphql.composition.model import EnumValueModel, TypeModel, named_type
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["EnumUse", "enum_uses", "merge_enum"]


class EnumUse(frozenset[str]):
    """``{"output"}``, ``{"input"}``, both, or nothing."""


def enum_uses(merging: Merging) -> dict[str, EnumUse]:
    """How each enum is used."""
    schema = merging.merged
    uses: dict[str, set[str]] = {t.name: set() for t in schema.of_kind("enum")}
    for type_ in schema.of_kind("object", "interface"):
        for field in type_.fields.values():
            uses.get(named_type(field.type), set()).add("output")
            for argument in field.arguments.values():
                uses.get(named_type(argument.type), set()).add("input")
    for subgraph in merging.subgraphs:
        # An input field counts even if it was left out, since a subgraph that has it may still be sent its values.
        for type_ in subgraph.schema.of_kind("input"):
            for field in type_.fields.values():
                uses.get(named_type(field.type), set()).add("input")
    for definition in schema.definitions.values():
        for argument in definition.arguments.values():
            uses.get(named_type(argument.type), set()).add("input")
    return {name: EnumUse(use) for name, use in uses.items()}


def merge_enum(
    merging: Merging, target: TypeModel, having: Sequence[tuple[ReadSubgraph, TypeModel]], use: EnumUse
) -> None:
    """Fill the merged enum."""
    if not use:
        merging.findings.hint(
            "UNUSED_ENUM_TYPE",
            target.name,
            "nothing uses it, so the values of all subgraphs were taken; remove it, or use it in a field or an argument",
            [s.name for s, _ in having],
        )
    for name in dict.fromkeys(name for _, type_ in having for name in type_.values):
        value = _merge_value(merging, target.name, name, having, use)
        if value is not None:
            target.values[name] = value
    if not target.values:
        merging.findings.error(
            "EMPTY_MERGED_ENUM_TYPE",
            target.name,
            "no value of it is in all subgraphs that have it, so nothing is left; agree on at least one value",
            [s.name for s, _ in having],
        )


def _merge_value(
    merging: Merging,
    enum: str,
    name: str,
    having: Sequence[tuple[ReadSubgraph, TypeModel]],
    use: EnumUse,
) -> EnumValueModel | None:
    coordinate = f"{enum}.{name}"
    sources = [(s, t.values[name]) for s, t in having if name in t.values]
    missing = [s.name for s, t in having if name not in t.values]
    hidden = any(v.has("inaccessible") for _, v in sources)
    value = EnumValueModel(name)
    merge_description(merging, coordinate, value, sources)
    if missing and "input" not in use:
        merging.findings.hint(
            "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM",
            coordinate,
            "some subgraphs do not have it; add it there if they can answer it",
            missing,
        )
    elif missing and not hidden:
        if use == {"input"}:
            merging.findings.hint(
                "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
                coordinate,
                "it was left out, because not every subgraph with the enum has it; add it here as well",
                missing,
            )
            return None
        merging.findings.error(
            "ENUM_VALUE_MISMATCH",
            coordinate,
            "the enum is sent and answered, so all subgraphs must have the same values; "
            "add this one, or make it @inaccessible where it is",
            missing,
        )
    for subgraph, _ in sources:
        merging.join(value, "enumValue", subgraph.name)
    merge_directives(merging, coordinate, value, sources)
    return value
