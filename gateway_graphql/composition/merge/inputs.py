"""
Input objects: only the fields that every subgraph with the type understands.

Spec: REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH, EMPTY_MERGED_INPUT_TYPE, FIELD_TYPE_MISMATCH,
INPUT_FIELD_DEFAULT_MISMATCH.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway_graphql.composition.merge.arguments import merge_default
from gateway_graphql.composition.merge.descriptions import merge_description
from gateway_graphql.composition.merge.directives import merge_directives
from gateway_graphql.composition.merge.merging import Merging
from gateway_graphql.composition.merge.types import common_input_type
from gateway_graphql.composition.model import FieldModel, TypeModel
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["merge_input"]


def merge_input(merging: Merging, target: TypeModel, having: Sequence[tuple[ReadSubgraph, TypeModel]]) -> None:
    """Fill the merged input object."""
    names = dict.fromkeys(name for _, type_ in having for name in type_.fields)
    others = [
        s.name for s in merging.subgraphs if target.name in s.schema.types and s.name not in {h.name for h, _ in having}
    ]
    for name in names:
        field = _merge_input_field(merging, f"{target.name}.{name}", name, having, others)
        if field is not None:
            target.fields[name] = field
    if not target.fields:
        merging.findings.error(
            "EMPTY_MERGED_INPUT_TYPE",
            target.name,
            "no field of it is in all subgraphs that have the type, so nothing is left; agree on at least one field",
            [s.name for s, _ in having],
        )


def _merge_input_field(
    merging: Merging,
    coordinate: str,
    name: str,
    having: Sequence[tuple[ReadSubgraph, TypeModel]],
    others: Sequence[str],
) -> FieldModel | None:
    sources = [(s, t.fields[name]) for s, t in having if name in t.fields]
    # Where the type is of another kind, the field is missing as well.
    missing = [s.name for s, t in having if name not in t.fields] + list(others)
    hidden = any(f.has("inaccessible") for _, f in sources)
    types = [f.type for _, f in sources]
    type_ = common_input_type(merging.merged, types)
    if type_ is None:
        merging.findings.error(
            "FIELD_TYPE_MISMATCH",
            coordinate,
            "it has types that do not fit together: "
            + ", ".join(f'"{f.type}" in "{s.name}"' for s, f in sources)
            + "; make them equal",
            [s.name for s, _ in sources],
        )
        type_ = types[0]  # so that the other checks can go on
    field = FieldModel(name, type_)
    differ = len(set(types)) > 1
    if differ:
        merging.findings.hint(
            "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
            coordinate,
            f'the subgraphs have different types that fit together; "{type_}" was taken; make them equal',
            [s.name for s, f in sources if f.type != type_],
        )
    field.default = merge_default(
        merging, coordinate, "INPUT_FIELD_DEFAULT_MISMATCH", [(s, f.default) for s, f in sources]
    )
    if differ or missing:
        for subgraph, source in sources:
            merging.join(field, "field", subgraph.name, type=source.type if differ else None)
    merge_description(merging, coordinate, field, sources)
    # Where the subgraphs differ is worth knowing, even if the field goes.
    if missing and not hidden:
        required = [s.name for s, f in sources if f.required]
        if required:
            merging.findings.error(
                "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
                coordinate,
                f"it must be given here, but is not known in {', '.join(missing)}; add it there, or make it optional",
                required,
            )
        else:
            merging.findings.hint(
                "INCONSISTENT_INPUT_OBJECT_FIELD",
                coordinate,
                "it was left out, because not every subgraph with the type has it; add it here as well",
                missing,
            )
        return None
    merge_directives(merging, coordinate, field, sources)
    return field
