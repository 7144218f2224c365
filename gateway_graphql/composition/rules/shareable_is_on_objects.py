"""Spec: INVALID_SHAREABLE_USAGE. Only fields that are resolved can be shared, and saying it once is enough."""

from __future__ import annotations

from collections.abc import Iterator

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["shareable_is_on_objects"]


def shareable_is_on_objects(subgraph: ReadSubgraph) -> Iterator[Diagnostic]:
    """Not on fields of interfaces, and not twice on one declaration."""
    for type_ in subgraph.schema.of_kind("object", "interface"):
        for name, field in type_.fields.items():
            applied = field.all("shareable")
            if type_.kind == "interface" and applied:
                message = "fields of interfaces are resolved by nobody; put @shareable on the implementations"
            elif len(applied) > 1:
                message = "@shareable is there more than once; once is enough"
            else:
                continue
            yield Diagnostic("INVALID_SHAREABLE_USAGE", message, (subgraph.name,), f"{type_.name}.{name}")
