"""
Whom a verdict concerns: remembered from what was submitted, brought together with what was decided.

Both may come first. They meet in one document, so whoever writes second sees both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from workers.notifications.letter import Kind, Letter, Recipient


@dataclass(frozen=True)
class Decision:
    """What is known about the address of a task."""

    status: str
    """MATCHED, IN_REVIEW, NEW or FAILED"""
    at: datetime
    address: Mapping[str, Any] | None = None
    """the known address, where the fact said it"""


@dataclass(frozen=True)
class Concern:
    """A task, the person it concerns, and what was decided, as far as these are known."""

    match_task_id: str
    recipient: Recipient | None
    typed: Mapping[str, Any]
    decision: Decision | None
    dropped: bool
    """nobody wants to hear of it any more: another address was given since, or the subscription ended"""

    def letter(self, *kinds: Kind) -> Letter | None:
        """The letter that is due by now, when it is one of these kinds."""
        if self.recipient is None or self.decision is None or self.dropped:
            return None
        kind = _KINDS.get(self.decision.status)
        if kind is None or kind not in kinds:
            return None
        known = self.decision.address if kind is Kind.CONFIRMED else None
        return Letter(self.match_task_id, kind, self.recipient, known or self.typed)


_KINDS = {"MATCHED": Kind.CONFIRMED, "IN_REVIEW": Kind.CHECKING, "NEW": Kind.CONFIRMED_AS_TYPED}


class Recipients:
    """The collection `recipients`, which is this worker's alone."""

    def __init__(self, database: "Database[dict[str, Any]]") -> None:
        self._recipients = database["recipients"]

    def remember(self, match_task_id: str, recipient: Recipient, typed: Mapping[str, Any]) -> Concern:
        """Remember who waits for this task."""
        known = {"subscriberId": recipient.subscriber_id, "name": recipient.name, "email": recipient.email}
        return self._update(match_task_id, {"$set": {**known, "address": dict(typed)}})

    def drop(self, match_task_id: str) -> None:
        """Nobody wants to hear of this task any more."""
        self._update(match_task_id, {"$set": {"dropped": True}})

    def decide(self, match_task_id: str, decision: Decision) -> Concern:
        """Remember what was decided, unless something newer is known."""
        decided = {
            "status": decision.status,
            "at": decision.at,
            "address": dict(decision.address) if decision.address else None,
        }
        newer = {"$gte": [decision.at, {"$ifNull": ["$decision.at", decision.at]}]}
        # A literal, so that an address that begins with a dollar sign stays an address.
        stands = {"$cond": [newer, {"$literal": decided}, "$decision"]}
        return self._update(match_task_id, [{"$set": {"decision": stands}}])

    def find(self, match_task_id: str) -> Concern | None:
        """What is known about this task."""
        found = self._recipients.find_one({"_id": match_task_id})
        return _concern(found) if found else None

    def _update(self, match_task_id: str, change: Any) -> Concern:
        document: dict[str, Any] | None = None
        for last_try in (False, True):
            try:
                document = self._recipients.find_one_and_update(
                    {"_id": match_task_id}, change, upsert=True, return_document=ReturnDocument.AFTER
                )
            except DuplicateKeyError:
                # Two were the first at once; by now the document is there.
                if last_try:
                    raise
            else:
                break
        assert document is not None  # noqa: S101 - an upsert always has one
        return _concern(document)


def _concern(document: Mapping[str, Any]) -> Concern:
    decided = document.get("decision")
    recipient = None
    if "email" in document:
        recipient = Recipient(document["subscriberId"], document["name"], document["email"])
    return Concern(
        match_task_id=document["_id"],
        recipient=recipient,
        typed=document.get("address") or {},
        decision=Decision(decided["status"], decided["at"], decided.get("address")) if decided else None,
        dropped=document.get("dropped", False),
    )
