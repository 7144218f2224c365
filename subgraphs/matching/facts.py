"""The facts this service tells."""

from collections.abc import Mapping
from typing import Any

from subgraphs.chassis.facts import fact, repeatable_id

_SOURCE = "/matching"
_DECIDED_AUDIENCE = ("live_updates", "subscribers", "addresses", "notifications")


def match_requested(task: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody asked for the match of one address."""
    return fact(
        "match.requested.v1",
        source=_SOURCE,
        subject=task["_id"],
        audience=("matching",),
        data={"matchTaskId": task["_id"], "address": task["address"]},
    )


def batch_requested(batch_id: str, attempt: int) -> dict[str, Any]:
    """A file of addresses waits to be matched."""
    return fact(
        "batch.requested.v1",
        source=_SOURCE,
        subject=batch_id,
        audience=("matching",),
        data={"batchId": batch_id, "attempt": attempt},
        id=repeatable_id("batch.requested.v1", batch_id, attempt),
    )


def duplicates_requested(search_id: str) -> dict[str, Any]:
    """Somebody wants to know which addresses the register has twice."""
    return fact(
        "duplicates.requested.v1",
        source=_SOURCE,
        subject=search_id,
        audience=("matching",),
        data={"duplicateSearchId": search_id},
    )


def batch_cancelled(batch_id: str, attempt: int) -> dict[str, Any]:
    """A batch ended before its last row; the counts are added by the write that saves the fact."""
    return fact(
        "batch.finished.v1",
        source=_SOURCE,
        subject=batch_id,
        audience=("live_updates",),
        data={"batchId": batch_id, "status": "CANCELLED"},
        id=repeatable_id("batch.finished.v1", batch_id, f"{attempt}:cancelled"),
    )


def review_resolved(
    task: Mapping[str, Any],
    *,
    status: str,
    reviewer: str,
    address_id: str | None = None,
    known_address: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """
    A person decided about an address in review, or (``IN_REVIEW``) took the decision back.

    :param known_address: what the register says of ``address_id``, for those who write letters
    """
    return fact(
        "address.review_resolved.v1",
        source=_SOURCE,
        subject=task["_id"],
        audience=_DECIDED_AUDIENCE,
        data={
            "matchTaskId": task["_id"],
            "subscriberId": task.get("subscriberId"),
            "status": status,
            "addressId": address_id,
            "address": task["address"],
            "knownAddress": known_address,
            "reviewer": reviewer,
        },
    )
