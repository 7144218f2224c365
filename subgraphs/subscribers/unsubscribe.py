"""Use case: a subscriber wants nothing more."""

from dataclasses import replace

from subgraphs.chassis.clock import now
from subgraphs.chassis.identity import Caller
from subgraphs.chassis.text_fields import Refusal
from subgraphs.subscribers.facts import subscriber_unsubscribed
from subgraphs.subscribers.model import Subscriber, SubscriberStatus
from subgraphs.subscribers.rules import WRITE
from subgraphs.subscribers.store import SubscriberStore


def unsubscribe(subscriber_id: str, *, by: Caller, store: SubscriberStore) -> Subscriber | list[Refusal]:
    """Note that the subscriber left, and tell it once; repeating it changes and says nothing new."""
    while True:
        before = store.get(subscriber_id)
        if before is None or not by.reaches(before.owner, all_with=WRITE):
            return [Refusal("id", "UNKNOWN_SUBSCRIBER", "No subscriber has this id.")]
        if before.status is SubscriberStatus.UNSUBSCRIBED:
            return before
        after = replace(before, status=SubscriberStatus.UNSUBSCRIBED, updated_at=now())
        if store.leave(before, after, subscriber_unsubscribed(after)):
            return after
