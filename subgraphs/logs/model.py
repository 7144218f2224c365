"""Entries and alerts as this service shows them; the documents behind them are in ``contracts/``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How much a line matters, the least first."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"

    @property
    def and_above(self) -> list[str]:
        """This and what matters more, as documents say it."""
        levels = list(Level)
        return [level.value.lower() for level in levels[levels.index(self) :]]


class Rule(StrEnum):
    """What can be wrong with a service."""

    ERROR_RATE = "ERROR_RATE"
    LATENCY = "LATENCY"
    QUEUE_AGE = "QUEUE_AGE"
    SILENCE = "SILENCE"


class AlertStatus(StrEnum):
    """Whether it is wrong now."""

    OPEN = "OPEN"
    CLEARED = "CLEARED"


@dataclass(frozen=True)
class Entry:
    """One log line."""

    id: str
    time: datetime
    level: Level
    service: str
    process: str | None
    event: str
    request_id: str | None
    trace_id: str | None
    line: str
    """as it was written"""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Entry":
        """Read it from its document."""
        return cls(
            id=document["_id"],
            time=document["time"],
            level=Level(document["level"].upper()),
            service=document["service"],
            process=document.get("process"),
            event=document["event"],
            request_id=document.get("requestId"),
            trace_id=document.get("traceId"),
            line=document["line"],
        )


@dataclass(frozen=True)
class Alert:
    """Something that is, or was, wrong with a service."""

    id: str
    status: AlertStatus
    rule: Rule
    service: str
    process: str | None
    text: str
    value: float
    worst: float
    opened_at: datetime
    cleared_at: datetime | None

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Alert":
        """Read it from its document."""
        return cls(
            id=document["_id"],
            status=AlertStatus(document["status"]),
            rule=Rule(document["rule"]),
            service=document["service"],
            process=document.get("process"),
            text=document["text"],
            value=document["value"],
            worst=document["worst"],
            opened_at=document["openedAt"],
            cleared_at=document.get("clearedAt"),
        )
