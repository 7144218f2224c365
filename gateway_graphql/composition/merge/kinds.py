"""
Spec: TYPE_KIND_MISMATCH. A name means one kind of type.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway_graphql.composition.merge.merging import Merging
from gateway_graphql.composition.model import TypeModel
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["merged_kind"]


def merged_kind(merging: Merging, name: str, having: Sequence[tuple[ReadSubgraph, TypeModel]]) -> str:
    """
    The kind that all subgraphs agree on; an ``@interfaceObject`` stands for an interface.

    If they do not agree, the first one decides: what is wrong within one kind can be found nevertheless.
    """
    kinds = {s.name: t.merged_kind for s, t in having}
    if len(set(kinds.values())) > 1:
        shown = ", ".join(f'{kind} in "{subgraph}"' for subgraph, kind in kinds.items())
        merging.findings.error(
            "TYPE_KIND_MISMATCH", name, f"it is not the same kind of type everywhere: {shown}; rename one", list(kinds)
        )
    return next(iter(kinds.values()))
