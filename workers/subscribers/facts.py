"""What this worker hears, and what it makes of it."""

from datetime import datetime

from workers.chassis.facts import Heard, Refused
from workers.subscribers.store_verdict import STATUSES, Verdict

TELLERS = {
    "address.matched.v1": "matching",
    "address.review_requested.v1": "matching",
    "address.review_resolved.v1": "matching",
}
"""every fact that is heard here, and the service that may tell it"""


def verdict_from(heard: Heard) -> Verdict | None:
    """The verdict a fact carries; none when nobody subscribed with that address."""
    subscriber_id = heard.optional_text("subscriberId")
    status = heard.text("status")
    if status not in STATUSES:
        raise Refused(f"data.status is {status!r}, not one of {', '.join(STATUSES)}")
    if subscriber_id is None:
        return None
    return Verdict(
        subscriber_id=subscriber_id,
        match_task_id=heard.text("matchTaskId"),
        status=status,
        address_id=heard.optional_text("addressId"),
        told_at=moment(heard.time),
    )


def moment(text: str) -> datetime:
    """A time as facts write it."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"fact.time is {text[:40]!r}, which is no time") from None
    if at.tzinfo is None:
        raise Refused(f"fact.time is {text[:40]!r}, which says no time zone")
    return at
