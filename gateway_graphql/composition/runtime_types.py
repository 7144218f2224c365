"""
Spec: SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES, hint INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN.

Subgraphs that share a field must be able to give the same answer. If what one of them can return has nothing in common
with what another one can, they cannot.
"""

from __future__ import annotations

from collections.abc import Iterable, Set

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.planning.reach import Entry
from gateway_graphql.supergraph.model import Field, Supergraph

__all__ = ["MISMATCHED", "disagreement"]

MISMATCHED = "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES"


def disagreement(
    supergraph: Supergraph, hidden: Set[str], type_name: str, field: Field, reached: Iterable[Entry]
) -> Diagnostic | None:
    """
    Compare what those who can be asked for a shared field can return: an error, a hint, or nothing to say.

    :param hidden: what clients do not see
    :param reached: the field's value as the subgraphs hand it out
    """
    if not supergraph.is_composite(field.type_name) or not supergraph.is_abstract(field.type_name):
        return None
    entries = sorted(reached)
    answering = [source for source in field.sources.values() if not source.external and not source.overridden]
    abstract = [e for e in entries if supergraph.is_abstract(e.type_name) and not _blind(supergraph, e)]
    if len(answering) < 2 or len(abstract) < 2:
        return None
    visible = {name for name in supergraph.possible_types(field.type_name) if name not in hidden}
    possible: dict[str, Set[str]] = {}
    for entry in entries:
        types = supergraph.local_types(entry.graph, entry.type_name)
        if _blind(supergraph, entry) or not supergraph.is_abstract(entry.type_name):
            types = frozenset({entry.type_name})
        # The only type of a subgraph may be one that no client sees: then there is nothing to agree about.
        if len(types) != 1 or types <= visible:
            possible[supergraph.graphs[entry.graph].name] = types
    if not any(possible.values()):
        return None
    shown = ", ".join(f"{subgraph}: {', '.join(sorted(types)) or 'none'}" for subgraph, types in possible.items())
    coordinate = f"{type_name}.{field.name}"
    if not visible.intersection(*possible.values()):
        return Diagnostic(
            MISMATCHED,
            f"the subgraphs that share it can never return the same type ({shown}); let one have the field, "
            "or let them have a type in common",
            tuple(sorted(possible)),
            coordinate,
        )
    if len({frozenset(types) for types in possible.values()}) > 1:
        return Diagnostic(
            "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
            f"the subgraphs that share it can return different types ({shown}); "
            "let them return the same, or let one have the field",
            tuple(sorted(possible)),
            coordinate,
        )
    return None


def _blind(supergraph: Supergraph, entry: Entry) -> bool:
    """An interface object does not know what it is."""
    return supergraph.is_interface_object(entry.graph, entry.type_name)
