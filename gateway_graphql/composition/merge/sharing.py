"""Spec: INVALID_FIELD_SHARING. Two subgraphs may resolve the same field only if all of them agreed to it."""

from __future__ import annotations

from collections.abc import Sequence

from gateway_graphql.composition.merge.merging import Merging, Source, names_of
from gateway_graphql.composition.merge.overrides import Overrides
from gateway_graphql.composition.model import TypeModel

__all__ = ["check_sharing"]


def check_sharing(
    merging: Merging, target: TypeModel, coordinate: str, sources: Sequence[Source], overrides: Overrides
) -> None:
    """Say so if a field is resolved in several places without ``@shareable`` in each."""
    if target.kind == "interface":
        return  # what interface objects share is a field of each implementation, see ``interface_objects``
    resolving = [
        s for s in sources if s.type.kind == "object" and not s.fully_external and s.name not in overrides.taken
    ]
    if overrides.labels:
        resolving = [s for s in resolving if s.external or s.name not in overrides.labels or s.field.has("override")]
    sharing = [s for s in sources if any(not applied.of_type for applied in s.field.all("shareable"))]
    if target.name == "Subscription" and sharing:
        merging.findings.error(
            "INVALID_FIELD_SHARING",
            coordinate,
            "fields of the subscription root cannot be shared; remove @shareable",
            names_of(sharing),
        )
        return
    # One that is provided is still marked @external, and needs no second mark.
    greedy = [s for s in resolving if not s.shareable and not s.external]
    if len(resolving) > 1 and greedy:
        merging.findings.error(
            "INVALID_FIELD_SHARING",
            coordinate,
            f"{len(resolving)} subgraphs resolve it ({', '.join(names_of(resolving))}); "
            "add @shareable to each of them, or let only one of them have it",
            names_of(greedy),
        )
