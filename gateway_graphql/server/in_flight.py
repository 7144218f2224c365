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

    The first makes it in its own task, so that a request that nobody shares costs no more than without. If the first is
    cancelled, the next makes the request anew.
    """

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight[T]] = {}

    async def once(self, key: Hashable, ask: Callable[[], Awaitable[T]], shared: Callable[[], None]) -> T:
        """The answer to ``ask()``, or to the request under the same key that is under way; ``shared`` is told of that."""
        while (flight := self._flights.get(key)) is not None:
            await flight.over.wait()
            if flight.failure is not None:
                shared()
                raise flight.failure
            if flight.answers:
                shared()
                return flight.answers[0]
        flight = self._flights[key] = _Flight()
        try:
            answer = await ask()
            flight.answers.append(answer)
            return answer
        except Exception as failure:
            flight.failure = failure
            raise
        finally:
            del self._flights[key]
            flight.over.set()


class _Flight(Generic[T]):
    __slots__ = ("answers", "failure", "over")

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.answers: list[T] = []
        """the one answer, once it is there"""
        self.failure: Exception | None = None
