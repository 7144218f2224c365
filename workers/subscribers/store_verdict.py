"""Use case: a verdict is there, and the subscriber's document says what it was."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

STATUSES = ("MATCHED", "IN_REVIEW", "NEW")


@dataclass(frozen=True)
class Verdict:
    """What was decided about the address of a subscriber."""

    subscriber_id: str
    match_task_id: str
    status: str
    address_id: str | None
    """the known address, when there is one"""
    told_at: datetime


class Subscribers(Protocol):
    """Where subscribers are kept."""

    def store_verdict(self, verdict: Verdict) -> bool:
        """Write it down if it is about the address the subscriber has now, and newer than what is there."""
        ...


def store_verdict(verdict: Verdict | None, *, subscribers: Subscribers) -> bool:
    """
    Keep the canonical address with the subscriber; say whether that changed anything.

    A verdict about an address the subscriber has given up since, one that is older than what is known, and one that
    is heard twice change nothing; neither does one about an address nobody subscribed with.
    """
    return verdict is not None and subscribers.store_verdict(verdict)
