"""Match tasks in MongoDB, each document with its own outbox."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.collection import Collection
from pymongo.database import Database

from subgraphs.chassis import mongo
from subgraphs.matching.lists import Position, at_once, beyond, count_of_each, first_of_each
from subgraphs.matching.reviewer import Reviewer

Document = dict[str, Any]

OLDEST_FIRST = (("createdAt", ASCENDING), ("_id", ASCENDING))
NEWEST_FIRST = (("createdAt", DESCENDING), ("_id", DESCENDING))

_ADDRESS_FIELDS = ("name", "address", "postalCode", "city", "region", "country")


class TaskStore:
    """What is remembered of single matches and of the people who review them."""

    def __init__(self, db: Database[Document]) -> None:
        self._tasks: Collection[Document] = db["match_tasks"]
        self._known_addresses: Collection[Document] = db["known_addresses"]

    def add(self, task: Document, *facts: Document) -> None:
        """Save the task and its facts in one write: both land, or neither."""
        self._tasks.insert_one({**task, "unsent": list(facts)})

    def get(self, task_id: str) -> Document | None:
        """One task; ``None`` also while nobody has heard of it yet."""
        return self._tasks.find_one({"_id": task_id})

    def get_many(self, ids: Sequence[str]) -> list[Document | None]:
        """Several tasks with one query, in the order of their ids."""
        tasks = self._tasks.find({"_id": {"$in": list(set(ids))}}, batch_size=at_once(len(ids)))
        found = {task["_id"]: task for task in tasks}
        return [found.get(id) for id in ids]

    def in_review(self, size: int, after: Position | None) -> list[Document]:
        """What waits for a reviewer, the oldest first."""
        wanted = {"status": "IN_REVIEW", **beyond(OLDEST_FIRST, after)}
        return list(self._tasks.find(wanted).sort(list(OLDEST_FIRST)).limit(size))

    def count_in_review(self) -> int:
        """How many tasks wait for a reviewer."""
        return self._tasks.count_documents({"status": "IN_REVIEW"})

    def of_each(self, field: str, ids: Sequence[str], size: int, after: Position | None) -> dict[str, list[Document]]:
        """The newest tasks of each subscriber or address, with one query for all."""
        return first_of_each(self._tasks, field, ids, size, NEWEST_FIRST, beyond(NEWEST_FIRST, after))

    def count_of_each(self, field: str, ids: Sequence[str]) -> dict[str, int]:
        """How many tasks each subscriber or address has, with one query for all."""
        return count_of_each(self._tasks, field, ids)

    def knows_address(self, task: Document, address_id: str) -> bool:
        """Whether an address can be meant: one of the register, or a candidate that is still to be indexed."""
        known = self._known_addresses.find_one({"_id": address_id}, {"removed": True})
        if known is not None:
            return not known.get("removed")
        return any(candidate["addressId"] == address_id for candidate in task["candidates"])

    def known_address(self, address_id: str) -> Document | None:
        """What the register says of an address, as far as matching has heard."""
        known = self._known_addresses.find_one({"_id": address_id, "removed": {"$ne": True}})
        return {field: known.get(field) for field in _ADDRESS_FIELDS} if known else None

    def claim(self, task_id: str, reviewer: Reviewer, *, at: datetime, until: datetime) -> Document | None:
        """Give a task in review to a reviewer, unless somebody else holds it."""
        claimed = {"claimedBy": reviewer.name, "claimedById": reviewer.caller}
        free = [{"claimedBy": None}, claimed, {"claimedUntil": {"$lte": at}}]
        return self._tasks.find_one_and_update(
            {"_id": task_id, "status": "IN_REVIEW", "$or": free},
            {"$set": {**claimed, "claimedUntil": until}},
            return_document=ReturnDocument.AFTER,
        )

    def decide(
        self, task: Document, reviewer: Reviewer, *facts: Document, status: str, address_id: str | None, at: datetime
    ) -> Document | None:
        """Record a decision and its facts in one write; ``None`` when the reviewer does not hold the task."""
        return self._tasks.find_one_and_update(
            {
                "_id": task["_id"],
                "status": "IN_REVIEW",
                "claimedBy": reviewer.name,
                "claimedById": reviewer.caller,
                "claimedUntil": {"$gt": at},
            },
            {
                "$set": {
                    "status": status,
                    "addressId": address_id,
                    "reviewer": reviewer.name,
                    "reviewerId": reviewer.caller,
                    "decidedAt": at,
                    "claimedBy": None,
                    "claimedById": None,
                    "claimedUntil": None,
                    "reviewed": {"addressId": task.get("addressId"), "decidedAt": task.get("decidedAt")},
                },
                "$push": {"unsent": {"$each": list(facts)}},
            },
            return_document=ReturnDocument.AFTER,
        )

    def undo(
        self, task: Document, reviewer: Reviewer, *facts: Document, decided_after: datetime, claimed_until: datetime
    ) -> Document | None:
        """Take a decision back in one write; ``None`` when there is none of this reviewer, or it is too old."""
        before = task.get("reviewed") or {}
        return self._tasks.find_one_and_update(
            {
                "_id": task["_id"],
                "status": {"$in": ["MATCHED", "NEW"]},
                "reviewer": reviewer.name,
                "reviewerId": reviewer.caller,
                # The very decision that was read: a newer one of the same reviewer has another moment.
                "$and": [{"decidedAt": task.get("decidedAt")}, {"decidedAt": {"$gt": decided_after}}],
            },
            {
                "$set": {
                    "status": "IN_REVIEW",
                    "addressId": before.get("addressId"),
                    "decidedAt": before.get("decidedAt"),
                    "reviewer": None,
                    "reviewerId": None,
                    "reviewed": None,
                    "claimedBy": reviewer.name,
                    "claimedById": reviewer.caller,
                    "claimedUntil": claimed_until,
                },
                "$push": {"unsent": {"$each": list(facts)}},
            },
            return_document=ReturnDocument.AFTER,
        )


@cache
def task_store() -> TaskStore:
    """The store of this process."""
    return TaskStore(mongo.database("matching"))
