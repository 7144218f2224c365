"""The main job without GraphQL: subscribe, wait for the verdict, read the address, over REST alone."""

import aiohttp
import pytest

from docker.local.demo.client import GraphQLClient
from docker.local.token import access_token
from docker.local.up import RunningSystem
from tests.journeys.register import ADDRESSES, mistyped
from tests.journeys.steps import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_somebody_subscribes_and_an_operator_looks_at_what_became_of_it(
    system: RunningSystem, client: GraphQLClient
) -> None:
    api = system.settings.url("gateway", "/api/v1")
    typed = mistyped(ADDRESSES[5], id="q", seed=1).typed()
    token = {"authorization": f"Bearer {access_token(system.settings, 'operator')}"}
    async with aiohttp.ClientSession() as http:
        body = {"name": "Ada", "email": "rest@example.com", "address": typed}
        async with http.post(f"{api}/subscribers", json=body) as answer:
            assert answer.status == 202
            accepted = await answer.json()

        async def decided() -> dict[str, object] | None:
            async with http.get(f"{api}/match-tasks/{accepted['matchTask']['id']}") as answer:
                assert answer.status == 200, await answer.text()
                task: dict[str, object] = await answer.json()
                return task if task["status"] == "MATCHED" else None

        task = await until(decided, what="the verdict")
        found = task["address"]
        assert isinstance(found, dict)
        async with http.get(f"{api}/addresses/{found['id']}", headers=token) as answer:
            assert (await answer.json())["reference"] == ADDRESSES[5].id
        async with http.get(
            f"{api}/addresses", params={"search": ADDRESSES[5].address, "first": "1"}, headers=token
        ) as answer:
            assert (await answer.json())["nodes"]


async def test_what_is_refused_says_why(system: RunningSystem, client: GraphQLClient) -> None:
    api = system.settings.url("gateway", "/api/v1")
    async with aiohttp.ClientSession() as http:
        async with http.post(
            f"{api}/subscribers", json={"name": "", "email": "no", "address": {"address": ""}}
        ) as answer:
            assert answer.status == 422
            assert {one["field"] for one in (await answer.json())["errors"]} >= {"name", "email"}
        async with http.get(f"{api}/addresses/1") as answer:
            assert answer.status == 401
            assert answer.content_type == "application/problem+json"
