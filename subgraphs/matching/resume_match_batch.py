"""Use case: a batch that was cancelled or failed shall go on."""

from typing import Any

from subgraphs.chassis.text_fields import Refusal
from subgraphs.matching.batch_store import BatchStore
from subgraphs.matching.facts import batch_requested


def resume_match_batch(batch_id: str, *, store: BatchStore) -> dict[str, Any] | list[Refusal]:
    """Let a worker hear of the batch again; the chunks it has finished stay finished."""
    batch = store.get(batch_id)
    if batch is None:
        return [Refusal("id", "UNKNOWN_MATCH_BATCH", "No batch has this id.")]
    attempt = batch["attempt"] + 1
    resumed = store.resume(batch_id, attempt, batch_requested(batch_id, attempt))
    if resumed is None:
        message = "Only a batch that was cancelled or failed can be resumed; this one is not."
        return [Refusal("id", "NOT_RESUMABLE", message)]
    return resumed
