"""
Use cases: somebody wants to know which addresses the register has twice, or stops that; says that two are not one, or
takes that back.
"""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from subgraphs.chassis.clock import now
from subgraphs.chassis.text_fields import Refusal
from subgraphs.matching.duplicate_store import DuplicateStore
from subgraphs.matching.facts import duplicates_requested


def find_duplicates(*, store: DuplicateStore) -> dict[str, Any]:
    """Begin a search, and promise that a worker will hear of it; one that is under way is not begun again."""
    search: dict[str, Any] = {
        "_id": str(uuid4()),
        "status": "QUEUED",
        "total": 0,
        "done": 0,
        "cursor": "",
        "problem": None,
        "createdAt": now(),
        "startedAt": None,
        "finishedAt": None,
    }
    return store.begin(search, duplicates_requested(search["_id"]))


def cancel_duplicate_search(search_id: str, *, store: DuplicateStore) -> dict[str, Any] | list[Refusal]:
    """Stop the search where it is; the pairs it has found stay."""
    if cancelled := store.cancel(search_id, now()):
        return cancelled
    if store.get(search_id) is None:
        return [Refusal("id", "UNKNOWN_DUPLICATE_SEARCH", "No search for duplicates has this id.")]
    return [Refusal("id", "NOT_RUNNING", "The search is over already; there is nothing to cancel.")]


def tell_apart(address_ids: Sequence[str], reviewer: str, *, store: DuplicateStore) -> dict[str, Any] | list[Refusal]:
    """Note that two addresses are not the same one, however alike they are; later searches do not find them again."""
    if pair := store.tell_apart(":".join(sorted(address_ids)), reviewer, now()):
        return pair
    return [_unknown_pair()]


def undo_tell_apart(address_ids: Sequence[str], *, store: DuplicateStore) -> dict[str, Any] | list[Refusal]:
    """Take it back: the pair is in the list again, for anybody to look at."""
    return store.put_back(":".join(sorted(address_ids))) or [_unknown_pair()]


def _unknown_pair() -> Refusal:
    return Refusal("addressIds", "UNKNOWN_DUPLICATE_PAIR", "No search has found these two addresses to be one.")
