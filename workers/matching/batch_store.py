"""Batches in MongoDB: a chunk is counted once, with its fact, in one atomic write."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo import ReplaceOne, ReturnDocument
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from workers.chassis.mongo import Document
from workers.matching.facts import COUNTS, batch_finished, batch_progressed

_DUPLICATE_KEY = 11000
_PACE_SECONDS = 2
"""the shortest time over which rows per second are counted"""


class BatchStore:
    """What is remembered of files and their rows."""

    def __init__(self, db: Database[Document]) -> None:
        self._batches = db["match_batches"]
        self._chunks = db["batch_chunks"]
        self._results = db["match_results"]

    def begin(self, batch_id: str, attempt: int) -> Document | None:
        """The batch, now running; ``None`` when this attempt is over or was never asked for."""
        now = datetime.now(UTC)
        return self._batches.find_one_and_update(
            {"_id": batch_id, "attempt": attempt, "status": {"$in": ["QUEUED", "RUNNING"]}},
            [{"$set": {"status": "RUNNING", "startedAt": {"$ifNull": ["$startedAt", now]}, "pace": _pace_begun(now)}}],
            return_document=ReturnDocument.AFTER,
        )

    def rows_to_do(self, batch_id: str, chunk: int, attempt: int) -> list[Document] | None:
        """The rows of a chunk; ``None`` when they are done, or the batch was cancelled or resumed meanwhile."""
        wanted = {"_id": batch_id, "attempt": attempt, "status": "RUNNING", "finishedChunks": {"$ne": chunk}}
        if self._batches.find_one(wanted, {"_id": 1}) is None:
            return None
        found = self._chunks.find_one({"_id": f"{batch_id}:{chunk}"}, {"rows": 1})
        return found["rows"] if found else []

    def save_results(self, results: Iterable[Document]) -> None:
        """Save the results of a chunk; a repeated row replaces itself."""
        if not (new := list(results)):
            return
        try:
            self._results.insert_many(new, ordered=False)
        except BulkWriteError as errors:
            if any(error["code"] != _DUPLICATE_KEY for error in errors.details["writeErrors"]):
                raise
            # Somebody began with this chunk before: the later results stand, all of them.
            self._results.bulk_write(
                [ReplaceOne({"_id": result["_id"]}, result, upsert=True) for result in new], ordered=False
            )

    def finish_chunk(self, batch_id: str, chunk: int, attempt: int, counts: Mapping[str, int]) -> bool:
        """
        Count a chunk and tell it, once; with the last one the batch is finished.

        :param counts: what is added to the counts of the batch
        """
        added = {name: {"$add": [f"${name}", number]} for name, number in counts.items()}
        outcome = self._batches.update_one(
            {"_id": batch_id, "status": "RUNNING", "finishedChunks": {"$ne": chunk}},
            [
                {"$set": {**added, "finishedChunks": {"$concatArrays": ["$finishedChunks", [chunk]]}}},
                _pace_measured(datetime.now(UTC)),
                *_finished_when_complete(),
                _tell(batch_progressed(batch_id, chunk, attempt), batch_finished(batch_id, attempt)),
            ],
        )
        return bool(outcome.modified_count)

    def finish_empty(self, batch_id: str, attempt: int) -> None:
        """End a batch that has no row left to do."""
        fact = batch_finished(batch_id, attempt)
        self._batches.update_one(
            {"_id": batch_id, "attempt": attempt, "status": "RUNNING"},
            [*_finished_when_complete(), _tell(fact, fact)],
        )


def _finished_when_complete() -> list[dict[str, Any]]:
    complete = {"$gte": [{"$size": "$finishedChunks"}, "$chunks"]}
    return [
        {
            "$set": {
                "status": {"$cond": [complete, "FINISHED", "$status"]},
                "finishedAt": {"$cond": [complete, datetime.now(UTC), "$finishedAt"]},
            }
        }
    ]


def _pace_begun(now: datetime) -> dict[str, Any]:
    begun = {"since": now, "done": "$done", "rowsPerSecond": None}
    return {"$cond": [{"$eq": ["$status", "RUNNING"]}, "$pace", begun]}


def _pace_measured(now: datetime) -> dict[str, Any]:
    seconds = {"$divide": [{"$subtract": [now, "$pace.since"]}, 1000]}
    rate = {"$divide": [{"$subtract": ["$done", "$pace.done"]}, seconds]}
    measured = {"since": now, "done": "$done", "rowsPerSecond": rate}
    return {"$set": {"pace": {"$cond": [{"$gte": [seconds, _PACE_SECONDS]}, measured, "$pace"]}}}


def _tell(progressed: Document, finished: Document) -> dict[str, Any]:
    """Add the fact that fits, with the counts the document has after this very write."""
    counts = {"status": "$status", **{name: f"${name}" for name in COUNTS}}

    def with_counts(fact: Document) -> dict[str, Any]:
        return {
            "$mergeObjects": [
                {"$literal": fact},
                {"data": {"$mergeObjects": [{"$literal": fact["data"]}, counts]}},
            ]
        }

    fits = {"$cond": [{"$eq": ["$status", "FINISHED"]}, with_counts(finished), with_counts(progressed)]}
    return {"$set": {"unsent": {"$concatArrays": ["$unsent", [fits]]}}}
