"""Indexes and validators of matching's database, also for what only its workers write."""

import json
from datetime import timedelta
from pathlib import Path

from pymongo import ASCENDING, DESCENDING, IndexModel

from subgraphs.chassis import mongo
from subgraphs.chassis.clock import now

_CONTRACTS = Path(__file__).parent / "contracts"
_VALIDATED = {
    "match_tasks": "match_task.document.json",
    "match_batches": "match_batch.document.json",
    "batch_chunks": "batch_chunk.document.json",
    "match_results": "match_result.document.json",
    "duplicate_searches": "duplicate_search.document.json",
    "duplicate_pairs": "duplicate_pair.document.json",
    "distinct_pairs": "distinct_pair.document.json",
}
_NEWEST_FIRST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
_OUTBOX = IndexModel("unsent.id", sparse=True)
_INDEXES = {
    "match_tasks": [
        IndexModel([("status", ASCENDING), ("createdAt", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("subscriberId", ASCENDING), *_NEWEST_FIRST]),
        IndexModel([("addressId", ASCENDING), *_NEWEST_FIRST]),
        _OUTBOX,
    ],
    "match_batches": [IndexModel(_NEWEST_FIRST), _OUTBOX],
    "batch_chunks": [
        IndexModel([("batchId", ASCENDING), ("chunk", ASCENDING)], unique=True),
        IndexModel("createdAt", partialFilterExpression={"chunk": 0}),
    ],
    "rejected_rows": [IndexModel([("batchId", ASCENDING), ("row", ASCENDING)])],
    "match_results": [
        IndexModel([("batchId", ASCENDING), ("row", ASCENDING)]),
        IndexModel([("batchId", ASCENDING), ("verdict", ASCENDING), ("row", ASCENDING)]),
    ],
    "known_addresses": [
        IndexModel("keys"),
        IndexModel("exact"),
        IndexModel([("changed", 1), ("_id", 1), ("version", 1)]),
    ],
    "duplicate_searches": [
        # At most one is open at a time.
        IndexModel("isOpen", unique=True, sparse=True),
        IndexModel(_NEWEST_FIRST),
        _OUTBOX,
    ],
    "duplicate_pairs": [IndexModel([("score", DESCENDING), ("_id", ASCENDING)]), IndexModel("addressIds")],
    "distinct_pairs": [IndexModel("addressIds")],
    "indexed_chunks": [IndexModel("importId")],
}


def prepare() -> None:
    """Make indexes and validators, and remove the rows of uploads that broke off; harmless to repeat."""
    db = mongo.database("matching")
    for collection, contract in _VALIDATED.items():
        mongo.install_validator(db, collection, json.loads((_CONTRACTS / contract).read_text()))
    for collection, indexes in _INDEXES.items():
        db[collection].create_indexes(indexes)
    _forget_broken_uploads()


def _forget_broken_uploads() -> None:
    # A process that dies while it reads a file leaves chunks without their batch; a day is longer than any upload.
    db = mongo.database("matching")
    begun = {"chunk": 0, "createdAt": {"$lt": now() - timedelta(days=1)}}
    for chunk in db["batch_chunks"].find(begun, {"batchId": True}):
        if db["match_batches"].find_one({"_id": chunk["batchId"]}, {"_id": True}) is None:
            db["batch_chunks"].delete_many({"batchId": chunk["batchId"]})
            db["rejected_rows"].delete_many({"batchId": chunk["batchId"]})
