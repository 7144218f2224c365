"""The type that all subgraphs together promise for a field, or accept for an argument."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway_graphql.composition.model import SchemaModel

__all__ = ["common_input_type", "common_output_type"]


def common_output_type(schema: SchemaModel, types: Sequence[str]) -> str | None:
    """The type that promises least: whoever asks must be able to live with every answer. None if they do not agree."""
    return _fold(types, lambda one, other: schema.is_subtype(one, other))


def common_input_type(schema: SchemaModel, types: Sequence[str]) -> str | None:
    """The type that asks most: what is sent must be good enough for everybody. None if they do not agree."""
    return _fold(types, lambda one, other: schema.is_subtype(other, one))


def _fold(types: Sequence[str], gives_way: Callable[[str, str], bool]) -> str | None:
    found = types[0]
    for type_ in types[1:]:
        if found == type_ or gives_way(type_, found):
            continue
        if not gives_way(found, type_):
            return None
        found = type_
    return found
