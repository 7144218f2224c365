"""Live subscriptions over plain HTTP: server-sent events, and multipart subscriptions."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

from gateway_graphql.execution.caller import ANONYMOUS, Caller
from gateway_graphql.execution.gateway import Gateway, GraphQLRequest, RequestErrors
from gateway_graphql.execution.subgraph_client import LiveEvent
from gateway_graphql.server.asgi import Receive, StreamedAnswer, client_leaves
from gateway_graphql.server.json_text import dumps
from gateway_graphql.server.to_the_end import to_the_end

__all__ = ["Closing", "event_stream", "multipart_stream", "parts_stream"]

EXPIRED = {
    "message": "The access token has expired; subscribe again with a new one.",
    "extensions": {"code": "ACCESS_TOKEN_EXPIRED"},
}
REVOKED = {
    "message": "The access token was revoked.",
    "extensions": {"code": "ACCESS_TOKEN_REVOKED"},
}
NO_CACHE = ((b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))


class Closing(asyncio.Event):
    """Set when the server is about to end: streams that would go on for ever end by themselves."""


def event_stream(
    gateway: Gateway, operation: GraphQLRequest, receive: Receive, heartbeat: float, closing: Closing
) -> StreamedAnswer:
    """GraphQL over SSE, distinct connections: an event ``next`` per result, then ``complete``."""

    async def chunks() -> AsyncGenerator[bytes]:
        async with contextlib.aclosing(_results(gateway, operation, receive, heartbeat, closing)) as results:
            async for result in results:
                yield b":\n\n" if result is None else _event(result)
        # A server that ends says nothing: "complete" would tell the client that there is nothing left to come back for.
        if not closing.is_set():
            yield b"event: complete\ndata:\n\n"

    return StreamedAnswer(b"text/event-stream; charset=utf-8", chunks(), NO_CACHE)


def _event(result: Mapping[str, Any]) -> bytes:
    event = b"event: next\ndata: " + dumps(result) + b"\n\n"
    return b"id: " + result.event_id.encode() + b"\n" + event if isinstance(result, LiveEvent) else event


def multipart_stream(
    gateway: Gateway, operation: GraphQLRequest, receive: Receive, heartbeat: float, closing: Closing
) -> StreamedAnswer:
    """The multipart subscription protocol: a part per result, an empty object as a sign of life."""

    async def chunks() -> AsyncGenerator[bytes]:
        async with contextlib.aclosing(_results(gateway, operation, receive, heartbeat, closing)) as results:
            async for result in results:
                part = b"{}" if result is None else dumps({"payload": result})
                yield b"\r\n--graphql\r\ncontent-type: application/json\r\n\r\n" + part
        if not closing.is_set():
            yield b"\r\n--graphql--\r\n"

    return StreamedAnswer(b'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"', chunks(), NO_CACHE)


def parts_stream(parts: AsyncGenerator[dict[str, Any]], receive: Receive) -> StreamedAnswer:
    """An answer in parts, as incremental delivery over HTTP has it (``deferSpec=20220824``)."""

    async def chunks() -> AsyncGenerator[bytes]:
        # The line after a part goes out with it: a client knows only by that line that the part is complete.
        yield b"\r\n--graphql\r\n"
        async with contextlib.aclosing(_until_gone(parts, receive)) as coming:
            async for part in coming:
                if part is not None:
                    head = b"content-type: application/json; charset=utf-8\r\n\r\n"
                    more = b"\r\n" if part.get("hasNext") else b"--\r\n"
                    yield head + dumps(part) + b"\r\n--graphql" + more

    return StreamedAnswer(b'multipart/mixed;boundary="graphql";deferSpec=20220824', chunks(), NO_CACHE)


async def _results(
    gateway: Gateway, operation: GraphQLRequest, receive: Receive, heartbeat: float, closing: Closing
) -> AsyncGenerator[Mapping[str, Any] | None]:
    """Every result; None when there was none for a heartbeat. Ends with the stream, the client, or the server."""
    understood = await gateway.understood(operation)
    events = gateway.subscribe(operation)
    if not isinstance(understood, RequestErrors) and understood.kind == "mutation":
        events = to_the_end(events)
    async with contextlib.aclosing(_until_gone(events, receive, heartbeat, closing, operation.caller)) as results:
        async for result in results:
            yield result


async def _until_gone(
    events: AsyncGenerator[dict[str, Any]],
    receive: Receive,
    heartbeat: float | None = None,
    closing: asyncio.Event | None = None,
    caller: Caller = ANONYMOUS,
) -> AsyncGenerator[Mapping[str, Any] | None]:
    leaving = asyncio.ensure_future(client_leaves(receive))
    ending = asyncio.ensure_future((closing or asyncio.Event()).wait())
    expiring = asyncio.ensure_future(
        asyncio.sleep(max(caller.expires - time.time(), 0)) if caller.expires else asyncio.Event().wait()
    )
    revoked = asyncio.ensure_future((caller.revoked or asyncio.Event()).wait())
    coming: asyncio.Future[Mapping[str, Any]] = asyncio.ensure_future(_next(events))
    try:
        while True:
            waiting = (coming, leaving, ending, expiring, revoked)
            await asyncio.wait(waiting, timeout=heartbeat, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done() or ending.done():
                return
            if expiring.done() or revoked.done():
                yield {"errors": [REVOKED if revoked.done() else EXPIRED]}
                return
            if not coming.done():
                yield None
                continue
            try:
                result = coming.result()
            except StopAsyncIteration:
                return
            coming = asyncio.ensure_future(_next(events))
            yield result
    finally:
        leaving.cancel()
        ending.cancel()
        expiring.cancel()
        revoked.cancel()
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        await events.aclose()


async def _next(events: AsyncIterator[Mapping[str, Any]]) -> Mapping[str, Any]:
    return await anext(events)
