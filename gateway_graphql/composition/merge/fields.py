"""Fields of objects and interfaces: one field out of those that the subgraphs have."""

from __future__ import annotations

from collections.abc import Sequence

from gateway_graphql.composition.externals import parse_context_argument
from gateway_graphql.composition.merge.arguments import merge_arguments
from gateway_graphql.composition.merge.check_externals import check_externals
from gateway_graphql.composition.merge.descriptions import merge_description
from gateway_graphql.composition.merge.directives import merge_directives
from gateway_graphql.composition.merge.merging import Merging, Source, constant, names_of
from gateway_graphql.composition.merge.overrides import Overrides, find_overrides
from gateway_graphql.composition.merge.sharing import check_sharing
from gateway_graphql.composition.merge.types import common_output_type
from gateway_graphql.composition.model import FieldModel, TypeModel, named_type
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["merge_fields"]

ROOTS = ("Query", "Mutation", "Subscription")


def merge_fields(merging: Merging, target: TypeModel, having: Sequence[tuple[ReadSubgraph, TypeModel]]) -> None:
    """Fill the merged type with the union of all fields."""
    _hint_entity(merging, target, having)
    names = list(dict.fromkeys(name for _, type_ in having for name in type_.fields))
    for name in names:
        sources = [Source(s, t, t.fields[name]) for s, t in having if name in t.fields]
        _hint_presence(merging, target, name, having)
        field = _merge_field(merging, target, name, sources, having)
        if field is not None:
            target.fields[name] = field


def _hint_presence(
    merging: Merging, target: TypeModel, name: str, having: Sequence[tuple[ReadSubgraph, TypeModel]]
) -> None:
    """A value type is nobody's in particular, so one expects it to be the same everywhere."""
    missing = [s.name for s, t in having if name not in t.fields]
    if not missing or target.name in ROOTS:
        return
    if target.kind == "interface":
        if not any(t.interface_object or t.entity_keys() for _, t in having):
            merging.findings.hint(
                "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD",
                f"{target.name}.{name}",
                "some subgraphs with the interface do not have the field; add it there if they can answer it",
                missing,
            )
    elif not any(t.entity_keys() for _, t in having):
        merging.findings.hint(
            "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD",
            f"{target.name}.{name}",
            "some subgraphs with the type do not have the field; add it there if they can answer it",
            missing,
        )


def _hint_entity(merging: Merging, target: TypeModel, having: Sequence[tuple[ReadSubgraph, TypeModel]]) -> None:
    without = [s.name for s, t in having if not t.entity_keys()]
    if target.kind == "object" and without and len(without) < len(having):
        merging.findings.hint(
            "INCONSISTENT_ENTITY",
            target.name,
            "some subgraphs have the type without a @key; add one there if it can be asked for",
            without,
        )


def _merge_field(
    merging: Merging,
    target: TypeModel,
    name: str,
    sources: Sequence[Source],
    having: Sequence[tuple[ReadSubgraph, TypeModel]],
) -> FieldModel | None:
    coordinate = f"{target.name}.{name}"
    overrides = find_overrides(merging, coordinate, sources)
    resolving = [s for s in sources if not s.external]
    if not resolving:
        if not _given_by_interface_object(merging, target, name):
            merging.findings.error(
                "EXTERNAL_MISSING_ON_BASE",
                coordinate,
                "it is @external in every subgraph that has it; one subgraph must resolve it, "
                "so remove @external there, or add the field to the subgraph it comes from",
                names_of(sources),
            )
        return None
    check_sharing(merging, target, coordinate, sources, overrides)
    # Where the types do not fit together, the first one stands for them, so that the other checks can go on.
    field = FieldModel(name, _type(merging, coordinate, resolving) or resolving[0].field.type)
    elements = [(s.subgraph, s.field) for s in resolving]
    merge_description(merging, coordinate, field, elements)
    field.arguments = merge_arguments(merging, coordinate, [(s.subgraph, s.field.arguments) for s in resolving])
    externals = [s for s in sources if s.external]
    check_externals(merging, coordinate, field, externals, types_differ=len({s.field.type for s in resolving}) > 1)
    _join(merging, field, sources, having, overrides)
    merge_directives(merging, coordinate, field, elements, [(s.subgraph, s.field) for s in externals])
    _forget_slicing_arguments(field)
    return field


