"""
Since when something waits in a queue.

A quorum queue does not tell how old its first message is, and to take it out and put it back would count as a delivery, of which
there may be few. So the queues are looked at every few seconds: what is in a queue now has waited since it was last seen empty, or
less; never more than is said.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable

from subgraphs.operations.management import BrokerAway, Queue


class Waiting:
    """Remembers since when each queue was not seen empty."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, str], float] = {}

    def look(self, queues: Iterable[Queue]) -> None:
        """Take note of how they are now."""
        now = time.time()
        self._since = {
            at: self._since.get(at, now) for queue in queues if queue.ready and (at := (queue.vhost, queue.name))
        }

    def seconds(self, queue: Queue) -> float | None:
        """How long something has waited in it at most; ``None``: nothing waits."""
        since = self._since.get((queue.vhost, queue.name))
        return None if since is None or not queue.ready else round(max(0.0, time.time() - since), 1)

    async def keep_looking(self, ask: Callable[[], Awaitable[Iterable[Queue]]], every: float) -> None:
        """Look again and again."""
        while True:
            with contextlib.suppress(BrokerAway):
                self.look(await ask())
            await asyncio.sleep(every)
