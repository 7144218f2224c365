"""The monolith's data as a subgraph."""

import re
from typing import Any

import pytest
from django.test import Client

from subgraphs.chassis.identity import OWN
from subgraphs.monolith.model import DiscountClaim
from tests.subgraphs.monolith.test_pages import claimed
from tests.subgraphs.service import GraphQLOfService
from tests.workers.notifications.mail_server import MailServer

ENTITIES = """query ($them: [_Any!]!) { _entities(representations: $them) {
  ... on DiscountClaim { id status refusal purchaseNumber article voucher { id } }
  ... on Voucher { id code percent amountCents currency validUntil download { url until } } } }"""
LIST = "query ($status: DiscountClaimStatus) { discountClaims(status: $status) { totalCount nodes { id status } } }"


@pytest.fixture
def made(browser: Client, post: MailServer) -> dict[str, str]:
    """Two claims: purchase number → id."""
    claimed(browser)
    claimed(browser, purchase_number="P-2003", article="POSTCARD")
    return {claim.purchase_id: claim.pk for claim in DiscountClaim.objects.all()}


async def test_claims_and_vouchers_are_entities(ask: GraphQLOfService, made: dict[str, str]) -> None:
    issued, refused = made["P-2001"], made["P-2003"]
    them = [{"__typename": "DiscountClaim", "id": id} for id in (issued, refused, "nothing")]
    vouchers = [{"__typename": "Voucher", "id": id} for id in (issued, refused)]

    claim, no_claim, nothing, voucher, no_voucher = (await ask(ENTITIES, them=them + vouchers)).data["_entities"]

    same = {"article": "MUG-BLUE", "purchaseNumber": "P-2001", "refusal": None}
    assert claim == {"id": issued, "status": "ISSUED", "voucher": {"id": issued}, **same}
    assert (no_claim["status"], no_claim["refusal"], no_claim["voucher"]) == ("REFUSED", "AMOUNT_TOO_SMALL", None)
    assert nothing is no_voucher is None
    assert (voucher["percent"], voucher["amountCents"], voucher["currency"]) == (10, 249, "EUR")
    assert re.fullmatch(r"http://127.0.0.1:8008/downloads/\S+/voucher.pdf", voucher["download"]["url"])


async def test_claims_are_listed_the_newest_first(ask: GraphQLOfService, made: dict[str, str]) -> None:
    found = (await ask(LIST)).data["discountClaims"]

    assert [node["id"] for node in found["nodes"]] == [made["P-2003"], made["P-2001"]]
    assert (await ask(LIST, status="ISSUED")).data["discountClaims"]["totalCount"] == 1


async def test_a_list_goes_on_where_a_page_ended(ask: GraphQLOfService, made: dict[str, str]) -> None:
    pages = "query ($after: String) { discountClaims(first: 1, after: $after) { nodes { id } pageInfo { endCursor } } }"
    first = (await ask(pages)).data["discountClaims"]
    second = (await ask(pages, after=first["pageInfo"]["endCursor"])).data["discountClaims"]

    assert [one["nodes"][0]["id"] for one in (first, second)] == [made["P-2003"], made["P-2001"]]


async def test_nobody_sees_claims_but_those_who_see_all(ask: GraphQLOfService, made: dict[str, str]) -> None:
    own = ask.on_behalf_of("ada", OWN)
    them = [{"__typename": "DiscountClaim", "id": made["P-2001"]}, {"__typename": "Voucher", "id": made["P-2001"]}]

    assert (await own(ENTITIES, them=them)).data["_entities"] == [None, None]
    assert (await own(LIST)).data["discountClaims"] == {"totalCount": 0, "nodes": []}
    assert (await own("query ($id: ID!) { discountClaim(id: $id) { id } }", id=made["P-2001"])).data == {
        "discountClaim": None
    }
    for stranger in (ask.on_behalf_of(None), ask.on_behalf_of("grace", "reviews")):
        answer = await stranger(LIST)
        assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["FORBIDDEN"]


async def test_the_graph_is_for_the_gateway(ask: GraphQLOfService) -> None:
    from django.test import AsyncClient

    answer: Any = await AsyncClient().post("/graphql", data={"query": LIST}, content_type="application/json")
    assert answer.status_code == 401
    for page in ("/live", "/ready", "/discounts/", "/admin/login/"):
        assert (await AsyncClient().get(page)).status_code == 200
