"""A subscriber and the address they typed."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum
from typing import Any


class SubscriberStatus(Enum):
    """Whether letters go to a subscriber."""

    ACTIVE = "ACTIVE"
    UNSUBSCRIBED = "UNSUBSCRIBED"


@dataclass(frozen=True)
class TypedAddress:
    """An address the way somebody typed it."""

    name: str | None
    """a business or a building"""
    address: str
    postal_code: str | None
    city: str | None
    region: str | None
    country: str | None
    """ISO 3166 alpha-2"""

    def as_document(self) -> dict[str, Any]:
        """The form it has in documents and facts."""
        document = asdict(self)
        document["postalCode"] = document.pop("postal_code")
        return document

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "TypedAddress":
        """Read it from a document or a fact."""
        return cls(
            name=document.get("name"),
            address=document["address"],
            postal_code=document.get("postalCode"),
            city=document.get("city"),
            region=document.get("region"),
            country=document.get("country"),
        )


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
            created_at=document["createdAt"],
            updated_at=document["updatedAt"],
        )
