"""The facts this worker tells, and what it makes of those it hears."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workers.chassis.facts import Heard, Refused, fact, repeatable_id
from workers.notifications.letter import HandedIn, Kind, Recipient

TELLERS = {
    "address.submitted.v1": "subscribers",
    "address.changed.v1": "subscribers",
    "subscriber.unsubscribed.v1": "subscribers",
    "address.matched.v1": "matching",
    "address.review_requested.v1": "matching",
    "address.review_resolved.v1": "matching",
    "address.match_failed.v1": "matching",
    "letter.requested.v1": "notifications",
    "suggestion.thanked.v1": "suggestions",
    "voucher.issued.v1": "discounts",
    "alert.opened.v1": "logs",
    "alert.cleared.v1": "logs",
}
"""every fact that is heard here, and the service that may tell it"""


def letter_sent(notification: Mapping[str, Any]) -> dict[str, Any]:
    """The mail server has taken the letter."""
    return _about("letter.sent.v1", notification)


def letter_failed(notification: Mapping[str, Any], problem: str) -> dict[str, Any]:
    """The letter could not be sent, and will not be tried again by itself."""
    return _about("letter.failed.v1", notification, problem=problem)


def _about(type: str, notification: Mapping[str, Any], **more: str) -> dict[str, Any]:
    return fact(
        type,
        source="/notifications",
        subject=notification["_id"],
        audience=["live_updates"],
        id=repeatable_id(type, notification["_id"], notification["attempts"]),
        data={
            "notificationId": notification["_id"],
            "subscriberId": notification["subscriberId"],
            "kind": notification["kind"],
            "matchTaskId": notification["matchTaskId"],
            **more,
        },
    )


def handed_in(heard: Heard, kind: Kind) -> list[HandedIn]:
    """The letters that a fact of another service asks to be sent, one to each recipient."""
    letter = heard.fields("letter")
    subject, paragraphs = letter.text("subject"), letter.texts("paragraphs")
    return [
        HandedIn(
            id=one.text("letterId"),
            kind=kind,
            recipient=Recipient(None, one.optional_text("name") or "", one.text("email")),
            subject=subject,
            paragraphs=paragraphs,
        )
        for one in letter.each("recipients")
    ]


def moment(heard: Heard) -> datetime:
    """When the fact was told."""
    try:
        at = datetime.fromisoformat(heard.time)
    except ValueError:
        raise Refused(f"fact.time is {heard.time[:40]!r}, which is no time") from None
    if at.tzinfo is None:
        raise Refused(f"fact.time is {heard.time[:40]!r}, which says no time zone")
    return at
