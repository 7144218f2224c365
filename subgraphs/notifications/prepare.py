"""``python -m subgraphs.notifications prepare``: migrations, the indexes of the relay, the document contract."""

import json
from pathlib import Path

from django.core.management import call_command

from subgraphs.chassis.mongo import install_validator
from subgraphs.chassis_graphene.mongo import own_database

CONTRACT = Path(__file__).parent / "contracts" / "notification.document.json"


def prepare() -> None:
    """Make the database ready; harmless to repeat."""
    call_command("migrate", interactive=False, verbosity=0)
    database = own_database()
    install_validator(database, "notifications", json.loads(CONTRACT.read_text()))
    for collection in ("outbox", "notifications"):
        database[collection].create_index("unsent.id", sparse=True)
