"""The database itself keeps matching's documents to their contracts, whoever writes them."""

from datetime import timedelta

import pytest
from pymongo.errors import WriteError

from subgraphs.chassis.clock import now
from subgraphs.matching.preparation import prepare
from tests.subgraphs.matching.questions import TYPED, batch, result, task


def test_preparing_again_changes_nothing(db) -> None:
    before = {name: db[name].index_information() for name in db.list_collection_names()}

    prepare()

    assert {name: db[name].index_information() for name in db.list_collection_names()} == before


def test_the_queries_of_the_workers_have_their_indexes(db) -> None:
    keys = {
        name: {tuple(field for field, _ in index["key"]) for index in db[name].index_information().values()}
        for name in ("known_addresses", "match_tasks", "match_batches")
    }

    assert {("keys",), ("exact",)} <= keys["known_addresses"]
    assert ("unsent.id",) in keys["match_tasks"] & keys["match_batches"]


@pytest.mark.parametrize(
    ("collection", "document"),
    [
        ("match_tasks", task("t-1", status="DONE")),
        ("match_tasks", task("t-1", candidates=[{"addressId": "a", "score": 1.0, "evidence": []}] * 6)),
        ("match_tasks", task("t-1", address={**TYPED, "country": "France"})),
        ("match_tasks", task("t-1", decidedAt="2026-01-31")),
        ("match_batches", batch("b-1", done=-1)),
        ("match_results", result("b-1", 0)),
        ("batch_chunks", {"_id": "b-1:0", "batchId": "b-1", "chunk": 0, "rows": []}),
    ],
)
def test_the_database_refuses_what_breaks_a_contract(db, collection: str, document: dict) -> None:
    with pytest.raises(WriteError, match="failed validation"):
        db[collection].insert_one(document)


def test_rows_of_uploads_that_broke_off_are_forgotten_after_a_day(db) -> None:
    def chunk(batch_id: str, hours: int) -> dict:
        rows = [{"row": 1, "queryId": "q-1", "address": TYPED}]
        begun = now() - timedelta(hours=hours)
        return {"_id": f"{batch_id}:0", "batchId": batch_id, "chunk": 0, "createdAt": begun, "rows": rows}

    db["match_batches"].insert_one(batch("accepted"))
    db["batch_chunks"].insert_many([chunk("accepted", 30), chunk("broken off", 30), chunk("on its way", 1)])
    db["rejected_rows"].insert_one({"_id": "broken off:2", "batchId": "broken off", "row": 2})

    prepare()

    assert {one["batchId"] for one in db["batch_chunks"].find()} == {"accepted", "on its way"}
    assert db["rejected_rows"].count_documents({}) == 0
