"""Spec: EXTERNAL_UNUSED, EXTERNAL_ON_INTERFACE. A field marked ``@external`` must earn its place."""

from __future__ import annotations

from collections.abc import Iterator

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["externals_are_not_on_interfaces", "externals_are_used"]


def externals_are_used(subgraph: ReadSubgraph) -> Iterator[Diagnostic]:
    """Something in the subgraph has to need the field."""
    externals = subgraph.externals
    query = subgraph.schema.types.get("Query")
    if query is not None and query.has("external"):
        yield Diagnostic(
            "EXTERNAL_UNUSED",
            "marked @external, but every subgraph resolves the federation's own fields of the query root; "
            "mark the fields that it leaves to others",
            (subgraph.name,),
            "Query",
        )
    for type_ in subgraph.schema.of_kind("object", "interface"):
        for name in type_.fields:
            if externals.is_external(type_.name, name) and not externals.is_used(type_.name, name):
                yield Diagnostic(
                    "EXTERNAL_UNUSED",
                    "marked @external but nothing here needs it; "
                    "remove the field, or name it in a @key, @requires or @provides",
                    (subgraph.name,),
                    f"{type_.name}.{name}",
                )


def externals_are_not_on_interfaces(subgraph: ReadSubgraph) -> Iterator[Diagnostic]:
    """An interface resolves nothing, so there is nothing to leave to others."""
    for type_ in subgraph.schema.of_kind("interface"):
        for name, field in type_.fields.items():
            if field.has("external"):
                yield Diagnostic(
                    "EXTERNAL_ON_INTERFACE",
                    "fields of interfaces are resolved by nobody; mark the fields of the implementations instead",
                    (subgraph.name,),
                    f"{type_.name}.{name}",
                )
