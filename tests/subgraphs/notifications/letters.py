"""Letters as the worker keeps them."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

_numbers = count(1)


def document(**given: Any) -> dict[str, Any]:
    """A document of the collection ``notifications``; each is a minute younger than the one before."""
    number = next(_numbers)
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    return {
        "_id": f"n-{number:05}",
        "kind": "CONFIRMED",
        "status": "SENT",
        "subscriberId": "s-1",
        "matchTaskId": f"t-{number}",
        "recipient": {"name": "Ada Lovelace", "email": "ada@example.org"},
        "subject": "Your address is confirmed",
        "body": "Dear Ada Lovelace, …",
        "messageId": f"<{number}@doorstep.example>",
        "intendedAt": moment,
        "sentAt": moment,
        "problem": None,
        "attempts": 1,
    } | given
