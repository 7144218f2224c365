"""The application a server runs: sockets to the live results, HTTP to the schema and to health."""

import os

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from django import setup
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "realtime.settings")
setup(set_prefix=False)

# Both need the settings above.
from realtime.identity import ServiceTokenRequired  # noqa: E402
from realtime.live_results.consumer import live_results_application  # noqa: E402
from realtime.live_results.streams import close_redis_client  # noqa: E402
from realtime.live_results.wake_ups import wake_ups  # noqa: E402

web = get_asgi_application()
graphql_over_http = ServiceTokenRequired(web)
graphql_over_websocket = ServiceTokenRequired(live_results_application())


async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Send each kind of connection where it belongs."""
    match scope["type"], scope.get("path"):
        case "lifespan", _:
            await live_through(receive, send)
        case "websocket", "/graphql":
            await graphql_over_websocket(scope, receive, send)
        case "websocket", _:
            await receive()
            await send({"type": "websocket.close", "code": 4404, "reason": "live results are at /graphql"})
        case _, "/graphql":
            await graphql_over_http(scope, receive, send)
        case _:
            await web(scope, receive, send)


async def live_through(receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Answer the server's start, and leave Redis in order at its stop."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await wake_ups().close()
    await close_redis_client()
    await send({"type": "lifespan.shutdown.complete"})
