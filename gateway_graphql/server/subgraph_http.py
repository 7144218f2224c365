"""The subgraphs over the network: GraphQL over HTTP, and live subscriptions over WebSocket."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import orjson

from gateway_graphql.execution.errors import (
    SubgraphError,
    SubgraphRefused,
    SubgraphSpokeNonsense,
    SubgraphTimedOut,
    SubgraphUnreachable,
)
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from gateway_graphql.execution.uploads import Upload, uploads_in
from gateway_graphql.server.json_text import dumps, loads
from gateway_graphql.server.multipart_body import MultipartBody
from gateway_graphql.server.service_token import ServiceTokens
from gateway_graphql.server.settings import ServerSettings, SubgraphSettings
from gateway_graphql.server.subgraph_live import LiveConnections
from gateway_graphql.server.subgraph_log import tell_of

__all__ = ["SubgraphHttp"]

ACCEPT = "application/graphql-response+json, application/json"
# Shorter than the keep-alive of common servers (uvicorn: 5 s): a connection that the other side is about to close
# would cost a request, and a mutation is never sent twice.
KEEP_ALIVE = 4.0
ANSWER_CHUNK = 256 * 1024
NO_SETTINGS = SubgraphSettings()


class SubgraphHttp:
    """The :class:`~gateway_graphql.execution.subgraph_client.SubgraphClient` of the server; one per event loop."""

    def __init__(self, settings: ServerSettings | None = None) -> None:
        self._settings = settings or ServerSettings()
        token = self._settings.service_token
        self._tokens = ServiceTokens(token) if token else None
        self._session: aiohttp.ClientSession | None = None
        self._live = LiveConnections(self._settings, self.session, self._headers)

    def session(self) -> aiohttp.ClientSession:
        """The connections; made when first asked, because they belong to the running loop."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent",),
            )
        return self._session

    async def close(self) -> None:
        """Leave every live subscription and close every connection."""
        await self._live.close()
        if self._session is not None:
            await self._session.close()

    async def fetch(self, request: SubgraphRequest) -> dict[str, Any]:
        """One request, one answer; whatever goes wrong is one of :mod:`gateway_graphql.execution.errors`."""
        try:
            return await self.ask(request)
        except SubgraphError as problem:
            tell_of(problem, request)
            raise

    async def ask(self, request: SubgraphRequest) -> dict[str, Any]:
        """The same, for a caller who tells the log what it thinks of a failure."""
        uploads = uploads_in(request.variables)
        try:
            return await self._send(request, uploads)
        except aiohttp.ServerDisconnectedError:
            # The subgraph closed an idle connection just as we chose it. What only reads may go again.
            if request.kind != "query" or uploads:
                raise SubgraphUnreachable(request.subgraph, "closed the connection before it answered") from None
        try:
            return await self._send(request, uploads)
        except aiohttp.ServerDisconnectedError:
            raise SubgraphUnreachable(request.subgraph, "closed the connection before it answered") from None

    def subscribe(self, request: SubgraphRequest) -> AsyncIterator[dict[str, Any]]:
        """Every event of a subgraph's stream."""
        return self._live.subscribe(request)

    async def _send(self, request: SubgraphRequest, uploads: list[tuple[str, Upload]]) -> dict[str, Any]:
        name = request.subgraph
        headers = self._headers(name, request.headers)
        body: bytes | AsyncIterator[bytes]
        if uploads:
            multipart = await MultipartBody.of(dumps(_without_files(_envelope(request))), uploads)
            headers.update(multipart.headers)
            body = multipart.chunks()
        else:
            headers["Content-Type"] = "application/json"
            body = dumps(_envelope(request))
        seconds = self._seconds_for(name, bool(uploads))
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=self._settings.timeouts.connect)
        try:
            async with self.session().post(
                request.url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                return self._understood(name, answer, await self._read(name, answer))
        except aiohttp.ServerDisconnectedError:
            raise
        except aiohttp.ConnectionTimeoutError:
            raise SubgraphUnreachable(name, f"no connection within {self._settings.timeouts.connect:g} s") from None
        except TimeoutError:
            raise SubgraphTimedOut(name, f"no answer within {seconds:g} s") from None
        except aiohttp.InvalidURL:
            raise SubgraphUnreachable(name, f"{request.url!r} is not a URL") from None
        except aiohttp.ClientConnectionError as problem:
            raise SubgraphUnreachable(name, _why(problem)) from None
        except aiohttp.ClientPayloadError:
            raise SubgraphSpokeNonsense(name, "the answer broke off") from None
        except aiohttp.ClientError as problem:
            raise SubgraphSpokeNonsense(name, f"the answer is not HTTP: {type(problem).__name__}") from None

    async def _read(self, name: str, answer: aiohttp.ClientResponse) -> bytes:
        limit = self._settings.limits.answer_bytes
        length = answer.content_length
        if length is not None and length <= limit and "Content-Encoding" not in answer.headers:
            return await answer.read()
        parts, size = [], 0
        if length is None or length <= limit:
            async for part in answer.content.iter_chunked(ANSWER_CHUNK):
                size += len(part)
                if size > limit:
                    break
                parts.append(part)
            else:
                return b"".join(parts)
        raise SubgraphSpokeNonsense(name, f"the answer is larger than {limit} bytes (setting limits.answer_bytes)")

    def _understood(self, name: str, answer: aiohttp.ClientResponse, body: bytes) -> dict[str, Any]:
        try:
            result = loads(body)
        except orjson.JSONDecodeError:
            result = None
        # A GraphQL answer counts whatever the status: request errors come with 400 under the newer media type.
        if isinstance(result, dict) and ("data" in result or isinstance(result.get("errors"), list)):
            return result
        if answer.status != 200:
            raise SubgraphRefused(name, answer.status)
        raise SubgraphSpokeNonsense(name, "the answer is not a GraphQL result (no data and no errors in it)")

    def _headers(self, name: str, forwarded: Mapping[str, str]) -> dict[str, str]:
        headers = {**forwarded, "Accept": ACCEPT}
        if self._tokens is not None:
            headers[self._tokens.header] = self._tokens.token_for(name)
        return headers

    def _seconds_for(self, name: str, with_files: bool) -> float:
        if with_files:
            return self._settings.timeouts.upload
        return self._settings.subgraphs.get(name, NO_SETTINGS).timeout or self._settings.timeouts.subgraph


def _envelope(request: SubgraphRequest) -> dict[str, Any]:
    envelope: dict[str, Any] = {"query": request.document}
    if request.operation_name is not None:
        envelope["operationName"] = request.operation_name
    if request.variables:
        envelope["variables"] = request.variables
    return envelope


def _without_files(value: Any) -> Any:
    """The multipart spec: where a file goes, the JSON says null."""
    if isinstance(value, Upload):
        return None
    if isinstance(value, Mapping):
        return {name: _without_files(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_files(inner) for inner in value]
    return value


def _why(problem: Exception) -> str:
    system = getattr(problem, "os_error", None) or problem
    number = getattr(system, "errno", None)
    # The client reads this: asyncio's own text would show it our addresses.
    return f"no connection ({os.strerror(number) if number else type(problem).__name__})"
