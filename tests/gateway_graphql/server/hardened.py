"""A gateway over one graph, with settings of the test's own, and what a client hears from it over HTTP and WebSocket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from gateway_graphql.server import ServerSettings, create_app
from tests.gateway_graphql.execution.clients import AnswersAsTold
from tests.gateway_graphql.execution.graphs import SUBSCRIBERS
from tests.gateway_graphql.server.serving import serving
from tests.gateway_graphql.server.test_websocket import connected

__all__ = ["Hardened", "codes", "hardened"]

ME = {"data": {"me": {"id": "1", "name": "Ada"}}}


@dataclass
class Hardened:
    """A running gateway, and one client of it."""

    url: str
    http: aiohttp.ClientSession
    subgraphs: AnswersAsTold
    """what asks them; ``requests`` are all that got so far"""

    async def post(self, query: str | None, headers: Mapping[str, str] | None = None, **more: Any) -> Any:
        """The result of an operation over HTTP."""
        body = {"query": query, **more} if query is not None else more
        async with self.http.post(f"{self.url}/graphql", json=body, headers=headers) as answer:
            return await answer.json(content_type=None)

    async def live(self, query: str | None, init: Any = None, **more: Any) -> Any:
        """The first result, or the errors, of an operation over a WebSocket of its own."""
        async with connected(self.http, self.url, init) as socket:
            payload = {"query": query, **more} if query is not None else more
            await socket.send_json({"id": "1", "type": "subscribe", "payload": payload})
            message = await socket.receive_json(timeout=5)
            return message["payload"] if message["type"] == "next" else {"errors": message["payload"]}


def codes(result: Any) -> list[str]:
    """The code of each error."""
    return [one.get("extensions", {}).get("code", "") for one in result.get("errors", ())]


@asynccontextmanager
async def hardened(
    settings: ServerSettings | None = None, sdl: str = SUBSCRIBERS, own_http: bool = True, **answers: Any
) -> AsyncIterator[Hardened]:
    """Serve the graph with these settings; ``answers`` as for :class:`AnswersAsTold`."""
    client = AnswersAsTold(**(answers or {"subscribers": ME}))
    app = create_app(sdl, settings, client)
    async with serving(app, own_http=own_http, proxy_headers=False) as url, aiohttp.ClientSession() as http:
        yield Hardened(url, http, client)
