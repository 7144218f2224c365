"""Use case: a reviewer decides which address was meant."""

from typing import Any

from subgraphs.chassis.clock import now
from subgraphs.chassis.text_fields import Refusal
from subgraphs.matching.claim_review import why_not_mine
from subgraphs.matching.facts import review_resolved
from subgraphs.matching.reviewer import Reviewer
from subgraphs.matching.task_store import TaskStore


def resolve_review(
    task_id: str, reviewer: Reviewer, address_id: str | None, *, store: TaskStore
) -> dict[str, Any] | list[Refusal]:
    """
    Record the decision and tell it, in one write that only the holder of the claim can do.

    :param address_id: the address that was meant; ``None`` when it is a new one
    """
    task = store.get(task_id)
    if task is None:
        return [why_not_mine(None, reviewer, "id")]
    if address_id is not None and not store.knows_address(task, address_id):
        message = "No known address has this id. Take one of the candidates, or null for a new address."
        return [Refusal("addressId", "UNKNOWN_ADDRESS", message)]
    status = "NEW" if address_id is None else "MATCHED"
    decided = store.decide(
        task,
        reviewer,
        review_resolved(
            task,
            status=status,
            reviewer=reviewer.name,
            address_id=address_id,
            known_address=store.known_address(address_id) if address_id else None,
        ),
        status=status,
        address_id=address_id,
        at=now(),
    )
    return decided or [why_not_mine(store.get(task_id), reviewer, "id")]
