"""The discounts service under its own settings, on a real MongoDB under a namespace of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.subgraphs.service import COMMANDS, Commands, GraphQLOfService, drop_database, set_environment

set_environment("discounts")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from subgraphs.chassis import mongo  # noqa: E402
from subgraphs.discounts.prepare import DOCUMENTS, prepare  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def _service() -> Iterator[None]:
    prepare()
    prepare()
    call_command("check")
    yield
    drop_database("discounts")


@pytest.fixture(autouse=True)
def db(_service: None) -> mongo.Database[mongo.Document]:
    """The service's database, empty."""
    found = mongo.database("discounts")
    for name in DOCUMENTS:
        found[name].delete_many({})
    return found


@pytest.fixture
def ask() -> GraphQLOfService:
    """The service's GraphQL endpoint."""
    return GraphQLOfService("discounts")


@pytest.fixture
def commands(db: mongo.Database[mongo.Document]) -> Commands:
    """What MongoDB is asked from now on."""
    COMMANDS.names.clear()
    return COMMANDS


@pytest.fixture
def written(db: mongo.Database[mongo.Document]) -> Any:
    """Writes claims as this service and its worker would."""

    def put(*claims: dict[str, Any]) -> list[str]:
        documents = [document(number, **claim) for number, claim in enumerate(claims)]
        db["discount_claims"].insert_many(documents)
        COMMANDS.names.clear()
        return [claim["_id"] for claim in documents]

    return put


def document(number: int, *, issued: bool = False, **more: Any) -> dict[str, Any]:
    """A claim, the higher its number the newer."""
    at = datetime(2026, 3, 1, 9, number, tzinfo=UTC)
    voucher = {
        "code": f"CODE-{number}",
        "percent": 10,
        "amountCents": 249,
        "currency": "EUR",
        "issuedAt": at,
        "validUntil": datetime(2026, 8, 28, tzinfo=UTC),
        "pdf": b"%PDF-1.4 nothing more",
    }
    return {
        "_id": f"c-{number}",
        "owner": "ada",
        "customer": "C-1001",
        "purchaseNumber": f"P-{number}",
        "article": "MUG-BLUE",
        "status": "ISSUED" if issued else "QUEUED",
        "refusal": None,
        "claimedAt": at,
        "voucher": voucher if issued else None,
        "unsent": [],
        **more,
    }
