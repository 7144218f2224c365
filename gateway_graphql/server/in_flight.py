"""Requests that are alike and under way at the same time are made once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["InFlight"]

T = TypeVar("T")


class InFlight(Generic[T]):
    """
    Who asks first makes the request; who asks the same meanwhile gets its answer, or its failure.

    The first makes it in its own task, so that a request that nobody shares costs next to nothing more. If the first is
    cancelled, one of the others makes the request anew.
    """

    def __init__(self) -> None:
        self._waiting: dict[Hashable, list[asyncio.Future[tuple[T] | None]]] = {}
        """who waits for each request that is under way; told the answer, or None if there will be none"""

    async def once(self, key: Hashable, ask: Callable[[], Awaitable[T]], shared: Callable[[], None]) -> T:
        """The answer to ``ask()``, or to the request under the same key that is under way; ``shared`` is told of that."""
        while (others := self._waiting.get(key)) is not None:
            waiting: asyncio.Future[tuple[T] | None] = asyncio.get_running_loop().create_future()
            others.append(waiting)
            try:
                found = await waiting
            finally:
                del waiting  # it may have an exception, which has this frame: a circle
            if found is not None:
                shared()
                return found[0]
        others = self._waiting[key] = []
        answer: tuple[T] | None = None
        failure: Exception | None = None
        try:
            answer = (await ask(),)
            return answer[0]
        except Exception as problem:
            failure = problem
            raise
        finally:
            del self._waiting[key]
            _tell(others, answer, failure)
            del failure  # it has this frame: a circle


def _tell(others: list[asyncio.Future[tuple[T] | None]], answer: tuple[T] | None, failure: Exception | None) -> None:
    for one in others:
        if one.done():  # it left
            continue
        if failure is not None:
            one.set_exception(failure)
        else:
            one.set_result(answer)
    others.clear()
