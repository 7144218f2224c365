"""The one memory of this process: since when something waits in each queue. It looks from the first request on."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from subgraphs.operations import management
from subgraphs.operations.waiting import Waiting

Application = Callable[..., Awaitable[None]]

waiting = Waiting()


def looking(application: Application, every: float) -> Application:
    """The ASGI application, which looks at the queues every so many seconds while it serves."""
    tasks: list[asyncio.Task[None]] = []

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        if not tasks:
            tasks.append(asyncio.create_task(waiting.keep_looking(management.queues, every)))
        await application(scope, receive, send)

    return serve
