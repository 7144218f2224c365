"""Match tasks in MongoDB: the first answer stands, and its fact is saved with it in one write."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument, WriteConcern
from pymongo.database import Database

from workers.chassis.mongo import Document

_OPEN = {"$in": ["QUEUED", "RUNNING"]}


class TaskStore:
    """What is remembered of single matches."""

    def __init__(self, db: Database[Document]) -> None:
        self._tasks = db["match_tasks"]
        # Losing "somebody began" in a failover costs nothing; waiting for it would cost every task a few ms.
        self._hints = self._tasks.with_options(write_concern=WriteConcern(w=1))

    def queue(self, task_id: str, address: Mapping[str, Any], subscriber_id: str | None) -> bool:
        """Remember a task that waits; say whether it still does."""
        task = self._tasks.find_one_and_update(
            {"_id": task_id},
            {
                "$setOnInsert": {
                    "status": "QUEUED",
                    "address": dict(address),
                    "subscriberId": subscriber_id,
                    "addressId": None,
                    "score": None,
                    "verdict": None,
                    "candidates": [],
                    "problem": None,
                    "claimedBy": None,
                    "claimedUntil": None,
                    "reviewer": None,
                    "createdAt": datetime.now(UTC),
                    "decidedAt": None,
                    "attempts": 0,
                    "unsent": [],
                }
            },
            projection={"status": 1},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return task is not None and task["status"] in {"QUEUED", "RUNNING"}

    def begin(self, task_id: str) -> Document | None:
        """The task, when it has no answer yet."""
        return self._hints.find_one_and_update(
            {"_id": task_id, "status": _OPEN},
            {"$set": {"status": "RUNNING"}, "$inc": {"attempts": 1}},
            return_document=ReturnDocument.AFTER,
        )

    def unanswered(self, task_id: str) -> Document | None:
        """The task, when it has no answer yet, without beginning it."""
        return self._tasks.find_one({"_id": task_id, "status": _OPEN})

    def end(self, task_id: str, answer: Mapping[str, Any], *facts: Document) -> bool:
        """Save an answer and its facts, unless there is one already; say whether it was saved."""
        outcome = self._tasks.update_one(
            {"_id": task_id, "status": _OPEN},
            {"$set": dict(answer), "$push": {"unsent": {"$each": list(facts)}}},
        )
        return bool(outcome.modified_count)

    def cancel(self, task_id: str) -> bool:
        """Nobody waits for the answer any more; say whether there was none yet."""
        outcome = self._tasks.update_one(
            {"_id": task_id, "status": "QUEUED"}, {"$set": {"status": "CANCELLED", "decidedAt": datetime.now(UTC)}}
        )
        return bool(outcome.modified_count)
