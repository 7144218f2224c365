"""Who may see what on the running system: tokens of the accounts service, keys of its JWKS, guards of the graph."""

import asyncio
from typing import Any

import aiohttp
import pytest

from docker.local.keys import ROLES
from docker.local.token import access_token
from docker.local.up import RunningSystem

pytestmark = pytest.mark.asyncio(loop_scope="session")

USERS = "{ users { nodes { username roles } } }"


async def ask(system: RunningSystem, query: str, token: str | None = None) -> tuple[int, dict[str, Any]]:
    """The status and the whole answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession() as session,
        session.post(system.settings.url("gateway"), json={"query": query}, headers=headers) as answer,
    ):
        return answer.status, await answer.json()


async def token_of(system: RunningSystem, role: str) -> str:
    """As ``make token`` gets it."""
    return await asyncio.to_thread(access_token, system.settings, role)


async def test_an_admin_sees_the_users(system: RunningSystem) -> None:
    _, answer = await ask(system, USERS, await token_of(system, "admin"))

    assert [user["username"] for user in answer["data"]["users"]["nodes"]] == sorted(ROLES)


@pytest.mark.parametrize("role", [None, "subscriber", "reviewer", "operator"])
async def test_nobody_else_does(system: RunningSystem, role: str | None) -> None:
    status, answer = await ask(system, USERS, role and await token_of(system, role))

    assert status == 200
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"] == {
        "code": "UNAUTHORIZED_FIELD_OR_TYPE",
        "coordinate": "Query.users",
    }


async def test_a_token_that_was_changed_is_refused(system: RunningSystem) -> None:
    head, claims, signature = (await token_of(system, "admin")).split(".")
    other = (await token_of(system, "reviewer")).split(".")[1]

    for forged in (f"{head}.{other}.{signature}", f"{head}.{claims}.", f"{head}.{claims}.{signature[:-8]}AAAAAAAA"):
        status, answer = await ask(system, "{ __typename }", forged)
        assert status == 401
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_subgraph_is_asked_by_the_gateway_alone(system: RunningSystem) -> None:
    token = await token_of(system, "admin")
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
        session.post(system.settings.url("accounts"), json={"query": USERS}) as answer,
    ):
        assert answer.status == 401
        assert (await answer.json())["errors"][0]["extensions"]["code"] == "SERVICE_TOKEN_REQUIRED"
