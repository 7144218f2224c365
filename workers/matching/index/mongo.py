"""The index in MongoDB: ``known_addresses`` with a multikey index on the blocking keys."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import IndexModel, UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from workers.chassis.mongo import Document
from workers.matching.index import MOST_BEHIND_A_KEY, Known, ranked
from workers.matching.matcher import Address, exact_key, keys_of

_DUPLICATE_KEY = 11000
_FIELDS = dict.fromkeys(("name", "address", "postalCode", "city", "region", "country"), 1)
_MOST_KEYS_AT_ONCE = 4_000


@dataclass(frozen=True)
class Change:
    """What the register says about one address now."""

    id: str
    version: int
    address: Address | None
    """``None``: it is not there any more"""


class MongoIndex:
    """Known addresses, found by their keys and kept up to date by facts."""

    def __init__(self, db: Database[Document]) -> None:
        self._db = db
        self._known = db["known_addresses"]
        self._chunks = db["indexed_chunks"]

    def prepare(self) -> None:
        """Make the indexes; harmless to repeat."""
        self._known.create_indexes([IndexModel("keys"), IndexModel("exact")])
        self._chunks.create_indexes([IndexModel("importId")])

    def near(self, typed: Sequence[Address]) -> list[list[Known]]:
        """For each typed address, the known ones worth comparing: two questions for all of them."""
        keys = [keys_of(address) for address in typed]
        behind = self._ids_behind({key for some in keys for key in some})
        ids = [ranked([behind.get(key, ()) for key in some]) for some in keys]
        known = self._addresses({id for some in ids for id in some})
        return [[(id, known[id]) for id in some if id in known] for some in ids]

    def exactly(self, typed: Address) -> str | None:
        """The id of the one known address that is exactly this."""
        found = list(self._known.find({"exact": exact_key(typed)}, {"_id": 1}).limit(2))
        return found[0]["_id"] if len(found) == 1 else None

    def keep(self, changes: Iterable[Change]) -> None:
        """Bring the index up to date; an older change that comes late is left out."""
        writes = [
            UpdateOne({"_id": change.id, "version": {"$lt": change.version}}, {"$set": _known(change)}, upsert=True)
            for change in changes
        ]
        if not writes:
            return
        try:
            self._known.bulk_write(writes, ordered=False)
        except BulkWriteError as errors:
            # A version that is there already makes the upsert collide with itself: nothing is to be done then.
            if any(error["code"] != _DUPLICATE_KEY for error in errors.details["writeErrors"]):
                raise

    def remember_chunk(self, import_id: str, chunk: int, count: int) -> None:
        """Note that the addresses of a chunk of an import can be found."""
        self._chunks.update_one(
            {"_id": f"{import_id}:{chunk}"}, {"$set": {"importId": import_id, "count": count}}, upsert=True
        )

    def _ids_behind(self, keys: set[str]) -> dict[str, list[str]]:
        """
        Key → ids, one more than are used at most.

        A lookup per key inside the server: each stops at its limit, so an over-frequent key costs no more than others.
        """
        found: dict[str, list[str]] = {}
        wanted = sorted(keys)
        for start in range(0, len(wanted), _MOST_KEYS_AT_ONCE):
            pipeline: list[dict[str, Any]] = [
                {"$documents": [{"key": key} for key in wanted[start : start + _MOST_KEYS_AT_ONCE]]},
                {
                    "$lookup": {
                        "from": self._known.name,
                        "localField": "key",
                        "foreignField": "keys",
                        "pipeline": [{"$limit": MOST_BEHIND_A_KEY + 1}, {"$project": {"_id": 1}}],
                        "as": "known",
                    }
                },
                {"$match": {"known.0": {"$exists": True}}},
                {"$project": {"key": 1, "ids": "$known._id"}},
            ]
            for line in self._db.aggregate(pipeline):
                found[line["key"]] = line["ids"]
        return found

    def _addresses(self, ids: set[str]) -> dict[str, Address]:
        if not ids:
            return {}
        found = self._known.find({"_id": {"$in": list(ids)}}, _FIELDS)
        return {document["_id"]: Address.from_document(document) for document in found}


def _known(change: Change) -> Document:
    if change.address is None:
        return {"version": change.version, "keys": [], "exact": None, "removed": True}
    return {
        "version": change.version,
        **change.address.as_document(),
        "keys": keys_of(change.address),
        "exact": exact_key(change.address),
        "removed": False,
    }
