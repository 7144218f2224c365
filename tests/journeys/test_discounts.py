"""A discount claimed in the graph is decided in the background, pushed live, and its voucher comes as a letter."""

import asyncio
import re
import urllib.request
from typing import Any

import pytest
import redis
import requests

from docker.local.demo.client import GraphQLClient
from docker.local.token import AccessTokens
from docker.local.up import RunningSystem
from tests.journeys.steps import letters, until
from tests.journeys.test_broken_parts import back, kill

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLAIM = """mutation Claim($input: ClaimDiscountInput!) { claimDiscount(input: $input) {
  discountClaim { id status } problems { code message } } }"""
WATCH = """subscription Watch($id: ID!) { discountClaim(id: $id) {
  updateId status discountClaim { purchaseNumber refusal voucher { code amountCents download { url } } } } }"""
MINE = "{ discountClaims { nodes { id status } } }"
LAMP = {"customer": "C-1002", "purchaseNumber": "P-2004", "article": "LAMP"}
SHELF = {"customer": "zoe@example.org", "purchaseNumber": "P-2006", "article": "SHELF"}
POSTCARD = {"customer": "ada@example.org", "purchaseNumber": "P-2003", "article": "POSTCARD"}


async def claimed(client: GraphQLClient, purchase: dict[str, str]) -> str:
    payload = (await client.execute(CLAIM, {"input": purchase}))["claimDiscount"]
    assert payload["problems"] == []
    return str(payload["discountClaim"]["id"])


async def decided(client: GraphQLClient, id: str) -> dict[str, Any]:
    async with client.live() as connection:
        async for data in connection.subscribe(WATCH, {"id": id}):
            if data["discountClaim"]["status"] != "QUEUED":
                return dict(data["discountClaim"])
    raise AssertionError("the subscription ended")


async def letters_with(system: RunningSystem, code: str) -> list[dict[str, Any]]:
    async def sent() -> list[dict[str, Any]]:
        return [letter for letter in letters(system) if code in str(letter)]

    return await until(sent, what="the letter with the voucher")


async def test_a_claim_is_watched_until_its_voucher_is_there_and_the_letter_comes_once(
    system: RunningSystem, client: GraphQLClient
) -> None:
    async with GraphQLClient(system.settings.url("gateway"), AccessTokens(system.settings, "subscriber")) as reader:
        id = await claimed(reader, LAMP)
        update = await decided(reader, id)
        assert await claimed(reader, LAMP) == id
        assert {"id": id, "status": "ISSUED"} in (await reader.execute(MINE))["discountClaims"]["nodes"]

    voucher = update["discountClaim"]["voucher"]
    assert (update["status"], update["discountClaim"]["purchaseNumber"], voucher["amountCents"]) == (
        "ISSUED",
        "P-2004",
        12_00,
    )

    def downloaded() -> bytes:
        with urllib.request.urlopen(voucher["download"]["url"], timeout=10) as answer:
            return bytes(answer.read())

    assert (await asyncio.to_thread(downloaded)).startswith(b"%PDF-")

    (letter,) = await letters_with(system, voucher["code"])
    assert "grace@example.org" in str(letter)


async def test_a_refusal_comes_live_with_its_reason(system: RunningSystem, client: GraphQLClient) -> None:
    update = await decided(client, await claimed(client, POSTCARD))

    assert (update["status"], update["discountClaim"]["refusal"]) == ("REFUSED", "AMOUNT_TOO_SMALL")
    assert update["discountClaim"]["voucher"] is None


async def test_a_claim_made_while_the_worker_is_dead_gets_one_voucher_when_it_is_back(
    system: RunningSystem, client: GraphQLClient
) -> None:
    pid = kill(system, "discounts listener")
    id = await claimed(client, SHELF)
    await back(system, "discounts listener", pid)
    update = await decided(client, id)

    assert update["status"] == "ISSUED"
    assert len(await letters_with(system, update["discountClaim"]["voucher"]["code"])) == 1


async def test_the_old_pages_keep_in_redis_what_they_may(system: RunningSystem) -> None:
    def looked_at() -> set[str]:
        browser = requests.Session()
        url = system.settings.url("monolith", "/discounts/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(url, timeout=10).text)
        assert token
        typed = {"customer": "C-1003", "purchase_number": "P-2006", "article": "SHELF"}
        browser.post(url, data={**typed, "csrfmiddlewaretoken": token[1]}, timeout=10).raise_for_status()
        for path in ("about/", "claims/"):
            browser.get(f"{url}{path}", timeout=10).raise_for_status()
        with redis.Redis.from_url(system.infrastructure.redis_url, decode_responses=True) as admin:
            refused = [entry for entry in admin.acl_log() if entry["username"] == "monolith"]
            assert refused == []
            own = f"{system.settings.namespace}:monolith:"
            return {key.removeprefix(own).split(":")[0] for key in admin.scan_iter(f"{own}*")}

    assert await asyncio.to_thread(looked_at) == {"pages", "data", "fragments", "limits"}
