"""
How a service listens: for the gateway on one port and, where it is told to, for everybody else on another.

On the other port are the open pages alone (:func:`subgraphs.chassis.identity.is_open`), for those who have no
certificate to show: people's browsers, programs that get tokens, and whoever asks how the service is.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from typing import Any

import uvicorn

from subgraphs.chassis.tls import Tls

GRACE = 5
"""seconds a request in flight has to end when the server is told to stop"""


def serve(
    application: Any, *, host: str, port: int, open_port: int | None, is_open: Callable[[str], bool], tls: Tls | None
) -> int:
    """
    Answer until a signal comes; give the exit status.

    :param open_port: where the pages that ``is_open`` says of their path are answered without a client's certificate
    """
    contexts = [tls.context(callers_known=True), tls.context(callers_known=False)] if tls else [None, None]
    listeners = [_listener(application, host, port, contexts[0])]
    if open_port is not None:
        listeners.append(_listener(open_pages(application, is_open), host, open_port, contexts[1]))
    with asyncio.Runner(loop_factory=listeners[0].config.get_loop_factory()) as runner:
        try:
            runner.run(_answer(listeners, tls, [context for context in contexts if context]))
        except KeyboardInterrupt:
            return 0
    return 0 if all(listener.started for listener in listeners) else 1


def open_pages(application: Any, is_open: Callable[[str], bool]) -> Any:
    """The application without what is for the gateway."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and not is_open(scope["path"]):
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})
        else:
            await application(scope, receive, send)

    return answer


def _listener(application: Any, host: str, port: int, context: ssl.SSLContext | None) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            application,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE,
            ssl_context_factory=(lambda *_: context) if context else None,
        )
    )


async def _answer(listeners: Sequence[uvicorn.Server], tls: Tls | None, contexts: Sequence[ssl.SSLContext]) -> None:
    following = asyncio.create_task(tls.follow(contexts)) if tls else None
    # A signal goes to the listener that was started last, which hands it on to the one before when it has ended.
    await asyncio.gather(*(listener.serve() for listener in listeners))
    if following:
        following.cancel()
