"""graphql-transport-ws, with every way it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import pytest

from gateway_graphql.server import GatewayApp
from tests.gateway_graphql.server.monolith_gateway import MonolithGateway
from tests.gateway_graphql.server.serving import serving

Http = aiohttp.ClientSession
Socket = aiohttp.ClientWebSocketResponse


@asynccontextmanager
async def connected(http: Http, url: str, init: Any = None) -> AsyncIterator[Socket]:
    """A connection that was acknowledged."""
    async with http.ws_connect(f"{url}/graphql", protocols=("graphql-transport-ws",)) as socket:
        await socket.send_json({"type": "connection_init", **({"payload": init} if init else {})})
        assert await socket.receive_json(timeout=5) == {"type": "connection_ack"}
        yield socket


async def subscribe(socket: Socket, id: str, query: str, **more: Any) -> None:
    await socket.send_json({"id": id, "type": "subscribe", "payload": {"query": query, **more}})


async def closing(socket: Socket) -> tuple[int | None, str]:
    """The code and the reason."""
    frame = await socket.receive(timeout=5)
    assert frame.type is aiohttp.WSMsgType.CLOSE, frame
    return frame.data, frame.extra or ""


async def test_one_connection_too_many_is_told_to_come_back(http: Http, url: str) -> None:
    async with connected(http, url), connected(http, url), connected(http, url):
        async with http.ws_connect(f"{url}/graphql", protocols=("graphql-transport-ws",)) as socket:
            code, reason = await closing(socket)
        assert (code, reason) == (1013, "3 connections are open already; try again later")


async def test_updates_come_in_order_and_then_complete(http: Http, url: str) -> None:
    async with connected(http, url) as socket:
        await subscribe(socket, "1", "subscription ($to: Int!) { count(to: $to) }", variables={"to": 2})

        assert [await socket.receive_json(timeout=5) for _ in range(3)] == [
            {"id": "1", "type": "next", "payload": {"data": {"count": 1}}},
            {"id": "1", "type": "next", "payload": {"data": {"count": 2}}},
            {"id": "1", "type": "complete"},
        ]


@pytest.mark.parametrize("operation", ["{ hello }", 'mutation { remember(text: "x") }'])
async def test_queries_and_mutations_work_too(http: Http, url: str, operation: str) -> None:
    async with connected(http, url) as socket:
        await subscribe(socket, "q", operation)

        assert (await socket.receive_json(timeout=5))["payload"]["data"]
        assert await socket.receive_json(timeout=5) == {"id": "q", "type": "complete"}


async def test_operations_run_beside_one_another(http: Http, url: str) -> None:
    async with connected(http, url) as socket:
        await subscribe(socket, "1", "subscription { forever }")
        await socket.receive_json(timeout=5)
        await subscribe(socket, "2", "{ hello }")

        assert (await socket.receive_json(timeout=5))["id"] == "2"


async def test_a_wrong_operation_is_an_error_and_the_connection_stays(http: Http, url: str) -> None:
    async with connected(http, url) as socket:
        await subscribe(socket, "1", "{ unknown }")
        said = await socket.receive_json(timeout=5)
        assert (said["type"], said["id"]) == ("error", "1")
        assert "unknown" in said["payload"][0]["message"]

        await subscribe(socket, "1", "{ hello }")
        assert (await socket.receive_json(timeout=5))["type"] == "next"


async def test_complete_leaves_the_stream_and_frees_its_id(http: Http, url: str, gateway: MonolithGateway) -> None:
    async with connected(http, url) as socket:
        await subscribe(socket, "1", "subscription { forever }")
        await socket.receive_json(timeout=5)
        await socket.send_json({"id": "1", "type": "complete"})
        await asyncio.wait_for(gateway.stream_left.wait(), 5)

        await subscribe(socket, "1", "{ hello }")
        assert (await socket.receive_json(timeout=5))["payload"] == {"data": {"hello": "hello you"}}


async def test_a_client_that_leaves_ends_its_streams(http: Http, url: str, gateway: MonolithGateway) -> None:
    async with connected(http, url) as socket:
        await subscribe(socket, "1", "subscription { forever }")
        await socket.receive_json(timeout=5)

    await asyncio.wait_for(gateway.stream_left.wait(), 5)


async def test_a_mutation_goes_on_without_its_client(http: Http, url: str, gateway: MonolithGateway) -> None:
    async with connected(http, url) as socket:
        await subscribe(socket, "1", 'mutation { slowly(text: "kept") }')
        await asyncio.wait_for(gateway.slow_started.wait(), 5)
    gateway.slow_may_end.set()

    await asyncio.wait_for(gateway.slow_ended.wait(), 5)
    assert gateway.remembered == ["kept"]


async def test_ping_gets_its_pong(http: Http, url: str) -> None:
    async with connected(http, url) as socket:
        await socket.send_json({"type": "ping", "payload": {"at": 1}})

        assert await socket.receive_json(timeout=5) == {"type": "pong", "payload": {"at": 1}}


async def test_what_would_be_a_header_may_come_with_connection_init(http: Http, url: str) -> None:
    async with connected(http, url, {"Authorization": "Bearer x", "Other": "no"}) as socket:
        await subscribe(socket, "1", '{ a: header(name: "authorization") b: header(name: "other") }')

        assert (await socket.receive_json(timeout=5))["payload"]["data"] == {"a": "Bearer x", "b": None}


async def test_too_many_operations_are_refused_one_by_one(http: Http, url: str) -> None:
    async with connected(http, url) as socket:
        for id in "123":
            await subscribe(socket, id, "subscription { forever }")
            await socket.receive_json(timeout=5)
        await subscribe(socket, "4", "{ hello }")

        said = await socket.receive_json(timeout=5)
        assert (said["type"], said["payload"][0]["extensions"]["code"]) == ("error", "TOO_MANY_OPERATIONS")


async def test_another_subprotocol_is_4406(http: Http, url: str) -> None:
    async with http.ws_connect(f"{url}/graphql", protocols=("graphql-ws",)) as socket:
        assert (await closing(socket))[0] == 4406


async def test_no_connection_init_in_time_is_4408(http: Http, url: str) -> None:
    async with http.ws_connect(f"{url}/graphql", protocols=("graphql-transport-ws",)) as socket:
        assert await closing(socket) == (4408, "Connection initialisation timeout")


async def test_subscribe_before_connection_init_is_4401(http: Http, url: str) -> None:
    async with http.ws_connect(f"{url}/graphql", protocols=("graphql-transport-ws",)) as socket:
        await subscribe(socket, "1", "{ hello }")
        assert (await closing(socket))[0] == 4401


async def test_a_second_connection_init_is_4429(http: Http, url: str) -> None:
    async with connected(http, url) as socket:
        await socket.send_json({"type": "connection_init"})
        assert await closing(socket) == (4429, "Too many initialisation requests")


async def test_an_id_in_use_is_4409(http: Http, url: str) -> None:
    async with connected(http, url) as socket:
        await subscribe(socket, "1", "subscription { forever }")
        await socket.receive_json(timeout=5)
        await subscribe(socket, "1", "{ hello }")
        assert await closing(socket) == (4409, "Subscriber for 1 already exists")


@pytest.mark.parametrize(
    "message",
    [
        "{",
        "[]",
        '{"id": "1"}',
        '{"type": "shout"}',
        '{"type": "subscribe", "payload": {"query": "{ hello }"}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ hello }"}}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "complete"}',
    ],
)
async def test_a_bad_message_is_4400(http: Http, url: str, message: str) -> None:
    async with connected(http, url) as socket:
        await socket.send_str(message)
        assert (await closing(socket))[0] == 4400


async def test_binary_is_4400(http: Http, url: str) -> None:
    async with connected(http, url) as socket:
        await socket.send_bytes(b"{}")
        assert (await closing(socket))[0] == 4400


@pytest.mark.parametrize("own_http", [True, False])
async def test_when_the_server_ends_clients_are_told_to_come_back(http: Http, own_http: bool) -> None:
    app = GatewayApp(MonolithGateway())  # type: ignore[arg-type]
    async with AsyncExitStack() as server:
        url = await server.enter_async_context(serving(app, own_http=own_http))
        async with connected(http, url) as socket:
            await subscribe(socket, "1", "subscription { forever }")
            ended = asyncio.create_task(server.aclose())
            async for frame in socket:
                assert frame.type is aiohttp.WSMsgType.TEXT
            assert socket.close_code == 1012
            await ended
