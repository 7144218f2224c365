"""``python -m subgraphs.discounts prepare``: migrations, indexes, the document contracts."""

import json
from pathlib import Path

from django.core.management import call_command

from subgraphs.chassis.mongo import install_validator
from subgraphs.chassis_graphene.mongo import own_database
from subgraphs.discounts.claim_discount import UNDECIDED_OR_GRANTED
from subgraphs.discounts.model import Status

CONTRACTS = Path(__file__).parent / "contracts"
DOCUMENTS = {"customers": "customer", "purchases": "purchase", "discount_claims": "discount_claim"}


def prepare() -> None:
    """Make the database ready; harmless to repeat."""
    call_command("migrate", interactive=False, verbosity=0)
    database = own_database()
    for collection, contract in DOCUMENTS.items():
        install_validator(database, collection, json.loads((CONTRACTS / f"{contract}.document.json").read_text()))
    database["customers"].create_index("email", unique=True)
    claims = database["discount_claims"]
    claims.create_index("unsent.id", sparse=True)
    # The rule "once per purchase", where no two processes can both be right about it.
    claims.create_index(
        "purchaseNumber",
        name="one_voucher_per_purchase",
        unique=True,
        partialFilterExpression={"status": Status.ISSUED.value},
    )
    claims.create_index(
        [("owner", 1), ("purchaseNumber", 1)],
        name="one_claim_per_purchase",
        unique=True,
        partialFilterExpression={"status": {"$in": list(UNDECIDED_OR_GRANTED)}, "owner": {"$type": "string"}},
    )
