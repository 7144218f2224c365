"""Use case: a reviewer takes an item from the queue, so that nobody else works on it."""

from datetime import timedelta
from typing import Any

from subgraphs.chassis.clock import now
from subgraphs.chassis.text_fields import Refusal, refusal_of, tidy
from subgraphs.matching.reviewer import Reviewer
from subgraphs.matching.task_store import TaskStore

REVIEWER_LENGTH = 200


def claim_review(
    task_id: str, reviewer: Reviewer, *, claim: timedelta, store: TaskStore
) -> dict[str, Any] | list[Refusal]:
    """Give the item to this reviewer for a while; claiming it again prolongs that."""
    if refusal := refusal_of(tidy(reviewer.name), "reviewer", limit=REVIEWER_LENGTH, required=True):
        return [refusal]
    moment = now()
    claimed = store.claim(task_id, reviewer, at=moment, until=moment + claim)
    return claimed or [why_not_mine(store.get(task_id), reviewer, "id")]


def why_not_mine(task: dict[str, Any] | None, reviewer: Reviewer, field: str) -> Refusal:
    """Why an item cannot be claimed or decided by this reviewer."""
    if task is None:
        return Refusal(field, "UNKNOWN_MATCH_TASK", "No match task has this id, or it is not matched yet.")
    if task["status"] != "IN_REVIEW":
        decided = f" {task['reviewer']} decided it." if task.get("reviewer") else ""
        message = f"The item is not in review any more: it is {task['status']}.{decided}"
        return Refusal(field, "NOT_IN_REVIEW", message)
    if task.get("claimedBy") and not reviewer.holds(task):
        message = f"{task['claimedBy']} is looking at this item. Take another one."
        return Refusal(field, "CLAIMED_BY_SOMEBODY_ELSE", message)
    return Refusal(field, "NOT_CLAIMED", "Claim the item first; a claim ends after a while.")
