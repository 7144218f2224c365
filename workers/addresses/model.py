"""An address of the register, as its document holds it."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import NAMESPACE_URL, uuid5

CONTENT = ("name", "address", "postalCode", "city", "region", "country")
"""what an address says; anything else is about it"""
PLACE = ("latitude", "longitude")
"""degrees of WGS 84; both or none"""


@dataclass(frozen=True)
class Entry:
    """What the register should say under one reference of one source."""

    source: str
    reference: str
    content: Mapping[str, str | None]
    place: Mapping[str, float] = field(default_factory=dict)
    """by the names of :data:`PLACE`; empty where the source does not say"""

    @cached_property
    def id(self) -> str:
        """The same for the same reference, so that a repeated import finds the address again."""
        return str(uuid5(NAMESPACE_URL, f"doorstep:{self.source}:{self.reference}"))

    @classmethod
    def from_row(cls, source: str, row: Mapping[str, Any]) -> "Entry":
        """What a row of an import says."""
        place = {name: row[name] for name in PLACE if row.get(name) is not None}
        return cls(source, row["reference"], {name: row.get(name) for name in CONTENT}, place)

    def is_said_by(self, document: Mapping[str, Any]) -> bool:
        """Whether the document says exactly this already."""
        said = {**self.content, **self.place}
        return all(document.get(name) == value for name, value in said.items())

    def document(self, now: datetime) -> dict[str, Any]:
        """A new address of the register."""
        return {
            "_id": self.id,
            "reference": self.reference,
            "source": self.source,
            **self.content,
            **dict.fromkeys(PLACE),
            **self.place,
            "searchText": search_text(self.content),
            "version": 1,
            "status": "ACTIVE",
            "mergedInto": None,
            "createdAt": now,
            "updatedAt": now,
        }


def search_text(content: Mapping[str, str | None]) -> list[str]:
    """The words that as-you-type looks up (`address.document.json` says how they are made)."""
    joined = " ".join(filter(None, (content.get(name) for name in ("address", "city", "postalCode", "name"))))
    plain = "".join(c for c in unicodedata.normalize("NFKD", joined) if not unicodedata.combining(c)).lower()
    return sorted(set("".join(c if c.isalnum() else " " for c in plain).split()))


def change(kind: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """One address of a `register.changed.v1`."""
    said = {name: document.get(name) for name in CONTENT}
    return {"id": document["_id"], "change": kind, "version": document["version"], **said}
