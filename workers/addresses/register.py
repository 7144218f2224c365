"""The register in MongoDB."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import InsertOne, UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from workers.addresses.model import Entry, search_text

_DUPLICATE = 11000
_ATTEMPTS = 5
_NEEDED = {"createdAt": False, "searchText": False}


class RegisterKeepsChanging(Exception):
    """Somebody else changed the same addresses every time we tried; trying later may work."""


class Register:
    """The addresses, and who may change them: whoever has seen their present version."""

    def __init__(self, database: "Database[dict[str, Any]]") -> None:
        self._addresses: Collection[dict[str, Any]] = database["addresses"]

    def known(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The addresses of these ids, as they are now."""
        return {document["_id"]: document for document in self._addresses.find({"_id": {"$in": list(ids)}}, _NEEDED)}

    def bring_in(self, entries: Sequence[Entry], now: datetime) -> None:
        """
        Make the register say what the entries say.

        An address that says so already is left alone, so doing it again does nothing. Each change names the version
        it saw: what a person changed meanwhile is looked at again, never overwritten unseen.
        """
        latest = {entry.id: entry for entry in entries}
        for _ in range(_ATTEMPTS):
            known = self.known(latest)
            writes = [
                write for entry in latest.values() if (write := _write(entry, known.get(entry.id), now)) is not None
            ]
            if not writes:
                return
            try:
                done = self._addresses.bulk_write(writes, ordered=False)
                if done.inserted_count + done.matched_count == len(writes):
                    return
            except BulkWriteError as problem:
                if any(error["code"] != _DUPLICATE for error in problem.details["writeErrors"]):
                    raise
        raise RegisterKeepsChanging(f"{len(latest)} addresses could not be written in {_ATTEMPTS} attempts")


def _write(entry: Entry, known: Mapping[str, Any] | None, now: datetime) -> Any:
    if known is None:
        return InsertOne(entry.document(now))
    if entry.is_said_by(known):
        return None
    said = {**entry.content, **entry.place, "searchText": search_text(entry.content), "updatedAt": now}
    return UpdateOne({"_id": entry.id, "version": known["version"]}, {"$set": said, "$inc": {"version": 1}})
