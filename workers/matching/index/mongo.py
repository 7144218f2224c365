"""
The index in MongoDB: ``known_addresses`` with a multikey index on the blocking keys.

It is the record of what matching knows, from which snapshots are built, and answers where there is none. ``changed`` says
when the server took a change in, so that what changed since can be asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from operator import attrgetter
from typing import Any

from bson import Timestamp
from pymongo import IndexModel, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from workers.chassis.mongo import Document
from workers.matching.index import MOST_BEHIND_A_KEY, ranked
from workers.matching.index.delta import Kept
from workers.matching.index.rows import Entry, entry
from workers.matching.matcher import Address, exact_key, keys_of

_DUPLICATE_KEY = 11000
_FIELDS = dict.fromkeys(("name", "address", "postalCode", "city", "region", "country"), 1)
_NOW = Timestamp(0, 0)
_MOST_KEYS_AT_ONCE = 4_000
_MOST_ADDRESSES_AT_ONCE = 1_000

Moment = tuple[int, int]
"""a point in the server's time, which orders all its writes: seconds, and the count within the second"""


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
        changed = IndexModel([("changed", 1), ("_id", 1), ("version", 1)])
        self._known.create_indexes([IndexModel("keys"), IndexModel("exact"), changed])
        self._chunks.create_indexes([IndexModel("importId")])

    def near(self, typed: Sequence[Address]) -> list[list[Entry]]:
        """For each typed address, the known ones worth comparing: two questions for all of them."""
        keys = [keys_of(address) for address in typed]
        behind = self._ids_behind({key for some in keys for key in some})
        ids = [ranked([behind.get(key, ()) for key in some]) for some in keys]
        known = self._addresses({id for some in ids for id in some})
        return [[known[id] for id in some if id in known] for some in ids]

    def exactly(self, typed: Address) -> str | None:
        """The id of the one known address that is exactly this."""
        found = list(self._known.find({"exact": exact_key(typed)}, {"_id": 1}).limit(2))
        return found[0]["_id"] if len(found) == 1 else None

    def keep(self, changes: Iterable[Change]) -> None:
        """Bring the index up to date; an older change that comes late is left out."""
        latest = {change.id: change for change in sorted(changes, key=attrgetter("version"))}
        if not latest:
            return
        known = {document["_id"] for document in self._known.find({"_id": {"$in": list(latest)}}, {"_id": 1})}
        # Where one is new an insert takes a fifth of an upsert's time; a stamp of zero is filled in by the server.
        new = [{"_id": id, **_known(one), "changed": _NOW} for id, one in latest.items() if id not in known]
        known |= self._inserted_by_others(new)
        writes = [
            UpdateOne(
                {"_id": id, "version": {"$lt": latest[id].version}},
                {"$set": _known(latest[id]), "$currentDate": {"changed": {"$type": "timestamp"}}},
            )
            for id in known
        ]
        if writes:
            self._known.bulk_write(writes, ordered=False)

    def _inserted_by_others(self, new: Sequence[Document]) -> set[str]:
        """Insert documents; the ids of those that somebody else has inserted meanwhile."""
        if not new:
            return set()
        try:
            self._known.insert_many(new, ordered=False)
        except BulkWriteError as errors:
            if any(error["code"] != _DUPLICATE_KEY for error in errors.details["writeErrors"]):
                raise
            return {error["keyValue"]["_id"] for error in errors.details["writeErrors"]}
        return set()

    def remember_chunk(self, import_id: str, chunk: int, count: int) -> None:
        """Note that the addresses of a chunk of an import can be found."""
        self._chunks.update_one(
            {"_id": f"{import_id}:{chunk}"}, {"$set": {"importId": import_id, "count": count}}, upsert=True
        )

    def identity(self) -> str:
        """What no other collection has, whenever and wherever it was made; empty while there is none."""
        found = next(iter(self._db.list_collections(filter={"name": self._known.name})), None)
        return f"{self._db.name} {found['info']['uuid']}" if found else ""

    def now(self) -> Moment:
        """The server's time: whatever is written from here on is stamped later."""
        with self._db.client.start_session() as session:
            self._db.command("ping", session=session)
            return _moment(session)

    @contextmanager
    def changed_since(self, moment: Moment, most: int) -> Iterator[tuple[Iterator[tuple[str, int]], Moment]]:
        """Ids and versions of what changed since a moment, so many at most, and the moment up to which that is so."""
        with self._db.client.start_session() as session:
            found = self._known.find(
                {"changed": {"$gte": Timestamp(*moment)}},
                {"_id": 1, "version": 1},
                session=session,
                limit=most,
                batch_size=10_000,
            )
            # The time of the first answer: what comes in while the rest is fetched is asked for again.
            first = list(islice(found, 1))
            yield ((document["_id"], document["version"]) for document in chain(first, found)), _moment(session)

    def kept(self, ids: Sequence[str]) -> Iterator[list[Kept]]:
        """What is kept about these addresses, some at a time."""
        for start in range(0, len(ids), _MOST_ADDRESSES_AT_ONCE):
            found = self._known.find({"_id": {"$in": list(ids[start : start + _MOST_ADDRESSES_AT_ONCE])}})
            yield [_kept(document) for document in found]

    def everything(self) -> Iterator[tuple[str, int, Address]]:
        """Every address that is there, with its version."""
        for document in self._known.find({"removed": {"$ne": True}}, {**_FIELDS, "version": 1}, batch_size=5_000):
            yield document["_id"], document["version"], Address.from_document(document)

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

    def _addresses(self, ids: set[str]) -> dict[str, Entry]:
        if not ids:
            return {}
        found = self._known.find({"_id": {"$in": list(ids)}}, {**_FIELDS, "version": 1})
        entries = (entry(document["_id"], document["version"], Address.from_document(document)) for document in found)
        return {one.id: one for one in entries}


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


def _kept(document: Document) -> Kept:
    address = None if document.get("removed") else Address.from_document(document)
    return Kept(document["_id"], document["version"], address, document["keys"], document["exact"] or "")


def _moment(session: ClientSession) -> Moment:
    time = session.operation_time
    if time is None:
        raise RuntimeError("the server says no time: let it be a replica set, of one member if need be")
    return time.time, time.inc
