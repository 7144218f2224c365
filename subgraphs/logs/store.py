"""Entries and alerts in MongoDB. The workers of this service write them; here they are found."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from subgraphs.chassis import mongo
from subgraphs.logs.model import Alert, AlertStatus, Entry, Level, Rule

Document = dict[str, Any]

MOST_COUNTED = 10_000
"""entries: counting all that there are would read all that there are"""


@dataclass(frozen=True)
class OnlyEntries:
    """Which entries are meant; ``None``: any."""

    since: datetime | None = None
    until: datetime | None = None
    level: Level | None = None
    """this one and what matters more"""
    service: str | None = None
    request_id: str | None = None
    text: str | None = None
    """somewhere in the line, in upper or lower case"""

    def as_filter(self) -> Document:
        """As MongoDB asks for them."""
        wanted: Document = {}
        # Ids sort by time: one index serves the order, the time, and the page.
        bounds = {"$gte": self.since and id_at(self.since), "$lt": self.until and id_at(self.until)}
        if given := {compare: id for compare, id in bounds.items() if id is not None}:
            wanted["_id"] = given
        if self.level is not None:
            wanted["level"] = {"$in": self.level.and_above}
        if self.service is not None:
            wanted["service"] = self.service
        if self.request_id is not None:
            wanted["requestId"] = self.request_id
        if self.text is not None:
            wanted["line"] = {"$regex": re.escape(self.text), "$options": "i"}
        return wanted


@dataclass(frozen=True)
class OnlyAlerts:
    """Which alerts are meant; ``None``: any."""

    status: AlertStatus | None = None
    rule: Rule | None = None
    service: str | None = None

    def as_filter(self) -> Document:
        """As MongoDB asks for them."""
        given = {"status": self.status, "rule": self.rule, "service": self.service}
        return {name: str(value) for name, value in given.items() if value is not None}


class LogStore:
    """What the service finds."""

    def __init__(self, db: Database[Document], *, search_ms: int) -> None:
        self._entries = db["entries"]
        self._alerts = db["alerts"]
        self._search_ms = search_ms

    def entries(self, only: OnlyEntries, size: int, *, after: str | None) -> list[Entry]:
        """
        The newest entries beyond the one with this id, at most ``size``.

        :raises pymongo.errors.ExecutionTimeout: when they are not found in time.
        """
        if size == 0:
            return []
        wanted = only.as_filter()
        if after is not None:
            wanted.setdefault("_id", {})
            wanted["_id"] = {**wanted["_id"], "$lt": min(after, wanted["_id"].get("$lt", after))}
        found = self._entries.find(wanted, max_time_ms=self._search_ms).sort("_id", DESCENDING).limit(size)
        return [Entry.from_document(document) for document in found]

    def count_entries(self, only: OnlyEntries) -> int:
        """
        How many entries there are, up to :data:`MOST_COUNTED`.

        :raises pymongo.errors.ExecutionTimeout: when they are not counted in time.
        """
        return self._entries.count_documents(only.as_filter(), limit=MOST_COUNTED, maxTimeMS=self._search_ms)

    def entries_of(self, ids: Sequence[str]) -> dict[str, Entry]:
        """Several entries with one query."""
        found = self._entries.find({"_id": {"$in": list(set(ids))}}, batch_size=len(ids) + 1)
        return {document["_id"]: Entry.from_document(document) for document in found}

    def alerts(self, only: OnlyAlerts, size: int, *, after: tuple[datetime, str] | None) -> list[Alert]:
        """The newest alerts beyond a position, at most ``size``."""
        if size == 0:
            return []
        wanted = only.as_filter()
        if after is not None:
            at, id = after
            wanted["$or"] = [{"openedAt": {"$lt": at}}, {"openedAt": at, "_id": {"$gt": id}}]
        found = self._alerts.find(wanted).sort([("openedAt", DESCENDING), ("_id", ASCENDING)]).limit(size)
        return [Alert.from_document(document) for document in found]

    def count_alerts(self, only: OnlyAlerts) -> int:
        """How many alerts there are."""
        return self._alerts.count_documents(only.as_filter())

    def alerts_of(self, ids: Sequence[str]) -> dict[str, Alert]:
        """Several alerts with one query."""
        found = self._alerts.find({"_id": {"$in": list(set(ids))}}, batch_size=len(ids) + 1)
        return {document["_id"]: Alert.from_document(document) for document in found}


def id_at(time: datetime) -> str:
    """What the ids of entries of this moment begin with, as ``workers/logs`` makes them."""
    return f"{max(0, int(time.timestamp() * 1000)):012x}:"


@cache
def store() -> LogStore:
    """The store of this process."""
    from django.conf import settings

    return LogStore(mongo.database("logs"), search_ms=settings.SEARCH_MS)
