"""Use case: a subscriber has another address now."""

from dataclasses import replace
from uuid import uuid4

from subgraphs.chassis.clock import now
from subgraphs.chassis.identity import Caller
from subgraphs.chassis.text_fields import Refusal
from subgraphs.chassis_strawberry.typed_address import TypedAddress, address_refusals
from subgraphs.subscribers.facts import address_changed
from subgraphs.subscribers.model import Subscriber, SubscriberStatus
from subgraphs.subscribers.rules import WRITE, address_limits
from subgraphs.subscribers.store import SubscriberStore


def change_address(
    subscriber_id: str, typed: TypedAddress, *, by: Caller, store: SubscriberStore
) -> Subscriber | list[Refusal]:
    """Replace the typed address, and promise that matching will hear of the new one."""
    address = typed.tidied()
    if refusals := list(address_refusals(address, address_limits())):
        return refusals
    while True:
        before = store.get(subscriber_id)
        if before is None or not by.reaches(before.owner, all_with=WRITE):
            return [Refusal("subscriberId", "UNKNOWN_SUBSCRIBER", "No subscriber has this id.")]
        if before.status is SubscriberStatus.UNSUBSCRIBED:
            message = "The subscriber has unsubscribed; subscribe again with the new address."
            return [Refusal("subscriberId", "ALREADY_UNSUBSCRIBED", message)]
        after = replace(
            before,
            typed_address=address.with_country_code(),
            match_task_id=str(uuid4()),
            address_id=None,
            updated_at=now(),
        )
        # Lost only to another change in the same moment; then that one came first and this one replaces it.
        if store.move(before, after, address_changed(after, before.match_task_id)):
            return after
