"""The type that all subgraphs together promise for a field, or accept for an argument."""

from __future__ import annotations

from collections.abc import Sequence

from gateway_graphql.composition.model import SchemaModel

__all__ = ["common_input_type", "common_output_type"]


def common_output_type(schema: SchemaModel, types: Sequence[str]) -> str | None:
    """The type that promises least: whoever asks must be able to live with every answer. None if they do not agree."""
    return next((t for t in types if all(schema.is_subtype(other, t) for other in types)), None)


def common_input_type(schema: SchemaModel, types: Sequence[str]) -> str | None:
    """The type that asks most: what is sent must be good enough for everybody. None if they do not agree."""
    return next((t for t in types if all(schema.is_subtype(t, other) for other in types)), None)
