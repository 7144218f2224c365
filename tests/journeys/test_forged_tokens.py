"""Forged tokens are good nowhere: not at the gateway, at no subgraph, for no listener of the running system."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import aiohttp
import pika
import pytest

from docker.local.keys import load_or_make
from docker.local.processes import SUBGRAPHS
from docker.local.token import access_token
from docker.local.up import RunningSystem
from gateway_graphql.server.service_token import ServiceTokens
from gateway_graphql.server.settings import ServiceTokenSettings
from tests.journeys.forgeries import access_tokens, service_tokens
from tests.journeys.steps import until
from workers.chassis import broker
from workers.chassis.broker import Names
from workers.chassis.facts import fact

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASKED = {"query": "{ __typename }"}
HEARD = {
    "matching": ("address.submitted.v1", "subscribers"),
    "live_updates": ("address.matched.v1", "matching"),
    "subscribers": ("address.matched.v1", "matching"),
    "addresses": ("address.review_resolved.v1", "matching"),
    "notifications": ("address.matched.v1", "matching"),
    "caches": ("register.changed.v1", "addresses"),
    "suggestions": ("suggestion.received.v1", "suggestions"),
    "discounts": ("discount.claimed.v1", "discounts"),
}
"""listener → a fact that it hears, and who tells it"""


async def good_token(system: RunningSystem, role: str = "subscriber") -> str:
    return await asyncio.to_thread(access_token, system.settings, role)


async def forged_access_tokens(system: RunningSystem) -> Mapping[str, str]:
    keys = load_or_make(system.settings.state)
    of_gateway = ServiceTokens(ServiceTokenSettings(key=keys.private["gateway"])).token_for("accounts")
    return access_tokens(keys, await good_token(system), of_gateway)


async def forged_service_tokens(system: RunningSystem, issuer: str, audience: str, **claims: Any) -> dict[str, str]:
    keys, token = load_or_make(system.settings.state), await good_token(system, "admin")
    return service_tokens(keys, issuer=issuer, audience=audience, access_token=token, **claims)


async def test_the_gateway_takes_none_over_http(system: RunningSystem) -> None:
    accepted = []
    async with aiohttp.ClientSession() as session:

        async def answered(token: str) -> tuple[int, Any]:
            headers = {"Authorization": f"Bearer {token}"}
            async with session.post(system.settings.url("gateway"), json=ASKED, headers=headers) as answer:
                return answer.status, await answer.json()

        assert await answered(await good_token(system)) == (200, {"data": {"__typename": "Query"}})
        for wrong, token in (await forged_access_tokens(system)).items():
            status, body = await answered(token)
            if status != 401 or "data" in body or body["errors"][0]["extensions"]["code"] != "UNAUTHENTICATED":
                accepted.append(wrong)
    assert not accepted


async def test_the_gateway_takes_none_over_websocket(system: RunningSystem) -> None:
    accepted = []
    async with aiohttp.ClientSession() as session:

        async def opened(token: str, *, as_header: bool) -> aiohttp.WSMessage:
            given = {"Authorization": f"Bearer {token}"}
            async with session.ws_connect(
                system.settings.url("gateway"), protocols=("graphql-transport-ws",), headers=given if as_header else {}
            ) as socket:
                await socket.send_json({"type": "connection_init", "payload": {} if as_header else given})
                return await socket.receive(timeout=20)

        for as_header in (True, False):
            first = await opened(await good_token(system), as_header=as_header)
            assert json.loads(first.data)["type"] == "connection_ack"
            for wrong, token in (await forged_access_tokens(system)).items():
                try:
                    message = await opened(token, as_header=as_header)
                except aiohttp.WSServerHandshakeError as refused:
                    outcome: tuple[Any, Any] = ("handshake", refused.status)
                else:
                    outcome = (message.type, message.data)
                if outcome not in {("handshake", 401), (aiohttp.WSMsgType.CLOSE, 4403)}:
                    accepted.append(wrong)
    assert not accepted


@pytest.mark.parametrize("service", [*SUBGRAPHS, "realtime"])
async def test_no_subgraph_takes_one(system: RunningSystem, service: str) -> None:
    accepted = []
    key = load_or_make(system.settings.state).private["gateway"]
    async with aiohttp.ClientSession() as session:

        async def answered(token: str | None) -> tuple[int, Any]:
            headers = {"Doorstep-Service-Token": token} if token else {}
            async with session.post(system.settings.url(service), json=ASKED, headers=headers) as answer:
                return answer.status, await answer.json()

        good = ServiceTokens(ServiceTokenSettings(key=key)).token_for(service)
        assert (await answered(good))[0] == 200
        forged: dict[str, str | None] = {"none": None, **await forged_service_tokens(system, "gateway", service)}
        for wrong, token in forged.items():
            status, body = await answered(token)
            if status != 401 or body["errors"][0]["extensions"]["code"] != "SERVICE_TOKEN_REQUIRED":
                accepted.append(wrong)
    assert not accepted


async def test_no_live_subscription_begins_with_one(system: RunningSystem) -> None:
    accepted = []
    url = system.settings.url("realtime", scheme="ws")
    async with aiohttp.ClientSession() as session:
        forged: dict[str, str | None] = {"none": None, **await forged_service_tokens(system, "gateway", "realtime")}
        for wrong, token in forged.items():
            headers = {"Doorstep-Service-Token": token} if token else {}
            try:
                async with session.ws_connect(url, protocols=("graphql-transport-ws",), headers=headers):
                    accepted.append(wrong)
            except aiohttp.WSServerHandshakeError as refused:
                if refused.status != 403:
                    accepted.append(f"{wrong}: {refused.status}")
    assert not accepted


@pytest.mark.parametrize("listener", HEARD)
async def test_no_listener_takes_a_fact_with_one(system: RunningSystem, client: object, listener: str) -> None:
    type_, teller = HEARD[listener]
    names = Names(system.settings.namespace)
    told = fact(type_, source=f"/{teller}", subject="t-1", audience=[listener], data={"matchTaskId": "t-1"})
    forged: dict[str, tuple[str, str | None]] = {str(uuid4()): ("none", None)}
    for wrong in await forged_service_tokens(system, teller, listener):
        id = str(uuid4())
        # Of this very fact, so that nothing else is wrong with it.
        forged[id] = (wrong, (await forged_service_tokens(system, teller, listener, sub=id, typ_fact=type_))[wrong])

    def publish() -> None:
        with pika.BlockingConnection(pika.URLParameters(system.infrastructure.rabbitmq_url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            for id, (_, token) in forged.items():
                headers = {"service-token": token} if token else {}
                broker.publish(channel, "", names.queue(listener), json.dumps({**told, "id": id}).encode(), headers)

    await asyncio.to_thread(publish)
    reasons: dict[str, str] = {}

    def look() -> bool:
        """Take from the dead letters until all of ours are there."""
        with pika.BlockingConnection(pika.URLParameters(system.infrastructure.rabbitmq_url)) as connection:
            channel = connection.channel()
            while True:
                method, properties, body = channel.basic_get(names.dead_letters, auto_ack=True)
                if method is None:
                    return forged.keys() <= reasons.keys()
                reasons[json.loads(body).get("id", "")] = (
                    f"{properties.headers['listener']}: {properties.headers['reason']}"
                )

    async def all_there() -> bool:
        return await asyncio.to_thread(look)

    await until(all_there, what=f"the dead letters of {listener}")
    refused = f"{listener}: the service token is "
    assert not [(wrong, reasons[id]) for id, (wrong, _) in forged.items() if not reasons[id].startswith(refused)]
