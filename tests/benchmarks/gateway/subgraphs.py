"""
``python -m tests.benchmarks.gateway.subgraphs PORT PORT PORT PORT [--faults]``: the subgraphs, which cost next to nothing.

With ``--faults``, one request in ten is answered late, never, with nonsense, with an error, or with a closed connection.
"""

from __future__ import annotations

import asyncio
import random
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

Write = Callable[[Answer | StreamedAnswer], Awaitable[None]]
FAULTY = 0.1
NONSENSE = (b"", b"<html>no</html>", b'{"data":', b"[]", b'{"data":1}', b'{"data":{"_entities":[]}}', b'{"errors":[1]}')


async def main(ports: list[int], faults: bool) -> None:
    """Serve until killed."""
    async with asyncio.TaskGroup() as servers:
        for name, port in zip(SDL, ports, strict=True):
            servers.create_task(_serve(name, port, faults))


async def _misbehave(request: HttpRequest, write: Write) -> None:
    match random.choice(("late", "never", "nonsense", "refused", "closed")):
        case "late":
            await asyncio.sleep(random.uniform(0.1, 1))
            await write(Answer(200, b"application/json", b'{"data":{}}'))
        case "never":
            while (await request.receive())["type"] != "http.disconnect":
                pass
        case "nonsense":
            await write(Answer(200, b"application/json", random.choice(NONSENSE)))
        case "refused":
            await write(Answer(random.choice((401, 429, 500, 503)), b"text/html", b"<html>no</html>"))
        case _:
            pass  # who writes no answer closes the connection


async def _serve(name: str, port: int, faults: bool) -> None:
    schema = schema_of(name)
    known: dict[bytes, bytes] = {}

    async def respond(request: HttpRequest, write: Write) -> None:
        body = await request.body(10**8, "")
        if faults and random.random() < FAULTY:
            await _misbehave(request, write)
            return
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
    uvloop.run(main([int(port) for port in sys.argv[1:] if port.isdigit()], "--faults" in sys.argv))
