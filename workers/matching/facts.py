"""The facts this worker tells."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workers.chassis.facts import fact, repeatable_id

_SOURCE = "/matching"
_DECIDED_AUDIENCE = ("live_updates", "subscribers", "addresses", "notifications")
_WATCHED_AUDIENCE = ("live_updates",)

COUNTS = ("total", "done", "matched", "inReview", "new", "failed", "rejected")
"""what the progress of a batch says, by the names of its document"""

DECIDED_TYPES = {
    "MATCHED": "address.matched.v1",
    "NEW": "address.matched.v1",
    "IN_REVIEW": "address.review_requested.v1",
}


def address_decided(
    task: Mapping[str, Any],
    *,
    status: str,
    known: tuple[str, Mapping[str, Any]] | None,
    score: float | None,
    decided_at: datetime,
) -> dict[str, Any]:
    """
    The engine has its verdict: the address is known, is new, or needs a person.

    :param known: id and fields of the known address that is meant, where the engine is certain
    """
    type = DECIDED_TYPES[status]
    return fact(
        type,
        source=_SOURCE,
        subject=task["_id"],
        audience=_DECIDED_AUDIENCE,
        id=repeatable_id(type, task["_id"]),
        data={
            "matchTaskId": task["_id"],
            "subscriberId": task.get("subscriberId"),
            "status": status,
            "addressId": known[0] if known else None,
            "score": score,
            "address": task["address"],
            "knownAddress": known[1] if known else None,
            "decidedAt": _text(decided_at),
        },
    )


def match_failed(task: Mapping[str, Any], problem: str) -> dict[str, Any]:
    """There will be no verdict."""
    return fact(
        "address.match_failed.v1",
        source=_SOURCE,
        subject=task["_id"],
        audience=("live_updates", "notifications"),
        id=repeatable_id("address.match_failed.v1", task["_id"]),
        data={
            "matchTaskId": task["_id"],
            "subscriberId": task.get("subscriberId"),
            "status": "FAILED",
            "problem": problem,
        },
    )


def batch_progressed(batch_id: str, chunk: int, attempt: int) -> dict[str, Any]:
    """Some more rows are done; the counts are added by the write that saves the fact."""
    return _batch("batch.progressed.v1", batch_id, f"{attempt}:{chunk}")


def batch_finished(batch_id: str, attempt: int) -> dict[str, Any]:
    """All rows are done; the counts are added by the write that saves the fact."""
    return _batch("batch.finished.v1", batch_id, f"{attempt}:finished")


def _batch(type: str, batch_id: str, attempt: str) -> dict[str, Any]:
    return fact(
        type,
        source=_SOURCE,
        subject=batch_id,
        audience=_WATCHED_AUDIENCE,
        id=repeatable_id(type, batch_id, attempt),
        data={"batchId": batch_id},
    )


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
