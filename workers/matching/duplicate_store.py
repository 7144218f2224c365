"""Searches for duplicates in MongoDB: where they stand, and the pairs they found."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from pymongo import ReplaceOne, ReturnDocument
from pymongo.database import Database

from workers.chassis.mongo import Document
from workers.matching.matcher import Address

_KEPT = {"removed": {"$ne": True}}


class DuplicateStore:
    """What is remembered of searches for duplicates."""

    def __init__(self, db: Database[Document]) -> None:
        self._searches = db["duplicate_searches"]
        self._pairs = db["duplicate_pairs"]
        self._distinct = db["distinct_pairs"]
        self._known = db["known_addresses"]

    def begin(self, search_id: str) -> Document | None:
        """The search, now running; ``None`` when it is over or unknown."""
        running = self._searches.find_one({"_id": search_id, "status": {"$in": ["QUEUED", "RUNNING"]}})
        if running is None or running["status"] == "RUNNING":
            return running
        started = {"status": "RUNNING", "startedAt": datetime.now(UTC), "total": self._known.count_documents(_KEPT)}
        self._searches.update_one({"_id": search_id, "status": "QUEUED"}, {"$set": started})
        return self._searches.find_one({"_id": search_id, "status": "RUNNING"})

    def beyond(self, cursor: str, size: int) -> list[tuple[str, Address]]:
        """The next known addresses beyond an id, in the order of ids."""
        found = self._known.find({"_id": {"$gt": cursor}, **_KEPT}, {"keys": 0, "exact": 0}, batch_size=size + 1)
        return [(known["_id"], Address.from_document(known)) for known in found.sort("_id").limit(size)]

    def save(self, pairs: Iterable[Document]) -> None:
        """Save what was found; a pair that is found again replaces itself, unless a reviewer said that it is none."""
        writes = {pair["_id"]: ReplaceOne({"_id": pair["_id"]}, pair, upsert=True) for pair in pairs}
        if not writes:
            return
        self._pairs.bulk_write(list(writes.values()), ordered=False)
        # Afterwards, because the reviewer may say so between a look and the write.
        distinct = [one["_id"] for one in self._distinct.find({"_id": {"$in": list(writes)}}, {"_id": True})]
        if distinct:
            self._pairs.delete_many({"_id": {"$in": distinct}})

    def advance(self, search_id: str, cursor: str, to: str, done: int) -> bool:
        """Note where the search stands now; say whether it stood where it was thought to."""
        moved = self._searches.find_one_and_update(
            {"_id": search_id, "status": "RUNNING", "cursor": cursor},
            {"$set": {"cursor": to}, "$inc": {"done": done}},
            return_document=ReturnDocument.AFTER,
        )
        return moved is not None

    def finish(self, search_id: str, cursor: str) -> None:
        """End a search that has compared everything; what earlier ones found and this one did not is no pair."""
        if self._end(search_id, "FINISHED", cursor=cursor):
            self._pairs.delete_many({"searchId": {"$ne": search_id}})

    def give_up(self, search_id: str, problem: str) -> None:
        """End a search that cannot go on."""
        self._end(search_id, "FAILED", problem=problem)

    def forget(self, address_ids: Sequence[str]) -> None:
        """Remove the pairs of addresses that are not there any more, and what reviewers said about them."""
        if address_ids:
            for collection in (self._pairs, self._distinct):
                collection.delete_many({"addressIds": {"$in": list(address_ids)}})

    def _end(self, search_id: str, status: str, *, cursor: str | None = None, problem: str | None = None) -> bool:
        wanted = {"_id": search_id, "status": "RUNNING", **({} if cursor is None else {"cursor": cursor})}
        ended = {"status": status, "finishedAt": datetime.now(UTC), "problem": problem}
        return bool(self._searches.update_one(wanted, {"$set": ended, "$unset": {"isOpen": ""}}).modified_count)
