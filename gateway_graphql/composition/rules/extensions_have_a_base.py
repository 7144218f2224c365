"""Spec: EXTENSION_WITH_NO_BASE. What is extended must be defined somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["extensions_have_a_base"]

ROOTS = ("Query", "Mutation", "Subscription")


def extensions_have_a_base(subgraphs: Sequence[ReadSubgraph]) -> Iterator[Diagnostic]:
    """Roots are there anyway; of every other type, one subgraph has to have more than an extension."""
    defined = {t.name for s in subgraphs for t in s.schema.types.values() if not t.extension_only}
    for subgraph in subgraphs:
        for name in subgraph.schema.types:
            if name not in defined and name not in ROOTS:
                yield Diagnostic(
                    "EXTENSION_WITH_NO_BASE",
                    "it is extended, but no subgraph defines it; write it as a type where it belongs",
                    (subgraph.name,),
                    name,
                )
