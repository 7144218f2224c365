"""``python -m subgraphs.logs prepare``: indexes, how long entries stay, the document contracts."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.database import Database

from subgraphs.chassis import mongo

CONTRACTS = Path(__file__).parent / "contracts"
COLLECTIONS = {"entries": "log_entry", "alerts": "alert", "sources": "log_source"}
"""collection → its contract"""
SOURCES_KEPT = 24 * 3600
"""seconds: whoever was not heard for so long is not missed any more"""


def prepare() -> None:
    """Make the database ready; harmless to repeat."""
    db = mongo.database("logs")
    for collection, contract in COLLECTIONS.items():
        mongo.install_validator(db, collection, json.loads((CONTRACTS / f"{contract}.document.json").read_text()))
    _expire(db, "entries", "time", settings.KEEP_SECONDS)
    _expire(db, "sources", "heardAt", SOURCES_KEPT)
    db["entries"].create_indexes(
        [
            IndexModel([("service", ASCENDING), ("_id", DESCENDING)]),
            IndexModel([("level", ASCENDING), ("_id", DESCENDING)]),
            IndexModel(
                [("requestId", ASCENDING), ("_id", DESCENDING)],
                partialFilterExpression={"requestId": {"$type": "string"}},
            ),
        ]
    )
    db["alerts"].create_indexes(
        [
            IndexModel([("openedAt", DESCENDING), ("_id", ASCENDING)]),
            # Of one thing there is one alert at a time, whoever else watches.
            IndexModel("key", name="one_open_alert", unique=True, partialFilterExpression={"status": "OPEN"}),
            IndexModel("calls.nextAt", partialFilterExpression={"calls.status": "PENDING"}),
            IndexModel("unsent.id", sparse=True),
        ]
    )


def _expire(db: Database[dict[str, Any]], collection: str, field: str, seconds: int) -> None:
    """Let MongoDB remove documents after so long; an index that is there learns the new time."""
    name = "expires"
    if name in db[collection].index_information():
        db.command("collMod", collection, index={"name": name, "expireAfterSeconds": seconds})
    else:
        db[collection].create_index(field, name=name, expireAfterSeconds=seconds)
