"""Addresses as the register keeps them."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from subgraphs.addresses.model import address_id
from subgraphs.addresses.search_text import search_text

_moments = count()


def document(**given: Any) -> dict[str, Any]:
    """A document of the collection ``addresses``; each is a minute younger than the one before."""
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=next(_moments))
    reference = given.pop("reference", f"r-{moment.isoformat()}")
    source = given.pop("source", "test")
    made = {
        "_id": address_id(source, reference),
        "reference": reference,
        "source": source,
        "name": None,
        "address": "12 Rue des Lilas",
        "postalCode": "76000",
        "city": "Rouen",
        "region": None,
        "country": "FR",
        "version": 1,
        "status": "ACTIVE",
        "mergedInto": None,
        "createdAt": moment,
        "updatedAt": moment,
    } | given
    made.setdefault("searchText", search_text(made["address"], made["city"], made["postalCode"], made["name"]))
    return made
