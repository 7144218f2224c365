"""Only the gateway is answered, and every request has an id."""

import asyncio

import jwt
import pytest
from django.test import AsyncClient, Client

from subgraphs.chassis.identity import TOKEN_HEADER, UnknownService, sign, verify
from tests.subgraphs.service import KEYS, PUBLIC_KEYS

GATEWAY = {TOKEN_HEADER: sign("example", issuer="gateway", key=KEYS["gateway"])}


def check(token: str, audience: str = "example") -> dict:
    return verify(token, audience=audience, issuer="gateway", public_keys=PUBLIC_KEYS)


def test_a_token_says_who_asks_whom() -> None:
    token = sign(
        ["example", "other"], issuer="gateway", key=KEYS["gateway"], subject="f-1", claims={"typ_fact": "x.v1"}
    )

    claims = check(token)

    assert (claims["iss"], claims["aud"], claims["sub"], claims["typ_fact"]) == (
        "gateway",
        ["example", "other"],
        "f-1",
        "x.v1",
    )
    assert claims["exp"] - claims["iat"] == 60
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "typ": "JWT", "kid": "gateway"}


@pytest.mark.parametrize("lifetime", [-9, 60])
def test_clocks_may_differ_by_ten_seconds(lifetime: int) -> None:
    check(sign("example", issuer="gateway", key=KEYS["gateway"], lifetime=lifetime))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b.c",
        sign("other", issuer="gateway", key=KEYS["gateway"]),
        sign("example", issuer="matching", key=KEYS["matching"]),
        sign("example", issuer="gateway", key=KEYS["matching"]),
        sign("example", issuer="gateway", key=KEYS["gateway"], lifetime=-12),
        jwt.encode({"iss": "gateway", "aud": "example"}, "", algorithm="none"),
        jwt.encode({"iss": "gateway", "aud": "example", "iat": 1, "exp": 9999999999}, "x" * 32, algorithm="HS256"),
    ],
)
def test_any_other_token_is_refused(token: str) -> None:
    with pytest.raises(UnknownService, match="the service token is refused"):
        check(token)


def test_a_signer_we_have_no_key_of_is_refused() -> None:
    with pytest.raises(UnknownService, match="public key of 'gateway' is not in SERVICE_PUBLIC_KEYS"):
        verify("x", audience="example", issuer="gateway", public_keys={})


@pytest.mark.parametrize("path", ["/sync", "/async", "/administrators", "/nowhere", "/live/", "/ready/x"])
async def test_everything_else_needs_the_token(path: str) -> None:
    refused = await AsyncClient().get(path)
    refused_too = await asyncio.to_thread(Client().get, path)

    assert refused.status_code == refused_too.status_code == 401
    assert refused.json() == {
        "errors": [
            {
                "message": f"send the gateway's token in the header {TOKEN_HEADER}",
                "extensions": {"code": "SERVICE_TOKEN_REQUIRED"},
            }
        ]
    }


@pytest.mark.parametrize("path", ["/live", "/ready", "/admin/"])
async def test_these_are_open(path: str) -> None:
    assert (await AsyncClient().get(path)).status_code == 200
    assert (await asyncio.to_thread(Client().get, path)).status_code == 200


@pytest.mark.parametrize("path", ["/sync", "/async"])
async def test_the_gateway_is_answered(path: str) -> None:
    assert (await AsyncClient().get(path, headers=GATEWAY)).status_code == 200
    assert (await asyncio.to_thread(Client().get, path, headers=GATEWAY)).status_code == 200


@pytest.mark.parametrize("path", ["/sync", "/async"])
@pytest.mark.parametrize(("given", "kept"), [("r-1", True), ("x" * 128, True), ("x" * 129, False), ('"{}', False)])
async def test_a_request_keeps_the_id_it_came_with(path: str, given: str, kept: bool) -> None:
    for response in (
        await AsyncClient().get(path, headers={**GATEWAY, "X-Request-Id": given}),
        await asyncio.to_thread(Client().get, path, headers={**GATEWAY, "X-Request-Id": given}),
    ):
        assert response["X-Request-Id"] == response.content.decode()
        assert (response["X-Request-Id"] == given) is kept


def test_a_request_without_an_id_gets_one_also_when_it_is_refused() -> None:
    assert len(Client().get("/sync", headers=GATEWAY)["X-Request-Id"]) == 36
    assert len(Client().get("/sync")["X-Request-Id"]) == 36
