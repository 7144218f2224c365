"""A claim is written down with its fact, once, and answered at once."""

import asyncio
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.conf import settings

from subgraphs.chassis.identity import OWN
from tests.subgraphs.service import GraphQLOfService

CLAIM = """mutation ($input: ClaimDiscountInput!) { claimDiscount(input: $input) {
  discountClaim { id status refusal purchaseNumber article voucher { id } } problems { field code message } } }"""
INPUT = {"customer": "Ada@Example.org ", "purchaseNumber": "p-2001", "article": " mug-blue"}
TOLD = json.loads((Path(__file__).parents[3] / "subgraphs/discounts/contracts/discount_claimed.v1.json").read_text())


async def claimed(ask: GraphQLOfService, **changed: str) -> Any:
    return (await ask(CLAIM, input=INPUT | changed)).data["claimDiscount"]


async def test_a_claim_waits_and_its_fact_with_it(ask: GraphQLOfService, db) -> None:
    payload = await claimed(ask.on_behalf_of("ada", OWN))

    assert payload["problems"] == []
    same = {"refusal": None, "purchaseNumber": "P-2001", "article": "MUG-BLUE", "voucher": None}
    assert payload["discountClaim"] == {"id": payload["discountClaim"]["id"], "status": "QUEUED", **same}
    (document,) = db["discount_claims"].find()
    assert (document["owner"], document["customer"]) == ("ada", "ada@example.org")
    (fact,) = document["unsent"]
    jsonschema.validate(fact, TOLD)
    assert fact["data"]["claimId"] == document["_id"] == payload["discountClaim"]["id"]


async def test_claiming_again_is_the_same_claim(ask: GraphQLOfService, db) -> None:
    mine = ask.on_behalf_of("ada", OWN)
    first = await claimed(mine)
    again = await asyncio.gather(*(claimed(mine) for _ in range(5)))

    assert {one["discountClaim"]["id"] for one in (first, *again)} == {first["discountClaim"]["id"]}
    assert db["discount_claims"].count_documents({}) == 1


async def test_a_claim_that_was_granted_is_the_same_one_too_and_one_that_was_refused_can_be_made_again(
    ask: GraphQLOfService, db
) -> None:
    mine = ask.on_behalf_of("ada", OWN)
    first = (await claimed(mine))["discountClaim"]["id"]
    db["discount_claims"].update_one({"_id": first}, {"$set": {"status": "ISSUED"}})
    assert (await claimed(mine))["discountClaim"]["id"] == first

    db["discount_claims"].update_one({"_id": first}, {"$set": {"status": "REFUSED"}})
    assert (await claimed(mine))["discountClaim"]["id"] != first


async def test_somebody_elses_claim_is_another_one(ask: GraphQLOfService, db) -> None:
    first = await claimed(ask.on_behalf_of("ada", OWN))
    second = await claimed(ask.on_behalf_of("grace", OWN))

    assert first["discountClaim"]["id"] != second["discountClaim"]["id"]


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"customer": "  "}, "input.customer", "BLANK"),
        ({"article": "x" * 41}, "input.article", "TOO_LONG"),
        ({"purchaseNumber": "P\u0000"}, "input.purchaseNumber", "INVALID_CHARACTERS"),
    ],
)
async def test_what_cannot_be_right_is_said(
    ask: GraphQLOfService, db, changed: dict[str, str], field: str, code: str
) -> None:
    payload = await claimed(ask, **changed)

    assert payload["discountClaim"] is None
    assert [(one["field"], one["code"]) for one in payload["problems"]] == [(field, code)]
    assert db["discount_claims"].count_documents({}) == 0


async def test_nobody_tries_numbers_for_ever(ask: GraphQLOfService, db, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CLAIMS_PER_MINUTE", 2)
    mine = ask.on_behalf_of("ada", OWN)
    payloads = [await claimed(mine, purchaseNumber=f"P-{number}") for number in range(3)]

    assert [[one["code"] for one in payload["problems"]] for payload in payloads] == [[], [], ["TOO_MANY"]]
    assert (await claimed(ask.on_behalf_of("grace", OWN)))["problems"] == []


async def test_others_claim_nothing(ask: GraphQLOfService, db) -> None:
    for stranger in (ask.on_behalf_of(None), ask.on_behalf_of("rev", "reviews")):
        answer = await stranger(CLAIM, input=INPUT)
        assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["FORBIDDEN"]
