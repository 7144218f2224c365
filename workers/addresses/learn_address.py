"""Use case: an address that was new becomes part of the register, or is taken out again when somebody thinks twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from workers.addresses.facts import register_changed
from workers.addresses.model import CONTENT, Entry, change

LEARNT = "learnt"
"""the source of every address that came this way"""


class Policy(Enum):
    """Which new addresses the register learns."""

    REVIEWED = "reviewed"
    """those a person has called new"""
    ACCEPT = "accept"
    """those of every subscriber, as soon as matching calls them new"""


@dataclass(frozen=True)
class NewAddress:
    """An address that matching, or a person, says is near none the register has."""

    match_task_id: str
    address: Mapping[str, Any]
    """as it was typed"""

    @property
    def entry(self) -> Entry:
        """What the register should say; the task is its reference, so it is learnt once."""
        return Entry(LEARNT, self.match_task_id, {name: self.address.get(name) for name in CONTENT})


class LearntAddresses:
    """The addresses that were learnt, and the facts about them, written together."""

    def __init__(self, database: "Database[dict[str, Any]]") -> None:
        self._database = database

    def learn(self, new: NewAddress) -> bool:
        """Add the address; say whether the register changed."""
        return self._in_one_go(lambda session: self._learn(new.entry, session))

    def forget(self, match_task_id: str) -> bool:
        """Take the address out again, as long as nobody has made it their own by changing it."""
        entry = Entry(LEARNT, match_task_id, {})
        return self._in_one_go(lambda session: self._forget(entry.id, session))

    def _in_one_go(self, work: Callable[[ClientSession], bool]) -> bool:
        with self._database.client.start_session() as session:
            return bool(session.with_transaction(work))

    def _learn(self, entry: Entry, session: ClientSession) -> bool:
        addresses = self._database["addresses"]
        known = addresses.find_one({"_id": entry.id}, session=session)
        if known is None:
            document = entry.document(datetime.now(UTC))
            addresses.insert_one(document, session=session)
        elif known["status"] == "REMOVED":
            document = self._set_status(known, "ACTIVE", session)
        else:
            return False
        self._tell("added", document, session)
        return True

    def _forget(self, address_id: str, session: ClientSession) -> bool:
        known = self._database["addresses"].find_one({"_id": address_id}, session=session)
        if known is None or known["status"] != "ACTIVE" or known["updatedAt"] != known["createdAt"]:
            return False
        self._tell("removed", self._set_status(known, "REMOVED", session), session)
        return True

    def _set_status(self, known: Mapping[str, Any], status: str, session: ClientSession) -> dict[str, Any]:
        changed = {"status": status, "version": known["version"] + 1}
        self._database["addresses"].update_one({"_id": known["_id"]}, {"$set": changed}, session=session)
        return {**known, **changed}

    def _tell(self, kind: str, document: Mapping[str, Any], session: ClientSession) -> None:
        version = document["version"]
        told = register_changed([change(kind, document)], document["_id"], version, import_id=None, chunk=None)
        self._database["outbox"].insert_one({"_id": told["id"], "unsent": [told]}, session=session)
