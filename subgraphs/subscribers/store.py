"""Subscribers in MongoDB, each document with its own outbox."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from subgraphs.chassis import mongo
from subgraphs.subscribers.model import Subscriber, SubscriberStatus

Document = dict[str, Any]

_NEWEST_FIRST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
_CONTRACTS = Path(__file__).parent / "contracts"


@dataclass(frozen=True)
class Only:
    """Which subscribers are meant; ``None``: any."""

    status: SubscriberStatus | None = None
    owner: str | None = None

    def as_filter(self) -> Document:
        """As MongoDB asks for them."""
        status = {} if self.status is None else {"status": self.status.value}
        return status if self.owner is None else {**status, "ownerId": self.owner}


class SubscriberStore:
    """What the service remembers."""

    def __init__(self, db: Database[Document]) -> None:
        self._subscribers: Collection[Document] = db["subscribers"]

    def add(self, subscriber: Subscriber, *facts: Document, idempotency_key: str | None = None) -> Subscriber:
        """
        Save the subscriber and its facts in one write: both land, or neither.

        :returns: the subscriber, or the one who came first with the same key
        """
        document = {
            "_id": subscriber.id,
            "name": subscriber.name,
            "email": subscriber.email,
            "status": subscriber.status.value,
            "typedAddress": subscriber.typed_address.as_document(),
            "matchTaskId": subscriber.match_task_id,
            "addressId": None,
            "addressStatus": "QUEUED",
            "ownerId": subscriber.owner,
            "createdAt": subscriber.created_at,
            "updatedAt": subscriber.updated_at,
            "unsent": list(facts),
        }
        if idempotency_key is not None:
            document["idempotencyKey"] = idempotency_key
        try:
            self._subscribers.insert_one(document)
        except DuplicateKeyError:
            first = self._subscribers.find_one({"idempotencyKey": idempotency_key})
            if idempotency_key is None or first is None:
                raise
            return Subscriber.from_document(first)
        return subscriber

    def move(self, before: Subscriber, after: Subscriber, *facts: Document) -> bool:
        """Replace the typed address; ``False`` when somebody else changed the subscriber meanwhile."""
        return self._change(
            before,
            {
                "typedAddress": after.typed_address.as_document(),
                "matchTaskId": after.match_task_id,
                "addressId": None,
                "addressStatus": "QUEUED",
                "updatedAt": after.updated_at,
            },
            facts,
        )

    def leave(self, before: Subscriber, after: Subscriber, *facts: Document) -> bool:
        """Note that the subscriber left; ``False`` when somebody else changed the subscriber meanwhile."""
        return self._change(before, {"status": after.status.value, "updatedAt": after.updated_at}, facts)

    def get(self, subscriber_id: str) -> Subscriber | None:
        """One subscriber."""
        return self.get_many([subscriber_id])[0]

    def get_many(self, ids: Sequence[str]) -> list[Subscriber | None]:
        """Several subscribers with one query, in the order of their ids."""
        # All in one answer; by default MongoDB sends 101 and waits to be asked for more.
        documents = self._subscribers.find({"_id": {"$in": list(set(ids))}}, batch_size=len(ids) + 1)
        found = {document["_id"]: Subscriber.from_document(document) for document in documents}
        return [found.get(id) for id in ids]

    def page(self, size: int, *, after: tuple[datetime, str] | None, only: Only) -> list[Subscriber]:
        """The newest subscribers beyond a position, at most ``size``."""
        wanted = only.as_filter()
        if after is not None:
            at, id = after
            wanted["$or"] = [{"createdAt": {"$lt": at}}, {"createdAt": at, "_id": {"$lt": id}}]
        if size == 0:
            return []
        return [
            Subscriber.from_document(document)
            for document in self._subscribers.find(wanted).sort(_NEWEST_FIRST).limit(size)
        ]

    def count(self, only: Only) -> int:
        """How many subscribers there are."""
        return self._subscribers.count_documents(only.as_filter())

    def _change(self, before: Subscriber, changes: Document, facts: Sequence[Document]) -> bool:
        unchanged = {"_id": before.id, "status": before.status.value, "matchTaskId": before.match_task_id}
        outcome = self._subscribers.update_one(
            unchanged, {"$set": changes, "$push": {"unsent": {"$each": list(facts)}}}
        )
        return outcome.matched_count == 1


@cache
def store() -> SubscriberStore:
    """The store of this process."""
    return SubscriberStore(mongo.database("subscribers"))


def prepare() -> None:
    """Make indexes and validators; harmless to repeat."""
    db = mongo.database("subscribers")
    contract = json.loads((_CONTRACTS / "subscriber.document.json").read_text())
    mongo.install_validator(db, "subscribers", contract)
    db["subscribers"].create_indexes(
        [
            IndexModel(_NEWEST_FIRST),
            IndexModel([("status", ASCENDING), *_NEWEST_FIRST]),
            IndexModel(
                [("ownerId", ASCENDING), *_NEWEST_FIRST], partialFilterExpression={"ownerId": {"$type": "string"}}
            ),
            IndexModel("matchTaskId"),
            IndexModel("idempotencyKey", unique=True, partialFilterExpression={"idempotencyKey": {"$type": "string"}}),
            IndexModel("unsent.id", sparse=True),
        ]
    )
