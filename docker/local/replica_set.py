"""A MongoDB of our own: change streams and transactions need a replica set, of which one node is enough; and its users."""

import asyncio
from collections.abc import Mapping
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from docker.local import server_users

Client = AsyncMongoClient[dict[str, Any]]

UNAUTHORIZED, WRONG_PASSWORD, ALREADY_INITIALIZED = 13, 18, 23
_THERE_ALREADY = (51002, 51003)
"""a role or a user of this name"""


async def prepare_replica_set(url: str, address: str, passwords: Mapping[str, str], namespace: str) -> None:
    """
    Make the replica set, and bring its users up to date. Harmless to repeat.

    :param url: of the server itself, on the machine it runs on: while it has no user yet, whoever is there may make the
        first, and nobody else
    :param address: host and port by which the services know it
    :raises TimeoutError: it does not become the primary.
    :raises OperationFailure: with the code ``WRONG_PASSWORD``: it was made with other passwords.
    """
    client: Client
    async with AsyncMongoClient(url) as client:
        if await _make_replica_set(client, address):
            await _make_admin(client, passwords)
    async with AsyncMongoClient(server_users.url_for(server_users.ADMIN, url, passwords)) as client:
        await _move_replica_set(client, address)
        await _until_primary(client)
        for make, update in server_users.mongo_commands(passwords, namespace):
            await _run(client, make, _THERE_ALREADY, update)


async def _make_replica_set(client: Client, address: str) -> bool:
    """Whether this may go on without a name: it may not where there are users."""
    try:
        await client.admin.command("replSetInitiate", {"_id": "doorstep", "members": [{"_id": 0, "host": address}]})
    except OperationFailure as refusal:
        if refusal.code == UNAUTHORIZED:
            return False
        if refusal.code != ALREADY_INITIALIZED:
            raise
    async with asyncio.timeout(60):
        await _until_primary(client)
    return True


async def _make_admin(client: Client, passwords: Mapping[str, str]) -> None:
    name = server_users.ADMIN
    # Not allowed any more where there is one already.
    await _run(client, {"createUser": name, "pwd": passwords[name], "roles": ["root"]}, (UNAUTHORIZED,))


async def _run(
    client: Client, command: dict[str, Any], known: tuple[int, ...], instead: dict[str, Any] | None = None
) -> None:
    try:
        await client.admin.command(command)
    except OperationFailure as refusal:
        if refusal.code not in known:
            raise
        if instead:
            await client.admin.command(instead)


async def _until_primary(client: Client) -> None:
    while not (await client.admin.command("hello")).get("isWritablePrimary"):
        await asyncio.sleep(0.1)


async def _move_replica_set(client: Client, address: str) -> None:
    """The address may have changed since the data was written: the set must name the new one."""
    config = (await client.admin.command("replSetGetConfig"))["config"]
    if config["members"][0]["host"] != address:
        config["members"][0]["host"] = address
        config["version"] += 1
        await client.admin.command("replSetReconfig", config, force=True)
