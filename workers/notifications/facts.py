"""The facts this worker tells, and what it makes of those it hears."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workers.chassis.facts import Fields, Heard, Refused, fact, repeatable_id
from workers.notifications.letter import Attachment, HandedIn, Kind, Recipient

_FILE_NAME = re.compile(r"[\w-]{1,60}\.\w{1,10}", re.ASCII)
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")

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
    attachments = [_attachment(one) for one in letter.each("attachments")] if "attachments" in letter.values else []
    return [
        HandedIn(
            id=one.text("letterId"),
            kind=kind,
            recipient=Recipient(None, one.optional_text("name") or "", one.text("email")),
            subject=subject,
            paragraphs=paragraphs,
            attachments=attachments,
        )
        for one in letter.each("recipients")
    ]


def _attachment(said: Fields) -> Attachment:
    try:
        content = base64.b64decode(said.text("content"), validate=True)
    except binascii.Error:
        raise Refused(f"{said.where}.content is no base64") from None
    name, media_type = said.text("name"), said.text("mediaType")
    if not _FILE_NAME.fullmatch(name) or not _MEDIA_TYPE.fullmatch(media_type):
        raise Refused(f"{said.where} is {name[:40]!r} of {media_type[:40]!r}, which cannot stand in a header")
    return Attachment(name, media_type, content)


def moment(heard: Heard) -> datetime:
    """When the fact was told."""
    try:
        at = datetime.fromisoformat(heard.time)
    except ValueError:
        raise Refused(f"fact.time is {heard.time[:40]!r}, which is no time") from None
    if at.tzinfo is None:
        raise Refused(f"fact.time is {heard.time[:40]!r}, which says no time zone")
    return at