def _forget_slicing_arguments(field: FieldModel) -> None:
    """An argument that not every subgraph has is left out of the supergraph, so nobody can give it to size a list."""
    for applied in field.all("listSize"):
        wanted = applied.get("slicingArguments") or []
        kept = [path for path in wanted if path.partition(".")[0] in field.arguments]
        if kept != wanted:
            rest = {name: value for name, value in applied.arguments.items() if name != "slicingArguments"}
            applied.arguments = {"slicingArguments": constant(kept), **rest} if kept else rest


def _type(merging: Merging, coordinate: str, resolving: Sequence[Source]) -> str | None:
    types = [s.field.type for s in resolving]
    found = common_output_type(merging.merged, types)
    if found is not None and len(set(types)) > 1 and any(_of_another_kind(merging, s, found) for s in resolving):
        found = None
    if found is None:
        shown = ", ".join(f'"{s.field.type}" in "{s.name}"' for s in resolving)
        merging.findings.error(
            "FIELD_TYPE_MISMATCH",
            coordinate,
            f"it has types that do not fit together: {shown}; make them equal",
            names_of(resolving),
        )
    elif len(set(types)) > 1:
        merging.findings.hint(
            "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
            coordinate,
            f'the subgraphs have different types that fit together; "{found}" was taken; make them equal',
            names_of(s for s in resolving if s.field.type != found),
        )
    return found


def _of_another_kind(merging: Merging, source: Source, type_: str) -> bool:
    """Whether the type is no interface or union where the source has it: then it stands for nothing else there."""
    there = source.subgraph.schema.types.get(named_type(type_))
    merged = merging.merged.types.get(named_type(type_))
    return source.field.type == type_ and there is not None and merged is not None and there.kind != merged.kind


def _given_by_interface_object(merging: Merging, target: TypeModel, name: str) -> bool:
    return any(
        type_.interface_object
        and name in type_.fields
        and not subgraph.externals.is_external(interface, name)
        and target.name not in subgraph.schema.types
        for interface in target.interfaces
        for subgraph, type_ in merging.having(interface)
    )


def _join(
    merging: Merging,
    field: FieldModel,
    sources: Sequence[Source],
    having: Sequence[tuple[ReadSubgraph, TypeModel]],
    overrides: Overrides,
) -> None:
    """Say where the field is, unless it is everywhere and the same."""
    contexts = {s.name: _context_arguments(merging, s) for s in sources}
    types_differ = len({s.field.type for s in sources}) > 1 or any(s.field.type != field.type for s in sources)
    present = [s for s in sources if s.name not in overrides.gone]
    if not (
        types_differ
        or overrides.kept
        or overrides.labels
        or any(contexts.values())
        or len(present) < len(having)
        or any(s.external or s.field.has("requires") or s.field.has("provides") for s in present)
    ):
        return
    for source in present:
        requires, provides = source.field.one("requires"), source.field.one("provides")
        override = source.field.one("override")
        merging.join(
            field,
            "field",
            source.name,
            requires=requires.get("fields") if requires else None,
            provides=provides.get("fields") if provides else None,
            override=override.get("from") if override else None,
            type=source.field.type if types_differ else None,
            external=True if source.external else None,
            usedOverridden=True if source.name in overrides.kept else None,
            overrideLabel=overrides.labels.get(source.name),
            contextArguments=contexts[source.name] or None,
        )


def _context_arguments(merging: Merging, source: Source) -> list[dict[str, str]]:
    found = []
    for argument in source.field.arguments.values():
        applied = argument.one("fromContext")
        parsed = parse_context_argument(str(applied.get("field"))) if applied else None
        if parsed is None:
            continue
        found.append(
            {
                "context": f"{merging.graphs[source.name].lower()}__{parsed[0]}",
                "name": argument.name,
                "type": argument.type,
                "selection": parsed[1],
            }
        )
    return found
