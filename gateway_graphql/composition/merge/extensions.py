"""Spec: EXTENSION_WITH_NO_BASE. What is extended must be defined somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.model import TypeModel
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["extensions_have_a_base", "without_base"]

ROOTS = ("Query", "Mutation", "Subscription")


def extensions_have_a_base(subgraphs: Sequence[ReadSubgraph]) -> Iterator[Diagnostic]:
    """Roots are there anyway; of every other type, one subgraph has to have more than an extension."""
    kinds: dict[str, str] = {}
    for subgraph in subgraphs:
        for type_ in subgraph.schema.types.values():
            kinds.setdefault(type_.name, type_.merged_kind)
    # A type of another kind is no base; that it is of another kind is said elsewhere.
    defined = {
        t.name
        for s in subgraphs
        for t in s.schema.types.values()
        if not t.extension_only and t.merged_kind == kinds[t.name]
    }
    for subgraph in subgraphs:
        for type_ in subgraph.schema.types.values():
            extends = type_.extension_only and type_.merged_kind == kinds[type_.name]
            if extends and type_.name not in defined and type_.name not in ROOTS:
                yield without_base(subgraph, type_)


def without_base(subgraph: ReadSubgraph, type_: TypeModel) -> Diagnostic:
    """What to say of an extension that extends nothing."""
    return Diagnostic(
        "EXTENSION_WITH_NO_BASE",
        "it is extended, but no subgraph defines it; write it as a type where it belongs",
        (subgraph.name,),
        type_.name,
    )
