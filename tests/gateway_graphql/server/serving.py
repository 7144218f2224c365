"""Runs an ASGI application under uvicorn, on a free port of this machine, in the loop of the test."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import uvicorn

from gateway_graphql.server.http_server import HttpConnection

__all__ = ["serving"]


@contextlib.asynccontextmanager
async def serving(app: Any, *, own_http: bool = False, **options: Any) -> AsyncIterator[str]:
    """
    The URL of the running application, without a slash at its end.

    ``own_http``: with the protocol of the command ``serve`` in place of ASGI.
    """
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        http=partial(HttpConnection, app.answer_to) if own_http else "httptools",
        ws="websockets-sansio",
        log_config=None,
        log_level="critical",
        timeout_graceful_shutdown=1,
        **options,
    )
    config.load()
    server = uvicorn.Server(config)
    # `serve` would also take pytest's signals, and look only ten times a second whether it should end.
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listening])
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        await server.shutdown(sockets=[listening])
