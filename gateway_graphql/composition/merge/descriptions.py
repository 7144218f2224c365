"""A description is what most subgraphs say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gateway_graphql.composition.merge.merging import Merging
from gateway_graphql.composition.model import Directives
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["merge_description"]


def merge_description(
    merging: Merging, coordinate: str, target: Directives, sources: Sequence[tuple[ReadSubgraph, Directives]]
) -> None:
    """Take the most frequent description, the first of equally frequent ones; an empty one only where no other is."""
    counted = Counter(element.description for _, element in sources if element.description)
    if not counted:
        target.description = "" if any(element.description == "" for _, element in sources) else None
        return
    target.description = counted.most_common(1)[0][0]
    if len(counted) > 1:
        merging.findings.hint(
            "INCONSISTENT_DESCRIPTION",
            coordinate,
            "the subgraphs describe it differently; the description that most of them have was taken; describe it alike",
            [s.name for s, element in sources if element.description not in (None, target.description)],
        )
