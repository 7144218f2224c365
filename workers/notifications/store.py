"""Letters in MongoDB: intended, being sent, and how it ended."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from workers.notifications.facts import letter_failed, letter_sent
from workers.notifications.letter import HandedIn, Letter


class Notifications:
    """The collection `notifications`, which the subgraph of the same name reads."""

    def __init__(self, database: "Database[dict[str, Any]]", *, domain: str) -> None:
        self._notifications = database["notifications"]
        self._domain = domain

    def intend(self, letter: Letter | HandedIn, now: datetime) -> bool:
        """Record the intent, once; say whether the letter is still to be sent."""
        document: dict[str, Any] = {
            "_id": letter.id,
            "kind": letter.kind.value,
            "status": "INTENDED",
            "subscriberId": letter.recipient.subscriber_id,
            "matchTaskId": letter.match_task_id,
            "recipient": {"name": letter.recipient.name, "email": letter.recipient.email},
            "subject": letter.subject,
            "body": letter.body,
            "attachments": [
                {"name": one.name, "mediaType": one.media_type, "content": one.content} for one in letter.attachments
            ],
            "messageId": f"<{letter.id}@{self._domain}>",
            "intendedAt": now,
            "sentAt": None,
            "problem": None,
            "attempts": 0,
            "unsent": [],
        }
        try:
            self._notifications.insert_one(document)
        except DuplicateKeyError:
            return self._notifications.count_documents({"_id": letter.id, "status": "INTENDED"}) == 1
        return True

    def find(self, notification_id: str) -> dict[str, Any] | None:
        """One letter."""
        return self._notifications.find_one({"_id": notification_id})

    def begin_sending(self, notification_id: str, now: datetime) -> dict[str, Any] | None:
        """Take the letter in hand, before the server hears of it; none when it is not to be sent now."""
        return self._notifications.find_one_and_update(
            {"_id": notification_id, "status": "INTENDED"},
            {"$set": {"status": "SENDING", "sendingSince": now, "problem": None}, "$inc": {"attempts": 1}},
            return_document=ReturnDocument.AFTER,
        )

    def sent(self, notification: Mapping[str, Any], now: datetime) -> None:
        """The server has it. This is certain, also when somebody took us for dead meanwhile."""
        self._end(notification, {"status": "SENT", "sentAt": now, "problem": None}, *_told(letter_sent, notification))

    def failed(self, notification: Mapping[str, Any], problem: str) -> None:
        """It could not be sent, and will not be tried again by itself."""
        facts = _told(letter_failed, notification, problem[:500])
        self._end(notification, {"status": "FAILED", "problem": problem[:500]}, *facts)

    def put_back(self, notification: Mapping[str, Any], problem: str) -> None:
        """The server surely does not have it: it may be tried again."""
        self._end(notification, {"status": "INTENDED", "problem": problem[:500]})

    def unknown(self, notification: Mapping[str, Any], problem: str) -> None:
        """Nobody knows whether the server has it."""
        self._end(notification, {"status": "UNKNOWN", "problem": problem[:500]})

    def left_behind(self, notification_id: str, now: datetime, patience: timedelta, problem: str) -> bool:
        """Call the outcome unknown when whoever sent the letter has not been heard of for so long."""
        ended = self._notifications.update_one(
            {"_id": notification_id, "status": "SENDING", "sendingSince": {"$lte": now - patience}},
            {"$set": {"status": "UNKNOWN", "problem": problem[:500]}},
        )
        return ended.modified_count == 1

    def give_up(self, notification_id: str, problem: str) -> None:
        """It was tried often enough."""
        waiting = self._notifications.find_one({"_id": notification_id, "status": "INTENDED"})
        if waiting is None:
            return
        self._notifications.update_one(
            {"_id": notification_id, "status": "INTENDED", "attempts": waiting["attempts"]},
            {
                "$set": {"status": "FAILED", "problem": problem[:500]},
                "$push": {"unsent": {"$each": _told(letter_failed, waiting, problem[:500])}},
            },
        )

    def _end(self, notification: Mapping[str, Any], outcome: Mapping[str, Any], *facts: Mapping[str, Any]) -> None:
        # `attempts` names the attempt: when a person asked for the letter again meanwhile, this outcome is history.
        self._notifications.update_one(
            {
                "_id": notification["_id"],
                "attempts": notification["attempts"],
                "status": {"$in": ["SENDING", "UNKNOWN"]},
            },
            {"$set": dict(outcome), "$push": {"unsent": {"$each": list(facts)}}},
        )


def _told(fact: Callable[..., dict[str, Any]], notification: Mapping[str, Any], *more: str) -> list[dict[str, Any]]:
    """The fact about a letter, where somebody may watch: only subscribers can."""
    return [fact(notification, *more)] if notification["subscriberId"] else []
