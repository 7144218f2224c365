"""The facts this service tells."""

from typing import Any

from subgraphs.chassis.facts import fact


def letter_requested(notification_id: str) -> dict[str, Any]:
    """A person wants this letter sent again."""
    return fact(
        "letter.requested.v1",
        source="/notifications",
        subject=notification_id,
        audience=["notifications"],
        data={"notificationId": notification_id},
    )
