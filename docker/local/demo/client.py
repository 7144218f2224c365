"""A GraphQL client like any other: HTTP, uploads by the multipart request spec, live over graphql-transport-ws."""

import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import aiohttp


class GraphQLFailure(Exception):
    """The answer holds errors, or is none."""


class GraphQLClient:
    """
    Talks to one endpoint. Use as an async context manager.

    :param token: gives an access token, asked before each request; without it, the client is nobody who is known.
    :param tls: whom to believe over https; without it, whom the system believes.
    """

    def __init__(
        self, url: str, token: Callable[[], Awaitable[str]] | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.url = url
        self._token = token
        self._tls = tls
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> "GraphQLClient":
        timeout, connector = aiohttp.ClientTimeout(total=None, connect=10), aiohttp.TCPConnector(ssl=self._tls or True)
        self._session = aiohttp.ClientSession(timeout=timeout, connector=connector)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def execute(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """
        Ask, and give the ``data``.

        :raises GraphQLFailure: when the answer holds errors.
        """
        answer = await self.post({"query": query, "variables": variables or {}})
        return _data(answer)

    async def post(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask, and give the whole answer with its errors."""
        async with self._session.post(self.url, json=body, headers=await self._headers()) as answer:
            return await _read(answer)

    async def upload(
        self, query: str, variables: Mapping[str, Any], *, file: bytes, name: str, variable: str = "file"
    ) -> dict[str, Any]:
        """
        Send one file with an operation (GraphQL multipart request spec).

        :param variable: the variable that stands for the file.
        :raises GraphQLFailure: when the answer holds errors.
        """
        form = aiohttp.FormData()
        form.add_field("operations", json.dumps({"query": query, "variables": {**variables, variable: None}}))
        form.add_field("map", json.dumps({"0": [f"variables.{variable}"]}))
        form.add_field("0", file, filename=name, content_type="text/csv")
        headers = {"GraphQL-Preflight": "1", **await self._headers()}
        async with self._session.post(self.url, data=form, headers=headers) as answer:
            return _data(await _read(answer))

    async def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {await self._token()}"} if self._token else {}

    @asynccontextmanager
    async def live(self) -> AsyncIterator["LiveConnection"]:
        """One WebSocket for any number of live subscriptions."""
        url = self.url.replace("http", "ws", 1)
        async with self._session.ws_connect(url, protocols=("graphql-transport-ws",), max_msg_size=0) as socket:
            await socket.send_json({"type": "connection_init", "payload": await self._headers()})
            hello = await socket.receive_json(timeout=10)
            if hello["type"] != "connection_ack":
                raise GraphQLFailure(f"the gateway answered {hello} to connection_init")
            yield LiveConnection(socket)


class LiveConnection:
    """One WebSocket; one live subscription is read at a time."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = count(1)

    async def subscribe(
        self, query: str, variables: Mapping[str, Any] | None = None, *, timeout: float = 60
    ) -> AsyncGenerator[dict[str, Any], None]:
        """
        The updates' ``data``, as they come.

        :param timeout: seconds to wait for each.
        :raises GraphQLFailure: when an update holds errors or the server ends it with one.
        """
        id = str(next(self._ids))
        await self._socket.send_json(
            {"id": id, "type": "subscribe", "payload": {"query": query, "variables": variables or {}}}
        )
        try:
            while True:
                message = await self._socket.receive_json(timeout=timeout)
                match message:
                    case {"type": "next", "id": said, "payload": payload} if said == id:
                        yield _data(payload)
                    case {"type": "error", "payload": errors}:
                        raise GraphQLFailure(json.dumps(errors))
                    case {"type": "complete"}:
                        return
                    case {"type": "ping"}:
                        await self._socket.send_json({"type": "pong"})
        finally:
            if not self._socket.closed:
                await self._socket.send_json({"id": id, "type": "complete"})


async def _read(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    text = await answer.text()
    try:
        return dict(json.loads(text))
    except ValueError:
        raise GraphQLFailure(f"HTTP {answer.status}, no GraphQL answer: {text[:500]}") from None


def _data(answer: Mapping[str, Any]) -> dict[str, Any]:
    if answer.get("errors"):
        raise GraphQLFailure(json.dumps(answer["errors"], indent=2, ensure_ascii=False))
    return dict(answer["data"])
