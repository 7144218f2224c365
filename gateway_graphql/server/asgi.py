"""The vocabulary of ASGI, and one HTTP request and answer in it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from gateway_graphql.execution.caller import ANONYMOUS, Caller
from gateway_graphql.server.json_text import dumps
from gateway_graphql.server.spooled_file import SpooledFile

__all__ = [
    "Answer",
    "ClientGone",
    "Headers",
    "HttpRequest",
    "Message",
    "Receive",
    "Refused",
    "Scope",
    "Send",
    "StreamedAnswer",
    "client_leaves",
    "json_answer",
    "too_large",
]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]


class Refused(Exception):
    """This request gets no further; ``message`` tells the client what to do about it."""

    def __init__(self, status: int, code: str, message: str, headers: Headers = (), **extensions: Any) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers
        self.errors = [{"message": message, "extensions": {"code": code, **extensions}}]


@dataclass(slots=True)
class HttpRequest:
    """One HTTP request; its body has not been read yet."""

    method: str
    path: str
    query_string: bytes
    headers: dict[str, str]
    """by lower-case name; of several with one name, the last"""
    receive: Receive
    request_id: str
    files: list[SpooledFile] = field(default_factory=list)
    """to be closed when the request is over"""
    about: dict[str, Any] = field(default_factory=dict)
    """what the access line should say beyond the obvious"""
    caller: Caller = ANONYMOUS
    address: str = ""
    """where the connection comes from"""
    windows: dict[str, Any] = field(default_factory=dict)
    """what is left of the caller's limits after this request; see ``rate_limits``"""

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives. A client that leaves in the middle ends it with :class:`ClientGone`."""
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            yield message.get("body", b"")
            if not message.get("more_body", False):
                return

    async def body(self, limit: int, setting: str) -> bytes:
        """The whole body, refused beyond ``limit`` bytes."""
        if int(self.headers.get("content-length") or 0) > limit:
            raise too_large("The request body", limit, setting)
        parts, size = [], 0
        async for part in self.chunks():
            size += len(part)
            if size > limit:
                raise too_large("The request body", limit, setting)
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


async def client_leaves(receive: Receive) -> None:
    """Return when the client has gone; only to be asked when the whole body was read."""
    while (await receive())["type"] != "http.disconnect":
        pass


class ClientGone(Exception):
    """There is nobody left to answer."""


def too_large(what: str, limit: int, setting: str) -> Refused:
    """HTTP 413, with the limit and the setting that moves it."""
    return Refused(
        413,
        "PAYLOAD_TOO_LARGE",
        f"{what} is larger than {limit} bytes. The limit is the setting {setting} of the gateway.",
        limit=limit,
        setting=setting,
    )


@dataclass(slots=True)
class Answer:
    """One HTTP answer, whole."""

    status: int
    content_type: bytes
    body: bytes
    headers: Headers = ()

    async def send(self, send: Send, request_id: bytes) -> None:
        """Write it."""
        await send(
            {
                "type": "http.response.start",
                "status": self.status,
                "headers": [
                    (b"content-type", self.content_type),
                    (b"content-length", b"%d" % len(self.body)),
                    (b"x-request-id", request_id),
                    *self.headers,
                ],
            }
        )
        await send({"type": "http.response.body", "body": self.body})


@dataclass(slots=True)
class StreamedAnswer:
    """One HTTP answer that goes on for as long as there is something to say; always 200."""

    content_type: bytes
    chunks: AsyncGenerator[bytes]
    headers: Headers = ()
    status: int = 200

    async def send(self, send: Send, request_id: bytes) -> None:
        """Write each chunk as it comes."""
        headers = [(b"content-type", self.content_type), (b"x-request-id", request_id), *self.headers]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async with aclosing(self.chunks) as chunks:
            async for chunk in chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def json_answer(status: int, value: Any, content_type: bytes = b"application/json", headers: Headers = ()) -> Answer:
    """An answer in JSON."""
    return Answer(status, content_type + b"; charset=utf-8", dumps(value), headers)
