"""The words of matching that stand on their own: an address, a verdict, and what divides verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What follows from the evidence."""

    MATCH = "match"
    REVIEW = "review"
    NEW = "new"


@dataclass(frozen=True)
class Address:
    """An address as somebody wrote it; the whole of it may stand in one field."""

    address: str
    name: str | None = None
    """a business or a building"""
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    """ISO 3166 alpha-2"""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Address":
        """Read one as facts and documents carry it."""
        return cls(
            address=document.get("address") or "",
            name=document.get("name"),
            postal_code=document.get("postalCode"),
            city=document.get("city"),
            region=document.get("region"),
            country=document.get("country"),
        )

    def as_document(self) -> dict[str, str | None]:
        """The same as facts and documents carry it."""
        return {
            "name": self.name,
            "address": self.address,
            "postalCode": self.postal_code,
            "city": self.city,
            "region": self.region,
            "country": self.country,
        }


@dataclass(frozen=True)
class Thresholds:
    """From which probability on a verdict is given."""

    match: float = 0.7
    review: float = 0.4


DEFAULT = Thresholds()
