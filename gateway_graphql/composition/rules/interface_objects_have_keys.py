"""Spec: INTERFACE_OBJECT_USAGE_ERROR. An ``@interfaceObject`` is found by its key, and has no implementations."""

from __future__ import annotations

from collections.abc import Iterator

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["interface_objects_have_keys"]


def interface_objects_have_keys(subgraph: ReadSubgraph) -> Iterator[Diagnostic]:
    """Each of them needs a ``@key``."""
    for type_ in subgraph.schema.of_kind("object"):
        if type_.interface_object and not type_.entity_keys():
            yield Diagnostic(
                "INTERFACE_OBJECT_USAGE_ERROR",
                "an @interfaceObject needs the @key of the interface it stands for; add it",
                (subgraph.name,),
                type_.name,
            )
