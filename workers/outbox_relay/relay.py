"""One outbox is emptied: publish, then clear."""

from typing import Protocol

import structlog
from pymongo import DeleteOne, UpdateOne
from pymongo.collection import Collection

from workers.chassis.mongo import Document
from workers.outbox_relay.metrics import TOLD, UNTELLABLE

log = structlog.get_logger("relay")


class Teller(Protocol):
    """Whatever can make a fact known."""

    def tell(self, fact: Document) -> None:
        """Return when the broker has it; raise when it may not have it."""
        ...


class Untellable(Exception):
    """A fact that can never be published as it is; the message says why."""


def relay(outbox: Collection[Document], teller: Teller, *, at_most: int, disposable: bool = False) -> int:
    """
    Publish unsent facts, oldest first, and say how many.

    A crash between publishing and clearing repeats the fact, never loses it: listeners must not mind hearing the
    same thing twice.

    :param disposable: documents of this collection are only an outbox, and are deleted when they are empty
    """
    told = 0
    for document in _oldest_first(outbox, at_most):
        ids = []
        for fact in document["unsent"]:
            try:
                teller.tell(fact)
            except Untellable as why:
                # It stays where it is, for a person to see; the facts of others go on.
                UNTELLABLE.labels(str(fact.get("source", "")).removeprefix("/")).inc()
                log.error("fact cannot be told", fact_id=fact.get("id"), document=document["_id"], reason=str(why))
                break
            ids.append(fact["id"])
            TOLD.labels(fact["source"].removeprefix("/"), fact["type"]).inc()
        if ids:
            _clear(outbox, document["_id"], ids, disposable)
        told += len(ids)
    return told


def _oldest_first(outbox: Collection[Document], at_most: int) -> list[Document]:
    # The index holds only documents with something unsent; their order in it means nothing.
    found = outbox.find({"unsent.id": {"$gt": ""}}, {"unsent": 1}).limit(at_most)
    return sorted(found, key=lambda document: document["unsent"][0].get("time", ""))


def _clear(outbox: Collection[Document], document_id: object, ids: list[str], disposable: bool) -> None:
    steps: list[UpdateOne | DeleteOne] = [
        UpdateOne({"_id": document_id}, {"$pull": {"unsent": {"id": {"$in": ids}}}})  # type: ignore[dict-item]
    ]
    if disposable:
        steps.append(DeleteOne({"_id": document_id, "unsent": []}))
    outbox.bulk_write(steps)  # type: ignore[arg-type]
