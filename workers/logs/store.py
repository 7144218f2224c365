"""Entries, and who was heard, in MongoDB."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from pymongo import ASCENDING, UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from workers.logs.batch import Batch

log = structlog.get_logger("logs")

_DUPLICATE = 11000
_AT_A_TIME = 20_000
"""entries that are removed with one command"""


class LogStore:
    """What `prepare` of the subgraph `logs` has made ready."""

    def __init__(self, database: "Database[dict[str, Any]]") -> None:
        self._database = database
        self._entries = database["entries"]
        self._sources = database["sources"]
        self._state = database["state"]

    def kept_for(self) -> timedelta:
        """How long entries stay."""
        indexes = self._entries.index_information()
        seconds = next((one["expireAfterSeconds"] for one in indexes.values() if "expireAfterSeconds" in one), 0)
        return timedelta(seconds=seconds) if seconds else timedelta(days=7)

    def add(self, documents: Sequence[Mapping[str, Any]]) -> None:
        """Keep these entries; those that are there already stay as they are."""
        if not documents:
            return
        try:
            self._entries.insert_many([dict(one) for one in documents], ordered=False)
        except BulkWriteError as problem:
            others = [one for one in problem.details["writeErrors"] if one["code"] != _DUPLICATE]
            if others:
                raise

    def heard(self, batches: Sequence[Batch], now: datetime, *, connected_since: datetime) -> None:
        """Note who was heard, and that we listen."""
        last = {f"{one.service} {one.process} {one.instance}": one for one in batches}
        steps = [
            UpdateOne(
                {"_id": id},
                {
                    "$set": {
                        "service": one.service,
                        "process": one.process,
                        "instance": one.instance,
                        "heardAt": now,
                        "left": one.leaves,
                    }
                },
                upsert=True,
            )
            for id, one in last.items()
        ]
        if steps:
            self._sources.bulk_write(steps, ordered=False)
        self._state.update_one(
            {"_id": "writer"}, {"$set": {"heardAt": now, "connectedSince": connected_since}}, upsert=True
        )

    def cut(self, most_bytes: int) -> int:
        """Remove the oldest entries beyond this size; say how many."""
        found = self._database.command("collStats", "entries")
        if found["size"] <= most_bytes or not found["count"]:
            return 0
        too_many = int((found["size"] - 0.9 * most_bytes) / found["avgObjSize"]) + 1
        at_once = min(too_many, found["count"], _AT_A_TIME)
        last = list(self._entries.find({}, {"_id": 1}).sort("_id", ASCENDING).skip(at_once - 1).limit(1))
        removed = self._entries.delete_many({"_id": {"$lte": last[0]["_id"]}}).deleted_count if last else 0
        log.warning("oldest entries removed", entries=removed, bytes=found["size"], most_bytes=most_bytes)
        return removed
