"""``python -m subgraphs.addresses prepare``: migrations, the indexes of the relay, the document contracts."""

import json
from pathlib import Path

from django.core.management import call_command

from subgraphs.chassis.mongo import install_validator
from subgraphs.chassis_graphene.mongo import own_database

CONTRACTS = Path(__file__).parent / "contracts"
DOCUMENTS = {
    "addresses": "address",
    "address_imports": "address_import",
    "import_chunks": "import_chunk",
    "rejected_rows": "rejected_row",
}
OUTBOXES = ("outbox", "import_chunks", "address_imports")


def prepare() -> None:
    """Make the database ready; harmless to repeat."""
    call_command("migrate", interactive=False, verbosity=0)
    database = own_database()
    for collection, contract in DOCUMENTS.items():
        schema = json.loads((CONTRACTS / f"{contract}.document.json").read_text())
        install_validator(database, collection, schema)
    # Not a constraint of the model: Django would make the index partial, and no search by source could use it.
    database["addresses"].create_index([("source", 1), ("reference", 1)], unique=True)
    for collection in OUTBOXES:
        database[collection].create_index("unsent.id", sparse=True)
