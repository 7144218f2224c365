"""Searches for duplicates in MongoDB: at most one is open at a time; the pairs are written by the workers."""

from datetime import datetime
from functools import cache
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from subgraphs.chassis import mongo
from subgraphs.matching.lists import Position, at_once, beyond

Document = dict[str, Any]

MOST_PROBABLE_FIRST = (("score", DESCENDING), ("_id", ASCENDING))
_NEWEST_FIRST = [("createdAt", DESCENDING), ("_id", DESCENDING)]


class DuplicateStore:
    """What is remembered of searches for duplicates."""

    def __init__(self, db: Database[Document]) -> None:
        self._searches: Collection[Document] = db["duplicate_searches"]
        self._pairs: Collection[Document] = db["duplicate_pairs"]
        self._distinct: Collection[Document] = db["distinct_pairs"]

    def begin(self, search: Document, *facts: Document) -> Document:
        """Save a search and its facts in one write; where one is open already, that one is it."""
        try:
            self._searches.insert_one({**search, "isOpen": True, "unsent": list(facts)})
        except DuplicateKeyError:
            if open_one := self._searches.find_one({"isOpen": True}):
                return open_one
            return self.begin(search, *facts)
        return search

    def get(self, search_id: str | None) -> Document | None:
        """A search, or the newest one."""
        wanted = {} if search_id is None else {"_id": search_id}
        return self._searches.find_one(wanted, {"unsent": False}, sort=_NEWEST_FIRST)

    def cancel(self, search_id: str, at: datetime) -> Document | None:
        """Stop a search; ``None`` when it is over already."""
        return self._searches.find_one_and_update(
            {"_id": search_id, "isOpen": True},
            {"$set": {"status": "CANCELLED", "finishedAt": at}, "$unset": {"isOpen": ""}},
            return_document=ReturnDocument.AFTER,
        )

    def pairs(self, size: int, after: Position | None) -> list[Document]:
        """The pairs beyond a position, the most probable first."""
        found = self._pairs.find(beyond(MOST_PROBABLE_FIRST, after), batch_size=at_once(size))
        return list(found.sort(list(MOST_PROBABLE_FIRST)).limit(size))

    def tell_apart(self, pair_id: str, reviewer: str, at: datetime) -> Document | None:
        """
        Note that a pair is no pair, for the workers to respect, and take it out of the list.

        :return: the pair as it was found, said twice or not; ``None`` when there never was one
        """
        if pair := self._pairs.find_one({"_id": pair_id}):
            told = {"$setOnInsert": {**pair, "reviewer": reviewer, "decidedAt": at}}
            self._distinct.update_one({"_id": pair_id}, told, upsert=True)
            self._pairs.delete_one({"_id": pair_id})
        return self._distinct.find_one({"_id": pair_id})

    def put_back(self, pair_id: str) -> Document | None:
        """
        Forget that a pair was said to be none, and list it again.

        :return: the pair, put back twice or not; ``None`` when there never was one
        """
        if told := self._distinct.find_one({"_id": pair_id}, {"reviewer": False, "decidedAt": False}):
            # A search that is under way has passed it by, and keeps only what it has found.
            running = self._searches.find_one({"isOpen": True}, {"_id": True})
            pair = {**told, "searchId": running["_id"]} if running else told
            self._list(pair)
            self._distinct.delete_one({"_id": pair_id})
            # Again, for a search that has found it meanwhile and still knew that it is none.
            self._list(pair)
        return self._pairs.find_one({"_id": pair_id})

    def _list(self, pair: Document) -> None:
        self._pairs.update_one({"_id": pair["_id"]}, {"$setOnInsert": pair}, upsert=True)

    def count_pairs(self) -> int:
        """How many pairs there are."""
        return self._pairs.count_documents({})


@cache
def duplicate_store() -> DuplicateStore:
    """The store of this process."""
    return DuplicateStore(mongo.database("matching"))
