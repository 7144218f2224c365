"""One subgraph over real HTTP, whose only answer the test decides."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

__all__ = ["subgraph"]


@asynccontextmanager
async def subgraph(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """A subgraph that answers with this handler."""
    app = web.Application(client_max_size=10_000_000)
    app.router.add_route("*", "/graphql", handler)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/graphql"  # type: ignore[union-attr]
    finally:
        await runner.cleanup()
