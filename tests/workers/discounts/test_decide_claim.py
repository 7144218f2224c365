"""A claim is decided once, whatever happens on the way."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pymongo
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pymongo.database import Database

from tests.workers.servers import MONGO_URL, Server, eventually, take
from tests.workers.telling import examples, made, tell, wait_for_listener
from workers.discounts.decide_claim import decide_claim
from workers.discounts.store import MongoClaims

REPOSITORY = Path(__file__).parents[3]
NOW = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
CONTRACTS = {
    type: json.loads((REPOSITORY / f"workers/discounts/contracts/{name}.v1.json").read_text())
    for type, name in (("voucher.issued.v1", "voucher_issued"), ("discount.refused.v1", "discount_refused"))
}
[CUSTOMER] = examples("subgraphs/discounts/contracts/customer.document.json")
[PURCHASE] = examples("subgraphs/discounts/contracts/purchase.document.json")
WAITING = examples("subgraphs/discounts/contracts/discount_claim.document.json")[0]


@pytest.fixture
def database(server: Server) -> Iterator[Database[dict[str, Any]]]:
    """Ada, her mug, and the index by which a purchase has one voucher."""
    with pymongo.MongoClient(MONGO_URL, tz_aware=True) as client:
        found = client[f"{server.namespace}_discounts"]
        found["customers"].insert_one(CUSTOMER | {"since": NOW - timedelta(days=1000)})
        bought(found)
        found["discount_claims"].create_index(
            "purchaseNumber", unique=True, partialFilterExpression={"status": "ISSUED"}
        )
        yield found


def bought(database: Database[dict[str, Any]], **more: Any) -> None:
    database["purchases"].insert_one(PURCHASE | {"boughtOn": NOW - timedelta(days=3), **more})


def waits(database: Database[dict[str, Any]], id: str = "c-1", **more: Any) -> None:
    database["discount_claims"].insert_one(WAITING | {"_id": id, "claimedAt": NOW, **more})


def decided(database: Database[dict[str, Any]], id: str = "c-1") -> dict[str, Any]:
    decide_claim(id, claims=MongoClaims(database), now=NOW)
    return database["discount_claims"].find_one({"_id": id}) or {}


def test_a_purchase_earns_a_voucher_that_is_told_with_its_letter(database: Database[dict[str, Any]]) -> None:
    waits(database)
    claim = decided(database)

    voucher = claim["voucher"]
    assert (claim["status"], voucher["percent"], voucher["amountCents"], voucher["currency"]) == (
        "ISSUED",
        10,
        249,
        "EUR",
    )
    assert voucher["validUntil"] == datetime(2026, 11, 28, tzinfo=UTC)
    assert voucher["pdf"].startswith(b"%PDF-")
    (fact,) = claim["unsent"]
    jsonschema.validate(fact, CONTRACTS["voucher.issued.v1"])
    (recipient,) = fact["data"]["letter"]["recipients"]
    assert (recipient["name"], recipient["email"]) == ("Ada Lovelace", "ada@example.org")
    assert voucher["code"] in fact["data"]["letter"]["paragraphs"][1]


@pytest.mark.parametrize(
    ("claim", "purchase", "refusal"),
    [
        ({"purchaseNumber": "P-9"}, {}, "UNKNOWN_PURCHASE"),
        ({"article": "MUG-RED"}, {}, "UNKNOWN_PURCHASE"),
        ({"customer": "grace@example.org"}, {}, "UNKNOWN_PURCHASE"),
        ({"purchaseNumber": "P-2"}, {"amountCents": 19_99}, "AMOUNT_TOO_SMALL"),
        ({"purchaseNumber": "P-2"}, {"boughtOn": NOW - timedelta(days=31)}, "PURCHASE_TOO_OLD"),
    ],
)
def test_a_claim_that_earns_nothing_is_told_why(
    database: Database[dict[str, Any]], claim: dict[str, Any], purchase: dict[str, Any], refusal: str
) -> None:
    bought(database, _id="P-2", **purchase)
    waits(database, **claim)
    found = decided(database)

    assert (found["status"], found["refusal"], found["voucher"]) == ("REFUSED", refusal, None)
    (fact,) = found["unsent"]
    jsonschema.validate(fact, CONTRACTS["discount.refused.v1"])
    assert fact["data"]["refusal"] == refusal


@pytest.mark.parametrize("customer", ["C-1001", "ada@example.org"])
def test_a_customer_is_known_by_number_or_address(database: Database[dict[str, Any]], customer: str) -> None:
    waits(database, customer=customer)
    assert decided(database)["status"] == "ISSUED"


def test_heard_again_a_decision_stands(database: Database[dict[str, Any]]) -> None:
    waits(database)
    assert decided(database) == decided(database)


def test_of_many_claims_of_one_purchase_at_once_one_gets_the_voucher(database: Database[dict[str, Any]]) -> None:
    ids = [f"c-{number}" for number in range(6)]
    for id in ids:
        waits(database, id, owner=id)
    threads = [threading.Thread(target=decided, args=(database, id)) for id in ids for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = list(database["discount_claims"].find())
    assert sorted(claim["status"] for claim in found) == ["ISSUED", *["REFUSED"] * 5]
    assert {claim["refusal"] for claim in found} == {None, "ALREADY_CLAIMED"}
    assert [len(claim["unsent"]) for claim in found] == [1] * 6


class DiesBeforeWriting(MongoClaims):
    """A store whose process is killed when everything is made and nothing is written."""

    def issue(self, *_: Any) -> bool:
        raise SystemExit


def test_killed_before_it_is_written_it_is_decided_when_heard_again(database: Database[dict[str, Any]]) -> None:
    waits(database)
    with pytest.raises(SystemExit):
        decide_claim("c-1", claims=DiesBeforeWriting(database), now=NOW)

    assert database["discount_claims"].find_one({"_id": "c-1", "status": "QUEUED", "unsent": []})
    assert decided(database)["status"] == "ISSUED"


def test_the_process_decides_what_it_hears_also_after_it_was_killed(
    server: Server, channel: BlockingChannel, database: Database[dict[str, Any]]
) -> None:
    database["purchases"].update_many({}, {"$set": {"boughtOn": datetime.now(UTC)}})
    claimed = made("discount.claimed.v1", {"claimId": "c-1"}, source="/discounts", request_id="r-7")
    with server.process("-m", "workers.discounts", "listen") as first:
        wait_for_listener(channel, server, "discounts")
        first.kill()
    tell(channel, server, claimed)
    waits(database)

    with server.process("-m", "workers.discounts", "listen") as second:
        eventually(lambda: database["discount_claims"].find_one({"_id": "c-1", "status": "ISSUED"}))
        second.terminate()
        assert second.wait(15) == 0
    found = database["discount_claims"].find_one({"_id": "c-1"})
    assert found
    assert [fact["requestid"] for fact in found["unsent"]] == ["r-7"]
    assert take(f"{server.namespace}.dead_letters") is None


def test_what_is_no_claim_is_set_aside(server: Server, channel: BlockingChannel) -> None:
    with server.process("-m", "workers.discounts", "listen") as process:
        wait_for_listener(channel, server, "discounts")
        tell(channel, server, made("discount.claimed.v1", {"claim": "c-1"}, source="/discounts"))
        headers, _ = eventually(lambda: take(f"{server.namespace}.dead_letters"))
        process.terminate()
        process.wait(15)

    assert "data.claimId is missing" in str(headers)
