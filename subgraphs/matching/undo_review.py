"""Use case: a reviewer takes a decision back."""

from datetime import timedelta
from typing import Any

from subgraphs.chassis.clock import now
from subgraphs.chassis.text_fields import Refusal
from subgraphs.matching.claim_review import why_not_mine
from subgraphs.matching.facts import review_resolved
from subgraphs.matching.reviewer import Reviewer
from subgraphs.matching.task_store import TaskStore


def undo_review(
    task_id: str, reviewer: Reviewer, *, claim: timedelta, undo: timedelta, store: TaskStore
) -> dict[str, Any] | list[Refusal]:
    """
    Put the item back into the queue, claimed by the same reviewer, and tell that nothing is decided.

    :param undo: how long after a decision it can be taken back
    """
    task = store.get(task_id)
    if task is None:
        return [why_not_mine(None, reviewer, "id")]
    moment = now()
    back = store.undo(
        task,
        reviewer,
        review_resolved(task, status="IN_REVIEW", reviewer=reviewer.name),
        decided_after=moment - undo,
        claimed_until=moment + claim,
    )
    return back or [_why_not(task, reviewer)]


def _why_not(task: dict[str, Any], reviewer: Reviewer) -> Refusal:
    if task["status"] not in {"MATCHED", "NEW"} or not task.get("reviewer"):
        return Refusal("id", "NOT_UNDOABLE", "Nobody has decided this item; there is nothing to take back.")
    if not reviewer.decided(task):
        return Refusal("id", "NOT_UNDOABLE", f"{task['reviewer']} decided this item and can take it back.")
    return Refusal("id", "NOT_UNDOABLE", "The decision is too old to be taken back.")
