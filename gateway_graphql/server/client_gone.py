"""Stops the work for a client that has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from gateway_graphql.server.asgi import ClientGone, Receive, client_leaves

__all__ = ["CancelledWhenGone"]

PATIENCE = 0.05
"""seconds before anybody looks whether the client is still there: most requests are over by then"""


class CancelledWhenGone:
    """
    A block that is cancelled when the client leaves, and then raises :class:`~gateway_graphql.server.asgi.ClientGone`.

    The whole body of the request must have been read. ``unless`` is asked when the client has left.
    """

    def __init__(self, receive: Receive, unless: Callable[[], bool]) -> None:
        self._receive = receive
        self._unless = unless
        self._gone = False
        self._timer: asyncio.TimerHandle | None = None
        self._watching: asyncio.Task[None] | None = None

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 (asyncio says so)
        self._task = task
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._begin)

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for one in (self._timer, self._watching):
            if one is not None:
                one.cancel()
        self._timer = self._watching = None  # they know us: in a circle only the collector would find all of us
        # A cancellation from elsewhere, as at the end of the server, goes on as it is.
        if self._gone and self._task.uncancel() == 0 and (kind is None or kind is asyncio.CancelledError):
            raise ClientGone from None

    def _begin(self) -> None:
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        await client_leaves(self._receive)
        if not self._unless():
            self._gone = True
            self._task.cancel()
