"""Alerts in MongoDB: opened once, cleared once, each with the facts and the calls that tell of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from workers.logs.facts import alert_told
from workers.logs.rules import Reading

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 600.0
IN_HAND = timedelta(seconds=60)
"""after so long, whoever took a call in hand is taken for dead"""


class Alerts:
    """
    The collection `alerts`, which the subgraph `logs` reads.

    :param letters_to: e-mail addresses of those who are written to
    :param calls: whether a webhook is called
    :param tries: how often
    """

    def __init__(
        self, database: "Database[dict[str, Any]]", *, letters_to: Sequence[str], calls: bool, tries: int
    ) -> None:
        self._alerts = database["alerts"]
        self._letters_to = letters_to
        self._calls = calls
        self._tries = tries

    def open_ones(self) -> dict[str, str]:
        """What each open alert is of, and its id."""
        return {one["key"]: one["_id"] for one in self._alerts.find({"status": "OPEN"}, {"key": 1})}

    def open(self, reading: Reading, now: datetime) -> bool:
        """Open an alert, unless one is open; say whether."""
        alert: dict[str, Any] = {
            "_id": str(uuid4()),
            "key": reading.key,
            "status": "OPEN",
            "rule": reading.rule.value,
            "service": reading.service,
            "process": reading.process,
            "text": reading.text,
            "value": float(reading.value),
            "worst": float(reading.value),
            "openedAt": now,
            "clearedAt": None,
        }
        try:
            self._alerts.insert_one({**alert, **self._told("alert.opened.v1", alert, now)})
        except DuplicateKeyError:
            return False
        return True

    def go_on(self, readings: Mapping[str, Reading]) -> None:
        """Note how bad it is of those that are open."""
        for key, reading in readings.items():
            self._alerts.update_one(
                {"key": key, "status": "OPEN"},
                {"$set": {"value": float(reading.value)}, "$max": {"worst": float(reading.value)}},
            )

    def clear(self, alert_id: str, now: datetime) -> bool:
        """It is well again; say whether the alert was open."""
        alert = self._alerts.find_one({"_id": alert_id, "status": "OPEN"})
        if alert is None:
            return False
        alert |= {"status": "CLEARED", "clearedAt": now}
        told = self._told("alert.cleared.v1", alert, now)
        changed = self._alerts.update_one(
            {"_id": alert_id, "status": "OPEN"},
            {
                "$set": {"status": "CLEARED", "clearedAt": now},
                "$push": {name: {"$each": said} for name, said in told.items()},
            },
        )
        return changed.modified_count == 1

    def next_call(self, now: datetime) -> dict[str, Any] | None:
        """Take the call of a webhook in hand that is due; what is to be said, and in `number` how often it was tried."""
        due = {"calls": {"$elemMatch": {"status": "PENDING", "nextAt": {"$lte": now}}}}
        alert = self._alerts.find_one_and_update(
            due,
            {"$set": {"calls.$.nextAt": now + IN_HAND}, "$inc": {"calls.$.tries": 1}},
            return_document=ReturnDocument.BEFORE,
        )
        if alert is None:
            return None
        call = next(one for one in alert["calls"] if one["status"] == "PENDING" and one["nextAt"] <= now)
        return {**call, "tries": call["tries"] + 1, "alertId": alert["_id"]}

    def called(self, call: Mapping[str, Any]) -> None:
        """It was taken."""
        self._end(call, {"status": "TAKEN", "problem": None})

    def not_called(self, call: Mapping[str, Any], problem: str, now: datetime) -> bool:
        """It was not taken; say whether it will be tried again."""
        if call["tries"] >= self._tries:
            self._end(call, {"status": "GIVEN_UP", "problem": problem[:500]})
            return False
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (call["tries"] - 1))
        self._end(call, {"nextAt": now + timedelta(seconds=pause), "problem": problem[:500]})
        return True

    def _end(self, call: Mapping[str, Any], outcome: Mapping[str, Any]) -> None:
        self._alerts.update_one(
            {"_id": call["alertId"], "calls": {"$elemMatch": {"id": call["id"], "tries": call["tries"]}}},
            {"$set": {f"calls.$.{name}": value for name, value in outcome.items()}},
        )

    def _told(self, type: str, alert: Mapping[str, Any], now: datetime) -> dict[str, list[dict[str, Any]]]:
        fact = alert_told(type, alert, self._letters_to)
        call = {
            "id": str(uuid4()),
            "type": type,
            "status": "PENDING",
            "tries": 0,
            "nextAt": now,
            "problem": None,
            "alert": fact["data"]["alert"],
        }
        return {"unsent": [fact] if self._letters_to else [], "calls": [call] if self._calls else []}
