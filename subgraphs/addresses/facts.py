"""The facts this service tells."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from subgraphs.addresses.model import Address, AddressImport
from subgraphs.chassis.facts import fact, repeatable_id

MOST_ADDRESSES = 250
"""in one fact"""


@dataclass(frozen=True)
class Change:
    """What happened to an address of the register."""

    kind: str
    """added, changed, merged or removed"""
    address: Address
    """as it is now"""

    def data(self) -> dict[str, Any]:
        """As the fact tells it."""
        address = self.address
        told = {
            "id": address.id,
            "change": self.kind,
            "version": address.version,
            "name": address.name,
            "address": address.address,
            "postalCode": address.postal_code,
            "city": address.city,
            "region": address.region,
            "country": address.country,
        }
        return told | ({"mergedInto": address.merged_into} if self.kind == "merged" else {})


def register_changed(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """The register changed by hand; in as many facts as it takes."""
    told = [change.data() for change in changes]
    return [
        fact(
            "register.changed.v1",
            source="/addresses",
            subject=told[start]["id"],
            audience=["matching", "caches"],
            data={"importId": None, "chunk": None, "addresses": told[start : start + MOST_ADDRESSES]},
        )
        for start in range(0, len(told), MOST_ADDRESSES)
    ]


def import_requested(started: AddressImport) -> dict[str, Any]:
    """A file waits to be brought into the register."""
    return fact(
        "import.requested.v1",
        source="/addresses",
        subject=started.id,
        audience=["addresses"],
        id=repeatable_id("import.requested.v1", started.id),
        data={"importId": started.id, "attempt": 1},
    )


def import_progressed(started: AddressImport) -> dict[str, Any]:
    """An import was accepted: the first thing those who watch it hear."""
    return fact(
        "import.progressed.v1",
        source="/addresses",
        subject=started.id,
        audience=["live_updates"],
        id=repeatable_id("import.progressed.v1", started.id, "accepted"),
        data={
            "importId": started.id,
            "status": started.status,
            "total": started.total,
            "done": started.done,
            "added": started.added,
            "changed": started.changed,
            "unchanged": started.unchanged,
            "rejected": started.rejected,
        },
    )
