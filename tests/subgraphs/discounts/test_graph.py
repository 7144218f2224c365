"""Claims and vouchers as the graph shows them, to whom."""

import re

import pytest
from django.conf import settings
from django.test import AsyncClient

from subgraphs.chassis.env import WrongSetting
from subgraphs.chassis.identity import OWN
from subgraphs.discounts.shares import ALL, shares
from tests.subgraphs.service import Commands, GraphQLOfService

ENTITIES = """query ($them: [_Any!]!) { _entities(representations: $them) {
  ... on DiscountClaim { id status purchaseNumber claimedAt voucher { id code } }
  ... on Voucher { id code percent amountCents currency issuedAt validUntil download { url until } } } }"""
LIST = """query ($status: DiscountClaimStatus, $first: Int, $after: String) {
  discountClaims(status: $status, first: $first, after: $after) {
    totalCount nodes { id } pageInfo { hasNextPage endCursor } } }"""
DOWNLOAD = "query ($id: ID!) { discountClaim(id: $id) { voucher { download { url } } } }"


def references(*ids: str, of: str = "DiscountClaim") -> list[dict[str, str]]:
    return [{"__typename": of, "id": id} for id in ids]


async def test_claims_and_vouchers_are_entities_loaded_together(
    ask: GraphQLOfService, written, commands: Commands
) -> None:
    waiting, issued = written({}, {"issued": True})
    them = references(waiting, issued, "nothing") + references(waiting, issued, of="Voucher")

    first, second, nothing, no_voucher, voucher = (await ask(ENTITIES, them=them)).data["_entities"]

    assert (first["status"], first["voucher"]) == ("QUEUED", None)
    assert (second["status"], second["voucher"]) == ("ISSUED", {"id": issued, "code": "CODE-1"})
    assert nothing is no_voucher is None
    assert (voucher["amountCents"], voucher["currency"], voucher["validUntil"]) == (249, "EUR", "2026-08-28")
    assert commands.names == ["aggregate", "aggregate"]


async def test_ones_own_claims_are_seen_and_nobody_elses(ask: GraphQLOfService, written) -> None:
    mine, grace, old = written({"issued": True}, {"owner": "grace", "issued": True}, {"owner": None})
    ada = ask.on_behalf_of("ada", OWN)

    seen = (await ada(ENTITIES, them=references(mine, grace, old))).data["_entities"]
    assert [one and one["id"] for one in seen] == [mine, None, None]
    seen = (await ada(ENTITIES, them=references(mine, grace, of="Voucher"))).data["_entities"]
    assert [one and one["id"] for one in seen] == [mine, None]
    assert [one["id"] for one in (await ada(LIST)).data["discountClaims"]["nodes"]] == [mine]
    assert (await ada(DOWNLOAD, id=grace)).data == {"discountClaim": None}
    assert (await ask(LIST)).data["discountClaims"]["totalCount"] == 3
    assert (await ask.on_behalf_of(None, OWN)(LIST)).data["discountClaims"]["totalCount"] == 0
    answer = await ask.on_behalf_of("rev", "reviews")(LIST)
    assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["FORBIDDEN"]


async def test_the_newest_come_first_page_by_page(ask: GraphQLOfService, written) -> None:
    written({}, {"issued": True}, {})

    page = (await ask(LIST, first=2)).data["discountClaims"]
    rest = (await ask(LIST, first=2, after=page["pageInfo"]["endCursor"])).data["discountClaims"]
    assert [one["id"] for one in page["nodes"] + rest["nodes"]] == ["c-2", "c-1", "c-0"]
    assert [one["id"] for one in (await ask(LIST, status="ISSUED")).data["discountClaims"]["nodes"]] == ["c-1"]


async def test_a_link_gives_the_voucher_until_it_ends(
    ask: GraphQLOfService, written, monkeypatch: pytest.MonkeyPatch
) -> None:
    (id,) = written({"issued": True})
    url = (await ask(DOWNLOAD, id=id)).data["discountClaim"]["voucher"]["download"]["url"]
    found = re.fullmatch(r"http://127.0.0.1:8009(/downloads/\S+/voucher.pdf)", url)
    assert found
    client = AsyncClient()

    answer = await client.get(found[1])
    assert (answer.status_code, answer.content) == (200, b"%PDF-1.4 nothing more")
    assert 'filename="voucher-CODE-0.pdf"' in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "private, no-store"
    assert (await client.get("/downloads/made-up/voucher.pdf")).status_code == 403
    monkeypatch.setattr(settings, "DOWNLOAD_SECONDS", -1)
    assert (await client.get(found[1])).status_code == 410


def test_shares_are_percents_of_all_fields_or_of_one() -> None:
    assert shares([]) == {ALL: 100}
    assert shares(["0", "DiscountClaim.status=2.5"]) == {ALL: 0, "DiscountClaim.status": 2.5}
    for wrong in ("101", "status=5", "DiscountClaim.status=", "half"):
        with pytest.raises(WrongSetting, match="write percents"):
            shares([wrong])
