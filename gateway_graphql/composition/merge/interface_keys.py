"""
Spec: INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE.

A subgraph with a key of an interface can be asked what a thing is, so it must know everything it can be.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.merge.merging import Merging

__all__ = ["interface_keys_are_complete"]


def interface_keys_are_complete(merging: Merging) -> Iterator[Diagnostic]:
    """Where an interface has a key, all implementations of all subgraphs must be known."""
    for interface in merging.merged.of_kind("interface"):
        having = merging.having(interface.name)
        all_of_them = {t.name for t in merging.merged.implementations(interface.name)}
        for subgraph, type_ in having:
            if type_.kind != "interface" or not any(k.get("resolvable") is not False for k in type_.entity_keys()):
                continue
            known = subgraph.schema.possible(interface.name)
            missing = sorted(all_of_them - known)
            if missing and len(known) < len(all_of_them):
                yield Diagnostic(
                    "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
                    f"it has a key here, so all its implementations must be here; add {', '.join(missing)}",
                    (subgraph.name,),
                    interface.name,
                )
