"""``python -m tests.benchmarks.gateway.subgraphs PORT PORT PORT PORT``: the subgraphs, which cost next to nothing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import partial

import orjson
import uvicorn
import uvloop
from uvicorn.server import ServerState

from gateway_graphql.server.asgi import Answer, HttpRequest, StreamedAnswer
from gateway_graphql.server.http_server import HttpConnection
from tests.benchmarks.gateway.world import SDL, answer, schema_of


async def main(ports: list[int]) -> None:
    """Serve until killed."""
    async with asyncio.TaskGroup() as servers:
        for name, port in zip(SDL, ports, strict=True):
            servers.create_task(_serve(name, port))


async def _serve(name: str, port: int) -> None:
    schema = schema_of(name)
    known: dict[bytes, bytes] = {}

    async def respond(request: HttpRequest, write: Callable[[Answer | StreamedAnswer], Awaitable[None]]) -> None:
        body = await request.body(10**8, "")
        said = known.get(body)
        if said is None:
            # The same request comes again and again: what is measured is the gateway.
            said = known[body] = orjson.dumps(answer(schema, orjson.loads(body)))
        await write(Answer(200, b"application/json", said))

    config = uvicorn.Config(respond, log_config=None)  # type: ignore[arg-type]
    config.load()
    make = partial(HttpConnection, respond, config=config, server_state=ServerState(), app_state={})
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main([int(port) for port in sys.argv[1:]]))
