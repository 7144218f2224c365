"""
What stands between an npm gateway and our subgraphs: it adds the token that says "this is the gateway".

Subgraphs answer nobody else, and the peers know nothing of such tokens. Nothing else about a request changes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from gateway_graphql.execution.caller import Caller
from gateway_graphql.server.service_token import ServiceTokens
from gateway_graphql.server.settings import ServiceTokenSettings
from subgraphs.accounts.roles import SCOPES

__all__ = ["token_proxy"]

HEADER = "Doorstep-Service-Token"
ADMIN = Caller("a-peer", frozenset(SCOPES), credential="an admin")


@asynccontextmanager
async def token_proxy(subgraphs: Mapping[str, str], key: str, port: int) -> AsyncIterator[None]:
    """
    Answer at ``/<subgraph>`` with what the subgraph answers.

    :param subgraphs: name → URL
    :param key: the gateway's private key
    """
    tokens = ServiceTokens(ServiceTokenSettings(header=HEADER, issuer="gateway", key=key, lifetime=60))
    async with aiohttp.ClientSession() as session:

        async def forward(request: web.Request) -> web.Response:
            name = request.match_info["subgraph"]
            headers = {"Content-Type": "application/json", HEADER: tokens.token_for(name, ADMIN)}
            async with session.post(subgraphs[name], data=await request.read(), headers=headers) as answer:
                return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)

        app = web.Application()
        app.router.add_post("/{subgraph}", forward)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            yield
        finally:
            await runner.cleanup()
