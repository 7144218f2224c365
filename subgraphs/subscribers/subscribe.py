"""Use case: somebody subscribes with an address as they typed it."""

from dataclasses import dataclass
from uuid import uuid4

from subgraphs.chassis.clock import now
from subgraphs.chassis.text_fields import Refusal, tidy
from subgraphs.chassis_strawberry.typed_address import TypedAddress, address_refusals
from subgraphs.subscribers.facts import address_submitted
from subgraphs.subscribers.model import Subscriber, SubscriberStatus
from subgraphs.subscribers.rules import address_limits, key_refusals, person_refusals
from subgraphs.subscribers.store import SubscriberStore


@dataclass(frozen=True)
class Subscription:
    """What somebody asks for."""

    name: str
    email: str
    address: TypedAddress
    idempotency_key: str | None = None
    """the same key is the same subscription, however often it is sent"""
    owner: str | None = None
    """the caller who asks, if they are known"""


def subscribe(wanted: Subscription, *, store: SubscriberStore) -> Subscriber | list[Refusal]:
    """Record who subscribes and what they typed, and promise that matching will hear of it."""
    name, email, address = tidy(wanted.name), tidy(wanted.email), wanted.address.tidied()
    refusals = [
        *person_refusals(name, email),
        *address_refusals(address, address_limits()),
        *key_refusals(wanted.idempotency_key),
    ]
    if refusals or name is None or email is None:
        return refusals
    moment = now()
    subscriber = Subscriber(
        id=str(uuid4()),
        name=name,
        email=email,
        status=SubscriberStatus.ACTIVE,
        typed_address=address.with_country_code(),
        match_task_id=str(uuid4()),
        address_id=None,
        owner=wanted.owner,
        created_at=moment,
        updated_at=moment,
    )
    added = store.add(subscriber, address_submitted(subscriber), idempotency_key=wanted.idempotency_key)
    if (added.owner, added.name, added.email) != (subscriber.owner, name, email):
        # Who guesses a key must not be told whose it is.
        return [Refusal("idempotencyKey", "KEY_IN_USE", "Somebody else has used this key. Choose another one.")]
    return added
