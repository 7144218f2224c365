"""Bring the system up, ask our gateway and the peers the same, and compare the answers."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from docker.local.console import Console
from docker.local.demo.client import GraphQLClient
from docker.local.keys import load_or_make
from docker.local.ports import pick_free
from docker.local.settings import REPOSITORY, LocalSettings
from docker.local.token import AccessTokens
from docker.local.up import RunningSystem, only_one, running_system
from tests.journeys import register
from tests.journeys.steps import import_addresses, until, verdict_live
from tests.peers.gateways.peers import PEERS, serving, with_addresses
from tests.peers.gateways.token_proxy import token_proxy

__all__ = ["compare_gateways"]

OPERATIONS = sorted(Path(__file__).parent.glob("operations/*.graphql"))
SUPERGRAPH = REPOSITORY / "gateway_graphql/supergraph.graphql"
SUBGRAPHS = ("addresses", "matching", "notifications", "realtime", "subscribers")


async def compare_gateways() -> int:
    """Print a line for each operation and peer, and what differs; 0 if nothing does."""
    environment = LocalSettings.from_environment()
    ports = dict(zip(environment.ports, pick_free(len(environment.ports)), strict=True))
    state = environment.state / "peers"
    shutil.rmtree(state, ignore_errors=True)
    settings = replace(
        environment, state=state, namespace="peers", ports=ports, mongo_url=None, redis_url=None, rabbitmq_url=None,
        adopt_running=False,
    )  # fmt: skip
    with only_one(settings):
        async with running_system(settings, Quiet([], colour=False)) as system:
            assert system
            return await _compare(system)


class Quiet(Console):
    """Shows the runner's own lines only."""

    def line(self, name: str, text: str) -> None:
        """Drop what a process says; it is in its log."""


async def _compare(system: RunningSystem) -> int:
    settings = system.settings
    proxy, *free = pick_free(1 + len(PEERS))
    addresses = {name: f"http://127.0.0.1:{proxy}/{name}" for name in SUBGRAPHS}
    supergraph = settings.state / "supergraph.graphql"
    supergraph.write_text(with_addresses(SUPERGRAPH.read_text(), addresses))
    subgraphs = {name: settings.url(name) for name in SUBGRAPHS}
    async with AsyncExitStack() as stack:
        # The peers let everybody do everything, and so do we for an admin.
        ours = await stack.enter_async_context(GraphQLClient(settings.url("gateway"), AccessTokens(settings, "admin")))
        known = await _world(ours)
        key = load_or_make(settings.state).private["gateway"]
        await stack.enter_async_context(token_proxy(subgraphs, key, proxy))
        clients = {}
        for name, port in zip(PEERS, free, strict=True):
            url = await stack.enter_async_context(serving(name, supergraph, port))
            clients[name] = await stack.enter_async_context(GraphQLClient(url))
        return await _ask_all(ours, clients, known)


async def _world(client: GraphQLClient) -> dict[str, Any]:
    """Something to ask about: a register, and subscribers whose addresses were matched and letters sent."""
    await import_addresses(client, register.as_csv(register.ADDRESSES), source="peers")
    imports = (await client.execute("{ addressImports { nodes { id } } }"))["addressImports"]["nodes"]
    known: dict[str, Any] = {"importId": imports[0]["id"]}
    for number, row in enumerate(register.ADDRESSES[5:8]):
        subscriber = {"name": "Ada Reader", "email": f"ada{number}@example.org", "address": row.typed()}
        subscriber["idempotencyKey"] = f"peers-{number}"
        answer = await client.execute(SUBSCRIBE, {"input": subscriber})
        known["again"] = subscriber
        known["subscriberId"] = answer["subscribe"]["subscriber"]["id"]
        known["taskId"] = answer["subscribe"]["matchTask"]["id"]
        await verdict_live(client, known["taskId"])

    async def settled() -> bool:
        data = await client.execute(SETTLED)
        letters = data["notifications"]["nodes"]
        known["addressId"] = (data["subscribers"]["nodes"][0]["address"] or {}).get("id")
        return len(letters) == 3 and all(n["status"] == "SENT" for n in letters) and known["addressId"]

    await until(settled, what="three letters")
    return known


SUBSCRIBE = "mutation ($input: SubscribeInput!) { subscribe(input: $input) { subscriber { id } matchTask { id } } }"
SETTLED = "{ notifications { nodes { status } } subscribers { nodes { address { id } } } }"


async def _ask_all(ours: GraphQLClient, peers: dict[str, GraphQLClient], known: dict[str, Any]) -> int:
    differences = 0
    for file in OPERATIONS:
        query = file.read_text()
        variables = {name: known[name] for name in re.findall(r"\$(\w+):", query) if name in known}
        expected = _comparable(await ours.post({"query": query, "variables": variables}))
        for name, peer in peers.items():
            given = _comparable(await peer.post({"query": query, "variables": variables}))
            same = given == expected
            differences += not same
            print(f"{'same     ' if same else 'DIFFERENT'} {file.stem} {name}")
            if not same:
                print(f"  ours  {json.dumps(expected)}\n  peer  {json.dumps(given)}")
    print(f"{len(OPERATIONS)} operations, {len(peers)} peers, {differences} differences")
    return 1 if differences else 0


def _comparable(answer: dict[str, Any]) -> dict[str, Any]:
    """
    The data, and where there are errors.

    How an error is worded is each gateway's own affair, and so is the order of what introspection lists.
    """
    paths = sorted({json.dumps(error.get("path")) for error in answer.get("errors") or ()})
    return {"data": _listed_by_name(answer.get("data")), "errors": paths}


def _listed_by_name(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _listed_by_name(inner) for key, inner in value.items()}
    if isinstance(value, list):
        items = [_listed_by_name(item) for item in value]
        introspected = all(isinstance(i, dict) and "name" in i and "id" not in i for i in items)
        return sorted(items, key=lambda item: item["name"]) if introspected else items
    return value
