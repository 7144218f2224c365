"""A subscriber and the address they typed."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from subgraphs.chassis_strawberry.typed_address import TypedAddress


class SubscriberStatus(Enum):
    """Whether letters go to a subscriber."""

    ACTIVE = "ACTIVE"
    UNSUBSCRIBED = "UNSUBSCRIBED"


@dataclass(frozen=True)
class Subscriber:
    """A person who subscribes."""

    id: str
    name: str
    email: str
    status: SubscriberStatus
    typed_address: TypedAddress
    match_task_id: str
    """the latest; a new one with every change of address"""
    address_id: str | None
    """the canonical address, once it is known"""
    owner: str | None
    """the caller who subscribed, as their token calls them; ``None``: nobody who was known"""
    created_at: datetime
    updated_at: datetime

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Subscriber":
        """Read it from its document."""
        return cls(
            id=document["_id"],
            name=document["name"],
            email=document["email"],
            status=SubscriberStatus(document["status"]),
            typed_address=TypedAddress.from_document(document["typedAddress"]),
            match_task_id=document["matchTaskId"],
            address_id=document.get("addressId"),
            owner=document.get("ownerId"),
            created_at=document["createdAt"],
            updated_at=document["updatedAt"],
        )
