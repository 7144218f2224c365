"""A client of the live results: graphql-transport-ws over a real socket, with the gateway's token."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect

TIMEOUT = 10.0


class Updates:
    """What one live subscription received."""

    def __init__(self, field: str) -> None:
        self._field = field
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def message(self, timeout: float = TIMEOUT) -> dict[str, Any]:
        async with asyncio.timeout(timeout):
            return await self.messages.get()

    async def next(self, timeout: float = TIMEOUT) -> dict[str, Any]:
        message = await self.message(timeout)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"][self._field]

    async def error(self) -> dict[str, Any]:
        """The error the subscription ended with, wherever the protocol puts it."""
        message = await self.message()
        errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
        return errors[0]


class LiveClient:
    """One socket."""

    def __init__(self, url: str, token: str | None) -> None:
        self._url = url
        self._headers = {"Doorstep-Service-Token": token} if token else {}
        self._numbers = itertools.count(1)
        self._subscriptions: dict[str, Updates] = {}

    async def __aenter__(self) -> Self:
        self.socket: ClientConnection = await connect(
            self._url, additional_headers=self._headers, subprotocols=["graphql-transport-ws"]
        )
        await self.socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(await self.socket.recv())["type"] == "connection_ack"
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()
        await self._reader

    async def _read(self) -> None:
        async for text in self.socket:
            message = json.loads(text)
            if message.get("id") in self._subscriptions:
                self._subscriptions[message["id"]].messages.put_nowait(message)

    @asynccontextmanager
    async def subscribe(self, query: str, **variables: Any) -> AsyncIterator[Updates]:
        number = str(next(self._numbers))
        updates = self._subscriptions[number] = Updates(query.split("{")[1].split("(")[0].strip())
        payload = {"query": query, "variables": variables}
        await self.socket.send(json.dumps({"id": number, "type": "subscribe", "payload": payload}))
        yield updates
        await self.socket.send(json.dumps({"id": number, "type": "complete"}))
