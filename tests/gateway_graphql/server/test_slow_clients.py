"""A client that does not read what it subscribed to: it is cut off alone, and told so when it reads again."""

from __future__ import annotations

import asyncio
import itertools

import aiohttp

from gateway_graphql import Subgraph, compose, create_app
from gateway_graphql.server.settings import LiveSettings, ServerSettings
from tests.gateway_graphql.server.serving import serving
from tests.gateway_graphql.server.test_subgraph_live import (
    LiveSubgraph,
    live,  # noqa: F401 (the fixture)
)
from tests.gateway_graphql.server.test_websocket import connected, subscribe

LARGE = "x" * 100_000
"""so much that the buffers of the system are full after some dozen updates"""
BUFFERED = 2_000_000
"""bytes"""


async def test_who_does_not_read_is_cut_off_and_everybody_else_goes_on(live: LiveSubgraph) -> None:  # noqa: F811
    composed = compose(
        [Subgraph.from_sdl("a", "type Query { q: Int } type Subscription { a: String, b: String }", live.url)]
    )
    assert composed.supergraph_sdl
    settings = ServerSettings(live=LiveSettings(buffered_bytes=BUFFERED))
    app = create_app(composed.supergraph_sdl, settings)
    async with (
        serving(app, own_http=True) as url,
        aiohttp.ClientSession() as http,
        connected(http, url) as quick,
        connected(http, url) as slow,
    ):
        await subscribe(slow, "1", "subscription { a }")
        of_slow = (await live.hears("subscribe"))["id"]
        await subscribe(quick, "1", "subscription { b }")
        of_quick = (await live.hears("subscribe"))["id"]

        sent = 0
        for number in itertools.count():
            await live.next(of_slow, a=f"{number} {LARGE}")
            await live.next(of_quick, b=str(number))
            sent += 1
            update = await quick.receive_json(timeout=5)
            assert update["payload"] == {"data": {"b": str(number)}}
            if not live.heard.empty():
                assert await live.hears("complete") == {"type": "complete", "id": of_slow}
                break

        read = []
        while (message := await asyncio.wait_for(slow.receive_json(), 5))["type"] == "next":
            read.append(message["payload"])
        updates, last = read[:-1], read[-1]
        assert message == {"id": "1", "type": "complete"}
        assert [one["data"]["a"].split()[0] for one in updates] == [str(number) for number in range(len(updates))]
        assert sent - len(updates) == 1  # the one for which there was no room any more
        (error,) = last["errors"]
        assert "more updates than the client could read" in error["message"]
