"""No request may fill the disk: what is too large is refused before and while it arrives."""

import json
from typing import Any

Scope = dict[str, Any]
TOO_LARGE = 413


class LimitBody:
    """
    ASGI middleware around Django, which would take in a whole body before any of its own code sees the request.

    :param limit: the most bytes the body of a request may have
    """

    def __init__(self, application: Any, limit: int) -> None:
        self._application = application
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._limit:
            await self._refuse(send)
            return
        arrived, refused = 0, False

        async def receive_counted() -> Any:
            nonlocal arrived, refused
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self._limit:
                if not refused:
                    refused = True
                    await self._refuse(send)
                # Django drops what it has and answers nothing more.
                return {"type": "http.disconnect"}
            return message

        async def send_unless_refused(message: Any) -> None:
            if not refused:
                await send(message)

        await self._application(scope, receive_counted, send_unless_refused)

    async def _refuse(self, send: Any) -> None:
        error = {
            "message": f"The request is larger than the {self._limit:,} bytes allowed.",
            "extensions": {"code": "REQUEST_TOO_LARGE"},
        }
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": TOO_LARGE, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps({"errors": [error]}).encode()})
