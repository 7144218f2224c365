"""Use case: the rest of a batch is not wanted any more."""

from typing import Any

from subgraphs.chassis.clock import now
from subgraphs.chassis.text_fields import Refusal
from subgraphs.matching.batch_store import BatchStore
from subgraphs.matching.facts import batch_cancelled


def cancel_match_batch(batch_id: str, *, store: BatchStore) -> dict[str, Any] | list[Refusal]:
    """Stop the batch where it is; what is matched already stays, and whoever watches hears of it."""
    batch = store.get(batch_id)
    if batch is None:
        return [Refusal("id", "UNKNOWN_MATCH_BATCH", "No batch has this id.")]
    cancelled = store.cancel(batch_id, now(), batch_cancelled(batch_id, batch["attempt"]))
    if cancelled is None:
        status = batch["status"].lower() if batch["status"] not in {"QUEUED", "RUNNING"} else "finished"
        return [Refusal("id", "NOT_RUNNING", f"The batch is {status} already; there is nothing to cancel.")]
    return cancelled
