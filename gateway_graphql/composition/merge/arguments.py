"""
Arguments: only those that every subgraph understands, as strict as the strictest.

Spec: REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH, FIELD_ARGUMENT_TYPE_MISMATCH, FIELD_ARGUMENT_DEFAULT_MISMATCH,
CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphql import ConstValueNode

from gateway_graphql.composition.merge.descriptions import merge_description
from gateway_graphql.composition.merge.directives import merge_directives
from gateway_graphql.composition.merge.merging import Merging
from gateway_graphql.composition.merge.types import common_input_type
from gateway_graphql.composition.model import ArgumentModel, plain
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["merge_arguments", "merge_default"]

Arguments = Mapping[str, ArgumentModel]


def merge_arguments(
    merging: Merging, coordinate: str, sources: Sequence[tuple[ReadSubgraph, Arguments]]
) -> dict[str, ArgumentModel]:
    """The arguments that can be given, whoever resolves the field."""
    names = dict.fromkeys(name for _, arguments in sources for name in arguments)
    merged: dict[str, ArgumentModel] = {}
    for name in names:
        argument = _merge_argument(merging, f"{coordinate}({name}:)", name, sources)
        if argument is not None:
            merged[name] = argument
    return merged


def _merge_argument(
    merging: Merging, coordinate: str, name: str, sources: Sequence[tuple[ReadSubgraph, Arguments]]
) -> ArgumentModel | None:
    having = [(s, arguments[name]) for s, arguments in sources if name in arguments]
    missing = [s.name for s, arguments in sources if name not in arguments]
    contextual = [s.name for s, argument in having if argument.has("fromContext")]
    if contextual:
        _check_contextual(merging, coordinate, having)
        return None
    if missing:
        if any(argument.required for _, argument in having):
            merging.findings.error(
                "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
                coordinate,
                f"it must be given in {_quoted([s.name for s, a in having if a.required])}, but "
                f"{_quoted(missing)} {'does' if len(missing) == 1 else 'do'} not have it; "
                "add it there, or make it optional",
                [s.name for s, a in having if a.required],
            )
        else:
            merging.findings.hint(
                "INCONSISTENT_ARGUMENT_PRESENCE",
                coordinate,
                "it was left out, because not every subgraph that resolves the field has it; add it here as well",
                missing,
            )
        return None
    default = merge_default(merging, coordinate, "FIELD_ARGUMENT_DEFAULT_MISMATCH", [(s, a.default) for s, a in having])
    types = [argument.type for _, argument in having]
    type_ = common_input_type(merging.merged, types)
    if type_ is None:
        merging.findings.error(
            "FIELD_ARGUMENT_TYPE_MISMATCH",
            coordinate,
            "it has types that do not fit together: "
            + ", ".join(f'"{a.type}" in "{s.name}"' for s, a in having)
            + "; make them equal",
            [s.name for s, _ in having],
        )
        return None
    if len(set(types)) > 1:
        merging.findings.hint(
            "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE",
            coordinate,
            f'the subgraphs have different types that fit together; "{type_}" was taken; make them equal',
            [s.name for s, a in having if a.type != type_],
        )
    argument = ArgumentModel(name, type_, default)
    merge_description(merging, coordinate, argument, having)
    merge_directives(merging, coordinate, argument, having)
    return argument


def merge_default(
    merging: Merging, coordinate: str, code: str, sources: Sequence[tuple[ReadSubgraph, ConstValueNode | None]]
) -> ConstValueNode | None:
    """The default that all have; none if some have none; an error if they differ."""
    given = [(s, value) for s, value in sources if value is not None]
    if not given:
        return None
    if any(plain(value) != plain(given[0][1]) for _, value in given):
        merging.findings.error(
            code, coordinate, "it has different default values; make them equal", [s.name for s, _ in given]
        )
        return given[0][1]
    if len(given) < len(sources):
        merging.findings.hint(
            "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
            coordinate,
            "only some subgraphs have a default value for it, so the supergraph has none; give the same default everywhere, or none",
            [s.name for s, value in sources if value is None],
        )
        return None
    return given[0][1]


def _check_contextual(merging: Merging, coordinate: str, having: Sequence[tuple[ReadSubgraph, ArgumentModel]]) -> None:
    for subgraph, argument in having:
        if argument.has("fromContext"):
            continue
        code = "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"
        if argument.required:
            merging.findings.error(
                code,
                coordinate,
                "another subgraph takes it from a context, so nobody can give it; make it optional here, "
                "or take it from a context as well",
                [subgraph.name],
            )
        else:
            merging.findings.hint(
                code,
                coordinate,
                "another subgraph takes it from a context, so nobody can give it; take it from there as well",
                [subgraph.name],
            )


def _quoted(names: Sequence[str]) -> str:
    return " and ".join(f'"{name}"' for name in names)
