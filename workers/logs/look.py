"""One look at how all services are: from their lines, and from how long nobody has heard them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from workers.logs.batch import entry_id
from workers.logs.rules import Reading, Rule

REQUESTS = ("request answered", "request")
"""what subgraphs and the gateway call the line about a request"""
ERRORS = ("error", "critical")
SERVER_ERROR = 500


class Look:
    """
    Reads what the rules judge.

    :param window: seconds that are looked back
    :param slow_ms: a request that takes longer is slow
    :param old_ms: a fact that waited longer is old
    :param patience: seconds after which the writer of lines is not heard, or a process that has come back is believed silent
    """

    def __init__(
        self, database: "Database[dict[str, Any]]", *, window: int, slow_ms: int, old_ms: int, patience: float
    ) -> None:
        self._entries = database["entries"]
        self._sources = database["sources"]
        self._state = database["state"]
        self._window = window
        self._slow_ms = slow_ms
        self._old_ms = old_ms
        self._patience = patience

    def writer(self, now: datetime) -> Reading | None:
        """How long nobody has written lines down; ``None`` before anybody ever did."""
        found = self._state.find_one({"_id": "writer"})
        if found is None:
            return None
        silent = (now - found["heardAt"]).total_seconds()
        text = f"no line of any service was written down for {silent:.0f} s"
        return Reading(Rule.SILENCE, "logs", silent, 1, text, "workers.logs write")

    def heard_since(self, now: datetime) -> datetime | None:
        """From when on lines have come all the time; ``None`` when they do not come now."""
        found = self._state.find_one({"_id": "writer"})
        if found is None or now - found["heardAt"] > min(self._patience, 10.0) * _SECOND:
            return None
        since: datetime = found["connectedSince"]
        return since

    def readings(self, now: datetime) -> Iterator[Reading]:
        """How each service is."""
        for found in self._entries.aggregate(self._pipeline(now)):
            service, lines = found["_id"], found["lines"]
            bad = found["errors"] + found["failed"]
            yield Reading(
                Rule.ERROR_RATE,
                service,
                bad / lines,
                bad,
                f"{bad} of {lines} lines within {self._window} s are errors",
            )
            if found["requests"]:
                yield Reading(
                    Rule.LATENCY,
                    service,
                    found["slow"] / found["requests"],
                    found["slow"],
                    f"{found['slow']} of {found['requests']} requests within {self._window} s took more than "
                    f"{self._slow_ms} ms",
                )
            if found["facts"]:
                yield Reading(
                    Rule.QUEUE_AGE,
                    service,
                    found["old"] / found["facts"],
                    found["old"],
                    f"{found['old']} of {found['facts']} facts and tasks within {self._window} s had waited for more than "
                    f"{self._old_ms / 1000:.0f} s",
                )

    def silences(self, now: datetime) -> Iterator[Reading]:
        """How long each process has said nothing; not of one that left in order, nor of our own writer."""
        last: dict[tuple[str, str], dict[str, Any]] = {}
        for one in self._sources.find().sort("heardAt", 1):
            last[one["service"], one["process"]] = one
        for (service, process), one in last.items():
            if one["left"]:
                continue
            silent = (now - one["heardAt"]).total_seconds()
            text = f"{process} ({one['instance']}) has said nothing for {silent:.0f} s"
            yield Reading(Rule.SILENCE, service, silent, 1, text, process)

    def _pipeline(self, now: datetime) -> list[dict[str, Any]]:
        def count(condition: dict[str, Any]) -> dict[str, Any]:
            return {"$sum": {"$cond": [condition, 1, 0]}}

        is_request = {"$in": ["$event", list(REQUESTS)]}
        return [
            {"$match": {"_id": {"$gte": entry_id(now - self._window * _SECOND)}}},
            {
                "$group": {
                    "_id": "$service",
                    "lines": {"$sum": 1},
                    "errors": count({"$in": ["$level", list(ERRORS)]}),
                    "failed": count(
                        {
                            "$and": [
                                is_request,
                                {"$gte": ["$status", SERVER_ERROR]},
                                {"$not": [{"$in": ["$level", list(ERRORS)]}]},
                            ]
                        }
                    ),
                    "requests": count(is_request),
                    "slow": count({"$and": [is_request, {"$gt": ["$ms", self._slow_ms]}]}),
                    "facts": count({"$gt": ["$waitedMs", None]}),
                    "old": count({"$gt": ["$waitedMs", self._old_ms]}),
                }
            },
        ]


_SECOND = timedelta(seconds=1)
