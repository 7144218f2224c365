"""The facts this service tells."""

from typing import Any

from subgraphs.chassis.facts import fact
from subgraphs.subscribers.model import Subscriber

_SOURCE = "/subscribers"
_AUDIENCE = ("matching", "notifications")


def address_submitted(subscriber: Subscriber) -> dict[str, Any]:
    """Somebody subscribed with an address; it can be matched."""
    return fact(
        "address.submitted.v1",
        source=_SOURCE,
        subject=subscriber.match_task_id,
        audience=_AUDIENCE,
        data=_submission(subscriber),
    )


def address_changed(subscriber: Subscriber, previous_match_task_id: str) -> dict[str, Any]:
    """A subscriber typed another address; the match of the previous one no longer counts."""
    return fact(
        "address.changed.v1",
        source=_SOURCE,
        subject=subscriber.match_task_id,
        audience=_AUDIENCE,
        data={**_submission(subscriber), "previousMatchTaskId": previous_match_task_id},
    )


def subscriber_unsubscribed(subscriber: Subscriber) -> dict[str, Any]:
    """A subscriber wants nothing more."""
    return fact(
        "subscriber.unsubscribed.v1",
        source=_SOURCE,
        subject=subscriber.id,
        audience=_AUDIENCE,
        data={"subscriberId": subscriber.id, "matchTaskId": subscriber.match_task_id},
    )


def _submission(subscriber: Subscriber) -> dict[str, Any]:
    return {
        "matchTaskId": subscriber.match_task_id,
        "subscriberId": subscriber.id,
        "recipient": {"name": subscriber.name, "email": subscriber.email},
        "address": subscriber.typed_address.as_document(),
    }
