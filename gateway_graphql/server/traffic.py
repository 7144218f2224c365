"""
The way to one subgraph: how many requests at a time, whether it is asked at all, and what is asked a second time.

The circuit breaker is Nygard's (*Release It!*, 2007); the retry budget is a token bucket that every request fills a
little, so that retries stay a share of the traffic and cannot multiply an overload.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway_graphql.execution.errors import (
    SubgraphError,
    SubgraphOverloaded,
    SubgraphRefused,
    SubgraphTimedOut,
    SubgraphUnreachable,
)
from gateway_graphql.server.settings import TrafficSettings

__all__ = ["SubgraphTraffic"]

T = TypeVar("T")
Clock = Callable[[], float]

SAVED_RETRIES = 10.0
"""retries that a quiet time may save up, and that there are to begin with"""
COMES_BACK = frozenset({429, 502, 503, 504})
"""what a server, or the balancer before it, says when another attempt may do better"""


class SubgraphTraffic:
    """Every request to one subgraph goes :meth:`through` here."""

    def __init__(self, subgraph: str, settings: TrafficSettings, clock: Clock = time.monotonic) -> None:
        self.subgraph = subgraph
        self.waiting = 0
        """requests that wait for their turn"""
        self.retried = 0
        self.shared = 0
        """queries that needed no request, as one alike was under way"""
        self._settings = settings
        self._clock = clock
        self._room = asyncio.Semaphore(settings.concurrent_requests)
        self._circuit = _Circuit(subgraph, settings, clock)
        self._retries = SAVED_RETRIES

    @property
    def is_left_alone(self) -> bool:
        """Whether its circuit is open."""
        return not self._circuit.is_closed

    def share(self) -> None:
        """Note that a query needed no request."""
        self.shared += 1

    async def through(self, ask: Callable[[float], Awaitable[T]], seconds: float, *, may_repeat: bool) -> T:
        """
        Ask, in turn; ``ask`` gets the seconds that are left to it.

        :param may_repeat: the request changes nothing, so that it may be sent again.
        :raises SubgraphError: what ``ask`` raised last; also when the subgraph is not asked at all.
        """
        until = self._clock() + seconds
        await self._enter(seconds)
        try:
            self._retries = min(SAVED_RETRIES, self._retries + self._settings.retry_share)
            attempt = 0
            while True:
                trying = self._circuit.enter()
                over = False
                try:
                    answer = await ask(until - self._clock())
                    over = True
                    self._circuit.note(failed=False, tries=trying)
                    return answer
                except SubgraphError as problem:
                    over = True
                    self._circuit.note(failed=_blames_the_subgraph(problem), tries=trying)
                    pause = self._settings.retry_pause * 2**attempt * random.uniform(0.5, 1)  # noqa: S311
                    if not (may_repeat and self._may_retry(problem, attempt)) or self._clock() + pause >= until:
                        raise
                finally:
                    if not over:
                        self._circuit.given_up(trying)
                self._retries -= 1
                self.retried += 1
                attempt += 1
                await asyncio.sleep(pause)
        finally:
            self._room.release()

    async def _enter(self, seconds: float) -> None:
        if not self._room.locked():
            await self._room.acquire()
            return
        if self.waiting >= self._settings.waiting_requests:
            limit = self._settings.concurrent_requests + self._settings.waiting_requests
            raise SubgraphOverloaded(self.subgraph, f"{limit} requests are under way or waiting already")
        self.waiting += 1
        try:
            async with asyncio.timeout(seconds):
                await self._room.acquire()
        except TimeoutError:
            raise SubgraphTimedOut(self.subgraph, f"no turn within {seconds:g} s") from None
        finally:
            self.waiting -= 1

    def _may_retry(self, problem: SubgraphError, attempt: int) -> bool:
        passing = isinstance(problem, SubgraphUnreachable) or (
            isinstance(problem, SubgraphRefused) and problem.status in COMES_BACK
        )
        return passing and attempt < self._settings.retries and self._retries >= 1 and self._circuit.is_closed


class _Circuit:
    """Closed: asks. Open: does not, for a while. Then one request tries; how it ends decides."""

    def __init__(self, subgraph: str, settings: TrafficSettings, clock: Clock) -> None:
        self._subgraph = subgraph
        self._settings = settings
        self._clock = clock
        self._window_ends = 0.0
        self._asked = self._failed = 0
        self._open_until: float | None = None
        self._trying = False

    @property
    def is_closed(self) -> bool:
        return self._open_until is None

    def enter(self) -> bool:
        """
        Let one attempt through; whether it is the one that tries an open circuit.

        :raises SubgraphUnreachable: the subgraph is left alone.
        """
        if self._open_until is None:
            return False
        left = self._open_until - self._clock()
        if left > 0 or self._trying:
            after = f"again in {left:.1f} s" if left > 0 else "one request is trying"
            raise SubgraphUnreachable(self._subgraph, f"not asked, too many requests failed; {after}")
        self._trying = True
        return True

    def given_up(self, tries: bool) -> None:
        """The caller gave the attempt up: that says nothing of the subgraph, but another may try."""
        if tries:
            self._trying = False

    def note(self, *, failed: bool, tries: bool) -> None:
        """Count how the attempt ended."""
        if tries:
            self._trying = False
            self._open_until = self._clock() + self._settings.circuit_pause if failed else None
            self._asked = self._failed = 0
            return
        now = self._clock()
        if now >= self._window_ends:
            self._window_ends = now + self._settings.circuit_window
            self._asked = self._failed = 0
        self._asked += 1
        self._failed += failed
        enough = self._asked >= self._settings.circuit_requests
        if failed and enough and self._failed >= self._asked * self._settings.circuit_failures:
            self._open_until = now + self._settings.circuit_pause


def _blames_the_subgraph(problem: SubgraphError) -> bool:
    if isinstance(problem, SubgraphRefused):
        return problem.status >= 500 or problem.status == 429
    return isinstance(problem, SubgraphUnreachable | SubgraphTimedOut)
