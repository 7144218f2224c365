"""Live subscriptions over plain HTTP: server-sent events, and multipart subscriptions."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

import orjson

from gateway_graphql.execution.gateway import Gateway, GraphQLRequest
from gateway_graphql.server.asgi import Receive, StreamedAnswer, client_leaves

__all__ = ["event_stream", "multipart_stream"]

NO_CACHE = ((b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))


def event_stream(gateway: Gateway, operation: GraphQLRequest, receive: Receive, heartbeat: float) -> StreamedAnswer:
    """GraphQL over SSE, distinct connections: an event ``next`` per result, then ``complete``."""

    async def chunks() -> AsyncIterator[bytes]:
        async with contextlib.aclosing(_results(gateway, operation, receive, heartbeat)) as results:
            async for result in results:
                yield b":\n\n" if result is None else b"event: next\ndata: " + orjson.dumps(result) + b"\n\n"
        yield b"event: complete\ndata:\n\n"

    return StreamedAnswer(b"text/event-stream; charset=utf-8", chunks(), NO_CACHE)


def multipart_stream(gateway: Gateway, operation: GraphQLRequest, receive: Receive, heartbeat: float) -> StreamedAnswer:
    """The multipart subscription protocol: a part per result, an empty object as a sign of life."""

    async def chunks() -> AsyncIterator[bytes]:
        async with contextlib.aclosing(_results(gateway, operation, receive, heartbeat)) as results:
            async for result in results:
                part = b"{}" if result is None else orjson.dumps({"payload": result})
                yield b"\r\n--graphql\r\ncontent-type: application/json\r\n\r\n" + part
        yield b"\r\n--graphql--\r\n"

    return StreamedAnswer(b'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"', chunks(), NO_CACHE)


async def _results(
    gateway: Gateway, operation: GraphQLRequest, receive: Receive, heartbeat: float
) -> AsyncGenerator[Mapping[str, Any] | None]:
    """Every result; None when there was none for a heartbeat. Ends when the stream does, or the client leaves."""
    leaving = asyncio.ensure_future(client_leaves(receive))
    events = gateway.subscribe(operation)
    coming: asyncio.Future[Mapping[str, Any]] = asyncio.ensure_future(_next(events))
    try:
        while True:
            await asyncio.wait((coming, leaving), timeout=heartbeat, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
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
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        await events.aclose()  # type: ignore[attr-defined]


async def _next(events: AsyncIterator[Mapping[str, Any]]) -> Mapping[str, Any]:
    return await anext(events)
