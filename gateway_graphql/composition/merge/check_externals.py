"""
An ``@external`` field must be what the others say it is.

Spec: EXTERNAL_TYPE_MISMATCH, EXTERNAL_ARGUMENT_MISSING, EXTERNAL_ARGUMENT_TYPE_MISMATCH,
EXTERNAL_ARGUMENT_DEFAULT_MISMATCH, MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway_graphql.composition.merge.merging import Merging, Source
from gateway_graphql.composition.model import ArgumentModel, FieldModel, plain

__all__ = ["check_externals"]

_MERGED = ("tag", "inaccessible", "authenticated", "requiresScopes", "policy", "cost", "listSize", "deprecated")


def check_externals(
    merging: Merging, coordinate: str, field: FieldModel, externals: Sequence[Source], *, types_differ: bool
) -> None:
    """
    Compare each external source with what was merged of the resolving ones.

    :param types_differ: the resolving ones do not agree themselves, so a source may go along with one of them
    """
    error = merging.findings.error
    for source in externals:
        for name in _MERGED:
            if source.field.has(name):
                error(
                    "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
                    coordinate,
                    f"@{name} has no effect on an @external field; put it where the field is resolved",
                    [source.name],
                )
        if source.field.type != field.type and not (
            types_differ and merging.merged.is_subtype(source.field.type, field.type)
        ):
            error(
                "EXTERNAL_TYPE_MISMATCH",
                coordinate,
                f'it is "{field.type}" where it is resolved, and "{source.field.type}" here; make them equal',
                [source.name],
            )
        for name, argument in field.arguments.items():
            place = f"{coordinate}({name}:)"
            given = source.field.arguments.get(name)
            if given is None:
                error(
                    "EXTERNAL_ARGUMENT_MISSING",
                    place,
                    "the field has this argument where it is resolved; add it to the @external field",
                    [source.name],
                )
            elif not merging.merged.is_subtype(argument.type, given.type):
                error(
                    "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
                    place,
                    f'it is "{argument.type}" where the field is resolved, and "{given.type}" here; make them equal',
                    [source.name],
                )
            if given is not None and _text(given) != _text(argument):
                error(
                    "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
                    place,
                    "its default value differs from that of the resolving subgraph; make them equal",
                    [source.name],
                )


def _text(argument: ArgumentModel) -> str:
    """Its default, where ``null`` is one and none is not."""
    return "" if argument.default is None else repr(plain(argument.default))
