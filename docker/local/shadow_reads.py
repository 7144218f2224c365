"""
``python -m docker.local shadow``: whether the monolith and discounts give the same answers, before anybody depends on it.

Both are asked for each claim and each voucher that the monolith knows, in the gateway's name, as the gateway would ask
them; where an answer differs it is said. Clients go on being answered as the graph says, and notice nothing.
"""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import aiohttp
import jwt

from docker.local.keys import load_or_make, private_key
from docker.local.settings import LocalSettings

OLD, NEW = "monolith", "discounts"
CLAIMS = """query Claims($after: String) {
  discountClaims(first: 100, after: $after) { nodes { id voucher { id } } pageInfo { hasNextPage endCursor } } }"""
# Links differ by whose they are; everything else must not.
ENTITIES = """query Shadow($them: [_Any!]!) { _entities(representations: $them) {
  ... on DiscountClaim { status refusal purchaseNumber article claimedAt voucher { id } }
  ... on Voucher { code percent amountCents currency issuedAt validUntil } } }"""

Answer = Mapping[str, Any] | None


async def shadow_reads(settings: LocalSettings) -> int:
    """Compare everything; 0 when nothing differs, 1 when something does or somebody does not answer."""
    compared = different = 0
    seconds = dict.fromkeys((OLD, NEW), 0.0)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        try:
            async for references in _references(session, settings):
                answers = {}
                for service in (OLD, NEW):
                    began = time.perf_counter()
                    answers[service] = (await _asked(session, settings, service, ENTITIES, them=references))[
                        "_entities"
                    ]
                    seconds[service] += time.perf_counter() - began
                for reference, there, here in zip(references, answers[OLD], answers[NEW], strict=True):
                    compared += 1
                    if differences := _differences(there, here):
                        different += 1
                        print(f"{reference['__typename']} {reference['id']}: {'; '.join(differences)}")
        except aiohttp.ClientError as problem:
            print(f"not compared: {problem}; is the system up (make up)?")
            return 1
    times = ", ".join(f"{service} took {taken:.2f} s" for service, taken in seconds.items())
    print(f"{compared} compared, {different} different; {times}")
    return 1 if different else 0


async def _references(session: aiohttp.ClientSession, settings: LocalSettings) -> AsyncIterator[list[dict[str, str]]]:
    """Every claim of the monolith and its voucher, a page at a time."""
    after, more = None, True
    while more:
        page = (await _asked(session, settings, OLD, CLAIMS, after=after))["discountClaims"]
        yield [
            *({"__typename": "DiscountClaim", "id": claim["id"]} for claim in page["nodes"]),
            *({"__typename": "Voucher", "id": claim["id"]} for claim in page["nodes"] if claim["voucher"]),
        ]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]


async def _asked(
    session: aiohttp.ClientSession, settings: LocalSettings, service: str, query: str, **variables: Any
) -> Mapping[str, Any]:
    headers = {"Doorstep-Service-Token": _token(settings, service)}
    body = {"query": query, "variables": variables}
    async with session.post(settings.url(service), json=body, headers=headers) as answer:
        said = await answer.json(content_type=None)
    if said.get("errors"):
        raise aiohttp.ClientError(f"{service} answers {said['errors'][0]['message']}")
    return dict(said["data"])


def _token(settings: LocalSettings, service: str) -> str:
    now = int(time.time())
    key = private_key(load_or_make(settings.state).private["gateway"])
    claims = {
        "iss": "gateway",
        "aud": service,
        "iat": now,
        "exp": now + 60,
        "sub": "shadow-reads",
        "scope": "discounts",
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": "gateway"})


def _differences(there: Answer, here: Answer) -> Sequence[str]:
    if there is None or here is None:
        return [] if there == here else [f"{OLD if there else NEW} alone has it"]
    return [
        f"{name} is {there[name]!r} in {OLD}, {here[name]!r} in {NEW}" for name in there if there[name] != here[name]
    ]
