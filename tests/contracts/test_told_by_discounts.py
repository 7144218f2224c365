"""What `monolith`, `discounts` and its worker tell: the contract, its teller, and everybody who hears it."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.live_results.types import DiscountClaimUpdate
from realtime.live_results.update import Update
from subgraphs.discounts.facts import discount_claimed
from subgraphs.monolith import rules as monolith
from workers.chassis.facts import Heard, Refused
from workers.discounts import rules as service
from workers.discounts.facts import TELLERS, discount_refused, voucher_issued
from workers.discounts.model import Claim, Customer, Voucher
from workers.live_updates import topics
from workers.live_updates.streams import update_from
from workers.notifications import facts as notifications
from workers.notifications.letter import Kind
from workers.notifications.listener import HANDED_IN

REPOSITORY = Path(__file__).parents[2]


def contract(path: str) -> dict[str, Any]:
    return dict(json.loads((REPOSITORY / path).read_text()))


OUTBOX = contract("subgraphs/chassis/contracts/outbox.v1.json")
UPDATE = contract("workers/live_updates/contracts/update.v1.json")
CLAIMED = contract("subgraphs/discounts/contracts/discount_claimed.v1.json")
ISSUED = contract("workers/discounts/contracts/voucher_issued.v1.json")
REFUSED = contract("workers/discounts/contracts/discount_refused.v1.json")
CLAIM = Claim("c-1", "ada@example.org", "P-2001", "MUG-BLUE")
VOUCHER = Voucher("K7QM-2WXA-9DTR-HN4C", 10, 249, "EUR", datetime(2026, 1, 31, tzinfo=UTC), date(2026, 7, 30), b"%PDF")


def heard(example: dict[str, Any]) -> Heard:
    return Heard.from_bytes(json.dumps(example).encode())


@pytest.mark.parametrize("told", [CLAIMED, ISSUED, REFUSED], ids=lambda told: told["$id"])
def test_the_examples_of_a_fact_keep_it_and_fit_the_outbox(told: dict[str, Any]) -> None:
    for example in told["examples"]:
        jsonschema.validate(example, told)
        jsonschema.validate(example, OUTBOX)
        assert set(told["x-heard-by"]) == set(example["audience"])
        assert example["source"] == f"/{told['x-told-by']}"


def test_their_tellers_keep_them() -> None:
    jsonschema.validate(discount_claimed("c-1"), CLAIMED)
    issued = voucher_issued(CLAIM, Customer("C-1001", "Ada Lovelace", "ada@example.org"), VOUCHER)
    jsonschema.validate(issued, ISSUED)
    for refusal in service.Refusal:
        jsonschema.validate(discount_refused(CLAIM, refusal), REFUSED)
    again = voucher_issued(CLAIM, Customer("C-1001", "Ada Lovelace", "ada@example.org"), VOUCHER)
    assert (again["id"], again["data"]) == (issued["id"], issued["data"])


def test_the_worker_hears_of_claims_from_the_service_alone() -> None:
    assert {CLAIMED["$id"]: CLAIMED["x-told-by"]} == TELLERS
    assert heard(CLAIMED["examples"][0]).text("claimId") == "c-1"


@pytest.mark.parametrize(("told", "status"), [(ISSUED, "ISSUED"), (REFUSED, "REFUSED")])
def test_live_updates_pass_on_how_it_was_decided_and_keep_no_letter(told: dict[str, Any], status: str) -> None:
    (example,) = told["examples"]
    assert topics.TELLERS[told["$id"]] == "discounts"
    assert topics.TOPICS[told["$id"]](heard(example)) == ("discount_claim.c-1",)

    kept = '{"number":1,' + update_from(example)[1:]
    jsonschema.validate(json.loads(kept), UPDATE)
    assert "letter" not in kept
    shown = DiscountClaimUpdate.from_update(Update.from_json("1-0", kept))
    assert (shown.status.value, shown.discount_claim.id) == (status, "c-1")


def test_notifications_sends_the_letter() -> None:
    (example,) = ISSUED["examples"]
    (letter,) = notifications.handed_in(heard(example), HANDED_IN[ISSUED["$id"]])

    assert notifications.TELLERS[ISSUED["$id"]] == "discounts"
    assert (letter.kind, letter.recipient.email) == (Kind.VOUCHER, "ada@example.org")
    assert letter.body.startswith("Dear Ada Lovelace,")
    assert "K7QM-2WXA-9DTR-HN4C" in letter.body
    assert [(one.name, one.media_type, one.content) for one in letter.attachments] == [
        ("voucher.pdf", "application/pdf", b"%PDF-1.4\n")
    ]


@pytest.mark.parametrize(
    "changed",
    [{"content": "no base64!"}, {"name": 'x"\r\nBcc: eve.pdf'}, {"name": "../x.pdf"}, {"mediaType": "a/b; c"}],
)
def test_a_file_that_cannot_come_with_a_letter_is_refused(changed: dict[str, str]) -> None:
    example = json.loads(json.dumps(ISSUED["examples"][0]))
    example["data"]["letter"]["attachments"][0] |= changed

    with pytest.raises(Refused, match="attachments"):
        notifications.handed_in(heard(example), Kind.VOUCHER)


@given(
    cents=st.integers(0, 10**7),
    days=st.integers(-1, 60),
    customer_for=st.integers(0, 1500),
    claimed=st.booleans(),
    known=st.booleans(),
)
def test_the_service_decides_as_the_monolith_did(
    cents: int, days: int, customer_for: int, claimed: bool, known: bool
) -> None:
    today = date(2026, 6, 1)

    def decided(rules: Any) -> tuple[Any, ...]:
        bought = rules.Bought(cents, today - timedelta(days=days), today - timedelta(days=customer_for))
        refusal = rules.refusal_of(bought if known else None, already_claimed=claimed, today=today)
        discount = rules.discount_for(bought, today=today)
        return refusal, discount.percent, discount.amount_cents

    assert decided(service) == decided(monolith)
