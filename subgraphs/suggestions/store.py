"""Suggestions in MongoDB, each document with its own outbox."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from pymongo import ASCENDING, DESCENDING, TEXT, IndexModel
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from subgraphs.chassis import mongo
from subgraphs.suggestions.model import Suggestion, SuggestionStatus

Document = dict[str, Any]

_NEWEST_FIRST = [("receivedAt", DESCENDING), ("_id", DESCENDING)]
_CONTRACTS = Path(__file__).parent / "contracts"


@dataclass(frozen=True)
class Only:
    """Which suggestions are meant; ``None``: any."""

    status: SuggestionStatus | None = None
    email: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str | None = None
    """all of which are in the text"""

    def as_filter(self) -> Document:
        """As MongoDB asks for them."""
        wanted: Document = {}
        if self.status is not None:
            wanted["status"] = self.status.value
        if self.email is not None:
            wanted["emailKey"] = email_key(self.email)
        if self.since is not None or self.until is not None:
            bounds = {"$gte": self.since, "$lt": self.until}
            wanted["receivedAt"] = {compare: moment for compare, moment in bounds.items() if moment is not None}
        if self.words is not None:
            # Each word as a phrase: MongoDB would take one of them for enough.
            wanted["$text"] = {"$search": " ".join(f'"{word}"' for word in self.words.replace('"', " ").split())}
        return wanted


class SuggestionStore:
    """What the service remembers."""

    def __init__(self, db: Database[Document]) -> None:
        self._suggestions: Collection[Document] = db["suggestions"]

    def add(self, suggestion: Suggestion, *facts: Document, idempotency_key: str | None = None) -> Suggestion:
        """
        Save the suggestion and its facts in one write: both land, or neither.

        :returns: the suggestion, or the one that came first with the same key
        """
        document = {
            "_id": suggestion.id,
            "name": suggestion.name,
            "email": suggestion.email,
            "emailKey": email_key(suggestion.email),
            "text": suggestion.text,
            "status": suggestion.status.value,
            "receivedAt": suggestion.received_at,
            "thankedAt": None,
            "letterId": None,
            "unsent": list(facts),
        }
        if idempotency_key is not None:
            document["idempotencyKey"] = idempotency_key
        try:
            self._suggestions.insert_one(document)
        except DuplicateKeyError:
            first = self.with_key(idempotency_key)
            if first is None:
                raise
            return first
        return suggestion

    def with_key(self, idempotency_key: str | None) -> Suggestion | None:
        """The suggestion that was sent with this key."""
        if idempotency_key is None:
            return None
        found = self._suggestions.find_one({"idempotencyKey": idempotency_key})
        return Suggestion.from_document(found) if found else None

    def count_of(self, email: str, *, since: datetime) -> int:
        """How many suggestions came from an e-mail address."""
        return self._suggestions.count_documents({"emailKey": email_key(email), "receivedAt": {"$gte": since}})

    def get_many(self, ids: Sequence[str]) -> list[Suggestion | None]:
        """Several suggestions with one query, in the order of their ids."""
        # All in one answer; by default MongoDB sends 101 and waits to be asked for more.
        documents = self._suggestions.find({"_id": {"$in": list(set(ids))}}, batch_size=len(ids) + 1)
        found = {document["_id"]: Suggestion.from_document(document) for document in documents}
        return [found.get(id) for id in ids]

    def page(self, size: int, *, after: tuple[datetime, str] | None, only: Only) -> list[Suggestion]:
        """The newest suggestions beyond a position, at most ``size``."""
        wanted = only.as_filter()
        if after is not None:
            at, id = after
            wanted["$or"] = [{"receivedAt": {"$lt": at}}, {"receivedAt": at, "_id": {"$lt": id}}]
        if size == 0:
            return []
        found = self._suggestions.find(wanted).sort(_NEWEST_FIRST).limit(size)
        return [Suggestion.from_document(document) for document in found]

    def count(self, only: Only) -> int:
        """How many suggestions there are."""
        return self._suggestions.count_documents(only.as_filter())


def email_key(email: str) -> str:
    """What is the same for one mailbox, however its address is written."""
    return email.casefold()


@cache
def store() -> SuggestionStore:
    """The store of this process."""
    return SuggestionStore(mongo.database("suggestions"))


def prepare() -> None:
    """Make indexes and validators; harmless to repeat."""
    db = mongo.database("suggestions")
    contract = json.loads((_CONTRACTS / "suggestion.document.json").read_text())
    mongo.install_validator(db, "suggestions", contract)
    db["suggestions"].create_indexes(
        [
            IndexModel(_NEWEST_FIRST),
            IndexModel([("status", ASCENDING), *_NEWEST_FIRST]),
            IndexModel([("emailKey", ASCENDING), *_NEWEST_FIRST]),
            # Words as they are: readers write in all languages.
            IndexModel([("text", TEXT)], default_language="none"),
            IndexModel("idempotencyKey", unique=True, partialFilterExpression={"idempotencyKey": {"$type": "string"}}),
            IndexModel("unsent.id", sparse=True),
        ]
    )
