"""A mutation in parts: made to its end, whether or not its client stays to read them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

__all__ = ["to_the_end"]

_underway: set[asyncio.Task[None]] = set()


def to_the_end(
    parts: AsyncGenerator[dict[str, Any]], afterwards: Callable[[], None] = lambda: None
) -> AsyncGenerator[dict[str, Any]]:
    """
    The same parts, as they come; begun at once, and to close this one does not stop what they tell of.

    ``afterwards`` is called at the end of the parts, however they end.
    """
    told: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    async def make() -> None:
        try:
            async with aclosing(parts):
                async for part in parts:
                    told.put_nowait(part)
        finally:
            told.put_nowait(None)
            afterwards()

    async def read() -> AsyncGenerator[dict[str, Any]]:
        while (part := await told.get()) is not None:
            yield part
        await making

    making = asyncio.ensure_future(make())
    _underway.add(making)
    making.add_done_callback(_underway.discard)
    return read()
