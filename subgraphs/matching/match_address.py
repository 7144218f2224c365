"""Use case: somebody asks which known address a typed one is."""

from typing import Any
from uuid import uuid4

from subgraphs.chassis.clock import now
from subgraphs.chassis.text_fields import Refusal
from subgraphs.chassis_strawberry.typed_address import AddressLimits, TypedAddress, address_refusals
from subgraphs.matching.facts import match_requested
from subgraphs.matching.task_store import TaskStore


def match_address(typed: TypedAddress, *, limits: AddressLimits, store: TaskStore) -> dict[str, Any] | list[Refusal]:
    """Record the task, and promise that a worker will hear of it."""
    address = typed.tidied()
    if refusals := list(address_refusals(address, limits)):
        return refusals
    task: dict[str, Any] = {
        "_id": str(uuid4()),
        "status": "QUEUED",
        "address": address.with_country_code().as_document(),
        "subscriberId": None,
        "addressId": None,
        "score": None,
        "verdict": None,
        "candidates": [],
        "problem": None,
        "claimedBy": None,
        "claimedUntil": None,
        "reviewer": None,
        "createdAt": now(),
        "decidedAt": None,
        "attempts": 0,
    }
    store.add(task, match_requested(task))
    return task
