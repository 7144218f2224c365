"""
How the live results listen: for the gateway on one port and, where they are told to, for everybody else on another.

On the other port is what everybody may ask, health, and nothing else: probes have no certificate to show.
"""

import asyncio
import ssl
from collections.abc import Sequence

import uvicorn
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope

from realtime.asgi import application
from realtime.settings import SOCKET_MESSAGE_BYTES
from realtime.tls import Tls

OPEN_PATHS = ("/live", "/ready")
GRACE = 5
"""seconds open sockets have to end when the process is told to stop"""


def serve(host: str, port: int, open_port: int | None, tls: Tls | None) -> int:
    """Answer until a signal comes; give the exit status."""
    contexts = [tls.context(callers_known=True), tls.context(callers_known=False)] if tls else [None, None]
    listeners = [_listener(application, host, port, contexts[0], "on")]
    if open_port is not None:
        listeners.append(_listener(open_paths, host, open_port, contexts[1], "off"))
    with asyncio.Runner(loop_factory=listeners[0].config.get_loop_factory()) as runner:
        try:
            runner.run(_answer(listeners, tls, [context for context in contexts if context]))
        except KeyboardInterrupt:
            return 0
    return 0 if all(listener.started for listener in listeners) else 1


async def open_paths(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """The application without what is for the gateway."""
    if scope["type"] == "http" and scope["path"] in OPEN_PATHS:
        await application(scope, receive, send)
    elif scope["type"] == "http":
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 404, "headers": headers, "trailers": False})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    else:
        await receive()
        await send({"type": "websocket.close", "code": 4404, "reason": "live results have a port of their own"})


def _listener(app: object, host: str, port: int, context: ssl.SSLContext | None, lifespan: str) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,  # type: ignore[arg-type]
            host=host,
            port=port,
            ws="websockets-sansio",
            ws_max_size=SOCKET_MESSAGE_BYTES,
            timeout_graceful_shutdown=GRACE,
            lifespan=lifespan,  # type: ignore[arg-type]
            log_config=None,
            access_log=False,
            ssl_context_factory=(lambda *_: context) if context else None,
        )
    )


async def _answer(listeners: Sequence[uvicorn.Server], tls: Tls | None, contexts: Sequence[ssl.SSLContext]) -> None:
    following = asyncio.create_task(tls.follow(contexts)) if tls else None
    # A signal goes to the listener that was started last, which hands it on to the one before when it has ended.
    await asyncio.gather(*(listener.serve() for listener in listeners))
    if following:
        following.cancel()
