"""Live subscriptions to subgraphs over real WebSockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from gateway_graphql.execution.errors import (
    SubgraphError,
    SubgraphRefused,
    SubgraphSpokeNonsense,
    SubgraphTimedOut,
    SubgraphUnreachable,
)
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from gateway_graphql.server.settings import LiveSettings, ServerSettings, SubgraphSettings
from gateway_graphql.server.subgraph_http import SubgraphHttp

PROTOCOL = "graphql-transport-ws"


class LiveSubgraph:
    """Speaks the protocol; the test decides what it says."""

    def __init__(self) -> None:
        self.sockets: list[web.WebSocketResponse] = []
        self.headers: list[Any] = []
        self.heard: asyncio.Queue[Any] = asyncio.Queue()
        self.protocols: tuple[str, ...] = (PROTOCOL,)
        self.acknowledges = True
        self.url = ""

    async def handler(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=self.protocols)
        await socket.prepare(request)
        self.sockets.append(socket)
        self.headers.append(request.headers)
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                message = frame.json()
                if message["type"] != "connection_init":
                    self.heard.put_nowait(message)
                elif self.acknowledges:
                    await socket.send_json({"type": "connection_ack"})
        return socket

    async def hears(self, kind: str) -> Any:
        """The next message, which must be of this kind."""
        message = await asyncio.wait_for(self.heard.get(), 5)
        assert message["type"] == kind
        return message

    async def say(self, message: Any, socket: int = -1) -> None:
        await self.sockets[socket].send_json(message)

    async def next(self, id: str, **data: Any) -> None:
        await self.say({"id": id, "type": "next", "payload": {"data": data}})


@pytest.fixture
async def live() -> AsyncIterator[LiveSubgraph]:
    """A subgraph of live subscriptions."""
    subgraph = LiveSubgraph()
    app = web.Application()
    app.router.add_get("/graphql", subgraph.handler)
    app.router.add_get("/refuses", refuses)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    subgraph.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/graphql"  # type: ignore[union-attr]
    yield subgraph
    for socket in subgraph.sockets:
        await socket.close()
    await runner.cleanup()


async def refuses(_: web.Request) -> web.Response:
    return web.Response(status=403)


@asynccontextmanager
async def client_of(live: LiveSettings | None = None, **urls: str) -> AsyncIterator[SubgraphHttp]:
    """A client that is closed in the end."""
    settings = ServerSettings(
        live=live or LiveSettings(),
        subgraphs={name: SubgraphSettings(subscription_url=url) for name, url in urls.items()},
    )
    client = SubgraphHttp(settings)
    try:
        yield client
    finally:
        await client.close()


def request(url: str, **headers: str) -> SubgraphRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return SubgraphRequest("realtime", url, "subscription { a }", None, {"id": "1"}, named, "subscription")


async def test_events_come_in_order_until_complete(live: LiveSubgraph) -> None:
    async with client_of() as client, aclosing(client.subscribe(request(live.url, x_request_id="r-1"))) as events:
        first = asyncio.ensure_future(anext(events))
        said = await live.hears("subscribe")
        assert said["payload"] == {
            "query": "subscription { a }",
            "variables": {"id": "1"},
            "extensions": {"headers": {"x-request-id": "r-1"}},
        }
        await live.next(said["id"], a=1)
        await live.next(said["id"], a=2)
        await live.say({"id": said["id"], "type": "complete"})

        assert await first == {"data": {"a": 1}}
        assert [event async for event in events] == [{"data": {"a": 2}}]
    assert live.heard.empty()  # what has ended is not ended again


async def test_streams_share_a_connection_and_leaving_one_tells_the_subgraph(live: LiveSubgraph) -> None:
    async with client_of(realtime=live.url.replace("http", "ws")) as client:
        one, two = client.subscribe(request("http://elsewhere/")), client.subscribe(request("http://elsewhere/"))
        first, second = asyncio.ensure_future(anext(one)), asyncio.ensure_future(anext(two))
        ids = [(await live.hears("subscribe"))["id"] for _ in range(2)]
        for id in ids:
            await live.next(id, a=id)
        assert {(await first)["data"]["a"], (await second)["data"]["a"]} == set(ids)
        assert len(live.sockets) == 1

        await one.aclose()
        left = (await live.hears("complete"))["id"]
        stays = next(id for id in ids if id != left)
        await live.next(left, a="late")  # was under way; nobody minds
        await live.next(stays, a="still")
        assert await anext(two) == {"data": {"a": "still"}}
        await two.aclose()


async def test_each_identity_has_its_own_connection(live: LiveSubgraph) -> None:
    async with client_of() as client:
        waiting = [
            asyncio.ensure_future(anext(client.subscribe(request(live.url, authorization=who, x_request_id=who))))
            for who in ("ada", "bob", "ada")
        ]
        for _ in waiting:
            await live.hears("subscribe")
        assert sorted(headers["authorization"] for headers in live.headers) == ["ada", "bob"]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_lost_connection_ends_the_streams_and_a_new_one_reconnects(live: LiveSubgraph) -> None:
    async with client_of() as client:
        lost = asyncio.ensure_future(anext(client.subscribe(request(live.url))))
        await live.hears("subscribe")
        await live.sockets[0].close(code=1012)
        with pytest.raises(SubgraphUnreachable, match="closed with code 1012; subscribe again to go on"):
            await lost

        events = client.subscribe(request(live.url))
        again = asyncio.ensure_future(anext(events))
        await live.next((await live.hears("subscribe"))["id"], a=1)
        assert await again == {"data": {"a": 1}}
        await events.aclose()
    assert len(live.sockets) == 2


async def test_an_error_is_the_last_event(live: LiveSubgraph) -> None:
    async with client_of() as client, aclosing(client.subscribe(request(live.url))) as events:
        first = asyncio.ensure_future(anext(events))
        id = (await live.hears("subscribe"))["id"]
        await live.say({"id": id, "type": "error", "payload": [{"message": "no such task"}]})

        assert await first == {"data": None, "errors": [{"message": "no such task"}]}
        assert [event async for event in events] == []


async def test_ping_gets_its_pong(live: LiveSubgraph) -> None:
    async with client_of() as client:
        waiting = asyncio.ensure_future(anext(client.subscribe(request(live.url))))
        await live.hears("subscribe")
        await live.say({"type": "ping"})
        await live.hears("pong")
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_a_client_that_does_not_read_is_cut_off_alone(live: LiveSubgraph) -> None:
    async with client_of(LiveSettings(buffered_updates=2)) as client:
        events = client.subscribe(request(live.url))
        first = asyncio.ensure_future(anext(events))
        id = (await live.hears("subscribe"))["id"]
        await live.next(id, a=0)
        await first
        for number in range(1, 4):
            await live.next(id, a=number)
        await live.hears("complete")

        assert [await anext(events), await anext(events)] == [{"data": {"a": 1}}, {"data": {"a": 2}}]
        with pytest.raises(SubgraphError, match="more updates than the client could read"):
            await anext(events)
        await events.aclose()


@pytest.mark.parametrize("said", ["nonsense", "[]", '{"no": "type"}'])
async def test_nonsense_ends_the_connection(live: LiveSubgraph, said: str) -> None:
    async with client_of() as client:
        waiting = asyncio.ensure_future(anext(client.subscribe(request(live.url))))
        await live.hears("subscribe")
        await live.sockets[0].send_str(said)
        with pytest.raises(SubgraphUnreachable, match="sent a message that is not"):
            await waiting


async def test_what_does_not_open(live: LiveSubgraph) -> None:
    async with client_of(LiveSettings(connection_init=0.2)) as client:
        with pytest.raises(SubgraphRefused, match="HTTP 403"):
            await anext(client.subscribe(request(live.url.replace("graphql", "refuses"))))
        with pytest.raises(SubgraphUnreachable, match="no live connection"):
            await anext(client.subscribe(request("http://127.0.0.1:1/graphql")))
        live.acknowledges = False
        with pytest.raises(SubgraphTimedOut, match=r"within 0\.2 s"):
            await anext(client.subscribe(request(live.url)))
        live.protocols = ()
        with pytest.raises(SubgraphSpokeNonsense, match="does not speak"):
            await anext(client.subscribe(request(live.url)))
