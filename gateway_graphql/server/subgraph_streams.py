"""
Live subscriptions to subgraphs over plain HTTP: server-sent events, or multipart subscriptions.

*GraphQL over SSE*, distinct connections mode; *multipart subscription protocol* 1.0. A request each, open for as long as
the stream.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import aiohttp
import orjson

from gateway_graphql.execution.errors import SubgraphRefused, SubgraphSpokeNonsense, SubgraphUnreachable
from gateway_graphql.execution.subgraph_client import LiveEvent, SubgraphRequest
from gateway_graphql.server.envelope import envelope
from gateway_graphql.server.http_answer import AnswerTooLarge, whole_body
from gateway_graphql.server.json_text import dumps, loads
from gateway_graphql.server.settings import ServerSettings
from gateway_graphql.server.subgraph_live import HeadersFor, SessionOf, TlsFor

__all__ = ["ACCEPT", "HttpStreams"]

ACCEPT = {
    "sse": "text/event-stream",
    "multipart": 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0", application/json',
}
"""what a request for a stream says that it takes, by protocol"""
MEDIA_TYPES = {"sse": "text/event-stream", "multipart": "multipart/mixed"}

Event = dict[str, Any]


class HttpStreams:
    """Opens streams by a POST."""

    def __init__(self, settings: ServerSettings, session: SessionOf, headers: HeadersFor, tls: TlsFor) -> None:
        self._settings = settings
        self._session = session
        self._headers = headers
        self._tls = tls

    async def subscribe(self, request: SubgraphRequest, protocol: str) -> AsyncGenerator[Event]:
        """Every event of one stream; ``protocol`` is a key of :data:`ACCEPT`. A lost connection ends it with an error."""
        name = request.subgraph
        known = self._settings.subgraphs.get(name)
        url = (known.subscription_url if known else None) or request.url
        headers = self._headers(request) | {
            "Accept": ACCEPT[protocol],
            "Content-Type": "application/json",
        }
        # A stream may be quiet for as long as it likes; only to open it takes a limited time.
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._settings.timeouts.connect)
        try:
            async with self._session().post(
                url,
                data=dumps(envelope(request)),
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                ssl=self._tls(name) or True,
            ) as answer:
                if answer.content_type != MEDIA_TYPES[protocol]:
                    yield await self._refusal(name, answer)
                    return
                texts = _of_sse(answer.content) if protocol == "sse" else _of_multipart(answer)
                async with aclosing(texts):
                    async for text, event_id in texts:
                        event = _event(name, protocol, text)
                        if event is not None:
                            yield LiveEvent(event, event_id) if event_id else event
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            raise SubgraphUnreachable(name, "the live connection broke; subscribe again to go on") from None
        except ValueError:
            raise SubgraphSpokeNonsense(name, f"the stream is not {ACCEPT[protocol]}") from None

    async def _refusal(self, name: str, answer: aiohttp.ClientResponse) -> Event:
        """A subscription that is wrong is answered at once, as an ordinary result."""
        try:
            result = loads(await whole_body(answer, self._settings.limits.json_bytes))
        except (AnswerTooLarge, orjson.JSONDecodeError):
            result = None
        if isinstance(result, dict) and isinstance(result.get("errors"), list):
            return {"data": None, **result}
        if answer.status != 200:
            raise SubgraphRefused(name, answer.status)
        raise SubgraphSpokeNonsense(name, f"answered a subscription with {answer.content_type}")


def _event(name: str, protocol: str, text: bytes) -> Event | None:
    """The result in one message; None if it is only a sign of life."""
    said = loads(text)
    if protocol == "multipart":
        if isinstance(said, dict) and said.get("payload") is None:
            if said.get("errors"):
                raise SubgraphUnreachable(name, f"ended the stream: {str(said['errors'])[:200]}")
            return None
        said = said["payload"] if isinstance(said, dict) else said
    if not isinstance(said, dict):
        raise SubgraphSpokeNonsense(name, "sent an event that is not a GraphQL result")
    return said


Told = tuple[bytes, str]
"""what one message says, and where in the stream it is, if the server tells"""


async def _of_sse(content: aiohttp.StreamReader) -> AsyncGenerator[Told]:
    """The data of each event ``next``, until ``complete``; comments are signs of life."""
    kind, data, event_id = b"", b"", ""
    async for line in _lines(content):
        if not line:
            if kind == b"complete":
                return
            if kind == b"next":
                yield data, event_id
            kind, data = b"", b""
            continue
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            kind = value
        elif field == b"data":
            data = data + b"\n" + value if data else value
        elif field == b"id" and not set(value) & {0, 13}:  # what would end the line with us, or is no id
            event_id = value.decode("utf-8", "replace")  # it stays until another comes, as the standard has it
    raise aiohttp.ClientPayloadError("the stream ended without complete")


async def _of_multipart(answer: aiohttp.ClientResponse) -> AsyncGenerator[Told]:
    """The body of each part, until the last delimiter."""
    boundary = aiohttp.helpers.parse_mimetype(answer.headers["Content-Type"]).parameters.get("boundary", "-")
    delimiter = b"--" + boundary.encode()
    part: list[bytes] | None = None
    in_headers = False
    async for line in _lines(answer.content):
        if line.startswith(delimiter):
            if part:
                yield b"\n".join(part), ""
            if line.removeprefix(delimiter).startswith(b"--"):
                return
            part, in_headers = [], True
        elif in_headers:
            in_headers = bool(line)
        elif part is not None:
            part.append(line)
            # The next delimiter may be far away: a part that is complete is told at once.
            if (whole := b"\n".join(part)) and _is_json(whole):
                yield whole, ""
                part = None
    raise aiohttp.ClientPayloadError("the stream ended without its last delimiter")


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """Without their ends; what comes after the last end is a line as well."""
    rest = b""
    async for chunk in content.iter_any():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r")
        # A JSON text without a line end after it, as the last part of a chunk, is all there is for now.
        if rest.startswith(b"{") and _is_json(rest):
            yield rest
            rest = b""
    if rest:
        yield rest
