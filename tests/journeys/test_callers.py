"""Who may see what on the running system: tokens of the accounts service, keys of its JWKS, guards of the graph."""

import asyncio
from typing import Any

import aiohttp
import pytest

from docker.local.demo.client import GraphQLClient
from docker.local.keys import ROLES, load_or_make
from docker.local.token import AccessTokens, access_token
from docker.local.up import RunningSystem
from tests.journeys import register
from tests.journeys.steps import until, verdict_live

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


FORM = """mutation ($input: SubscribeInput!) { subscribe(input: $input) {
  subscriber { id email } matchTask { id } problems { code } } }"""
OWN = """query ($id: ID!) { subscriber(id: $id) {
  email matchTasks { totalCount } notifications { nodes { subject recipientEmail } } } }"""


async def test_what_a_subscriber_sees_is_their_own(system: RunningSystem, client: GraphQLClient) -> None:
    url, tokens = system.settings.url("gateway"), AccessTokens(system.settings, "subscriber")
    given = {"name": "Ada Reader", "email": "own@example.com", "address": register.ADDRESSES[7].typed()}
    async with GraphQLClient(url, tokens) as subscriber, GraphQLClient(url) as anybody:
        own = (await subscriber.execute(FORM, {"input": given}))["subscribe"]["subscriber"]["id"]
        other = {**given, "email": "other@example.com"}
        anonymous = (await anybody.execute(FORM, {"input": other}))["subscribe"]
        assert anonymous["subscriber"]["email"] == "other@example.com"
        assert (await verdict_live(anybody, anonymous["matchTask"]["id"]))[-1]["status"] == "MATCHED"

        async def letter() -> dict[str, Any] | None:
            found = (await subscriber.execute(OWN, {"id": own}))["subscriber"]
            return found if found["notifications"]["nodes"] else None

        found = await until(letter, what="the letter to the subscriber")
        assert found["email"] == found["notifications"]["nodes"][0]["recipientEmail"] == "own@example.com"
        assert found["matchTasks"]["totalCount"] == 1
        listed = (await subscriber.execute("{ subscribers(first: 100) { totalCount nodes { email } } }"))["subscribers"]
        seen = [one["email"] for one in listed["nodes"]]
        assert "own@example.com" in seen
        assert "other@example.com" not in seen
        assert listed["totalCount"] == len(seen)
        behind = "query ($id: ID!) { matchTask(id: $id) { status subscriber { email } } }"
        foreign = await subscriber.post({"query": behind, "variables": {"id": anonymous["matchTask"]["id"]}})
        assert foreign["data"] == {"matchTask": {"status": "MATCHED", "subscriber": None}}
        refused = await anybody.post({"query": OWN, "variables": {"id": anonymous["subscriber"]["id"]}})
        assert refused["data"] is None or refused["data"]["subscriber"] is None
        assert refused["errors"][0]["extensions"]["coordinate"] == "Query.subscriber"


async def test_a_token_that_was_changed_is_refused(system: RunningSystem) -> None:
    head, claims, signature = (await token_of(system, "admin")).split(".")
    other = (await token_of(system, "reviewer")).split(".")[1]

    for forged in (f"{head}.{other}.{signature}", f"{head}.{claims}.", f"{head}.{claims}.{signature[:-8]}AAAAAAAA"):
        status, answer = await ask(system, "{ __typename }", forged)
        assert status == 401
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_revoked_token_is_good_no_more_and_what_it_watches_ends(system: RunningSystem) -> None:
    token = await token_of(system, "operator")

    async def same() -> str:
        return token

    async with GraphQLClient(system.settings.url("gateway"), same) as client, client.live() as connection:

        async def watch() -> None:
            async for _ in connection.subscribe('subscription { letters(subscriberId: "x") { updateId } }', timeout=30):
                pass

        watching = asyncio.ensure_future(watch())
        assert (await ask(system, "{ matchBatches { nodes { id } } }", token))[0] == 200
        await revoke(system, "operator", token)

        with pytest.raises(aiohttp.WSMessageTypeError):  # what comes instead of a message is the end of the connection
            await watching

    status, answer = await ask(system, "{ matchBatches { nodes { id } } }", token)
    assert (status, answer["errors"][0]["message"]) == (401, "The access token is refused: it was revoked.")


async def revoke(system: RunningSystem, role: str, token: str) -> None:
    """As its client does (RFC 7009)."""
    auth = aiohttp.BasicAuth(f"development-{role}", load_or_make(system.settings.state).client_secrets[role])
    async with (
        aiohttp.ClientSession() as session,
        session.post(system.settings.url("accounts", "/o/revoke_token/"), data={"token": token}, auth=auth) as answer,
    ):
        assert answer.status == 200


async def test_a_subgraph_is_asked_by_the_gateway_alone(system: RunningSystem) -> None:
    token = await token_of(system, "admin")
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
        session.post(system.settings.url("accounts"), json={"query": USERS}) as answer,
    ):
        assert answer.status == 401
        assert (await answer.json())["errors"][0]["extensions"]["code"] == "SERVICE_TOKEN_REQUIRED"
