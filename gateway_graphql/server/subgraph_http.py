"""The subgraphs over the network: GraphQL over HTTP, and live subscriptions over WebSocket."""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Hashable, Mapping
from contextlib import aclosing
from time import perf_counter
from typing import TYPE_CHECKING, Any

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
from gateway_graphql.server.answer_headers import note_headers
from gateway_graphql.server.envelope import envelope
from gateway_graphql.server.http_answer import (
    AnswerBrokeOff,
    AnswerTooLarge,
    ConnectionClosed,
    HttpAnswer,
    NoConnection,
    NotHttp,
    whole_body,
)
from gateway_graphql.server.http_client import HttpClient
from gateway_graphql.server.in_flight import InFlight
from gateway_graphql.server.json_text import dumps, loads
from gateway_graphql.server.metrics import Metrics
from gateway_graphql.server.multipart_body import MultipartBody
from gateway_graphql.server.request_id import identity_of
from gateway_graphql.server.service_token import ServiceTokens
from gateway_graphql.server.settings import ServerSettings, SubgraphSettings
from gateway_graphql.server.shared_streams import SharedStreams
from gateway_graphql.server.subgraph_live import LiveConnections
from gateway_graphql.server.subgraph_log import tell_of
from gateway_graphql.server.subgraph_streams import HttpStreams
from gateway_graphql.server.tls import TlsContexts
from gateway_graphql.server.traffic import SubgraphTraffic

if TYPE_CHECKING:
    from gateway_graphql.server.http2_client import Http2Client

__all__ = ["SubgraphHttp"]

ACCEPT = "application/graphql-response+json, application/json"
# Shorter than the keep-alive of common servers (uvicorn: 5 s): a connection that the other side is about to close
# would cost a request, and a mutation is never sent twice.
KEEP_ALIVE = 4.0
NO_SETTINGS = SubgraphSettings()
CLOSED = "closed the connection before it answered"


class SubgraphHttp:
    """The :class:`~gateway_graphql.execution.subgraph_client.SubgraphClient` of the server; one per event loop."""

    def __init__(self, settings: ServerSettings | None = None, metrics: Metrics | None = None) -> None:
        self._settings = settings or ServerSettings()
        self._metrics = metrics or Metrics()
        self._metrics.traffic(lambda: self._traffic.values())
        token = self._settings.service_token
        self._tokens = ServiceTokens(token, self._forward_claims()) if token else None
        self._http = HttpClient(**self._http_settings())
        self._http2: Http2Client | None = None
        self._traffic: dict[str, SubgraphTraffic] = {}
        self._in_flight: InFlight[HttpAnswer] = InFlight()
        self._changes: dict[str, int] = {}
        self._session: aiohttp.ClientSession | None = None
        self._withheld: dict[str, frozenset[str]] = {}
        self._contexts = TlsContexts()
        self._http2_contexts = TlsContexts("h2")
        self._live = LiveConnections(self._settings, self.session, self._headers, self._tls)
        self._streams = HttpStreams(self._settings, self.session, self._headers, self._tls)
        self._shared_live = SharedStreams(self._stream, self._settings.live)

    def _forward_claims(self) -> tuple[str, ...]:
        authentication = self._settings.authentication
        return authentication.forward_claims if authentication else ()

    def _http_settings(self) -> dict[str, Any]:
        return {
            "connect_seconds": self._settings.timeouts.connect,
            "keep_seconds": KEEP_ALIVE,
            "largest_answer": self._settings.limits.answer_bytes,
            "keep_headers": self._settings.answer_headers,
        }

    def session(self) -> aiohttp.ClientSession:
        """Connections for uploads and live subscriptions; made when first asked: they belong to the running loop."""
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
        self._http.close()
        if self._http2 is not None:
            self._http2.close()
        if self._session is not None:
            await self._session.close()

    async def fetch(self, request: SubgraphRequest) -> dict[str, Any]:
        """One request, one answer; whatever goes wrong is one of :mod:`gateway_graphql.execution.errors`."""
        began = perf_counter()
        outcome = "gave up"
        try:
            answer = await self.ask(request)
            outcome = "ok"
            return answer
        except SubgraphError as problem:
            outcome = problem.code
            tell_of(problem, request)
            raise
        finally:
            self._metrics.subgraph_request(request.subgraph, outcome, perf_counter() - began)

    async def ask(self, request: SubgraphRequest) -> dict[str, Any]:
        """The same, for a caller who tells the log what it thinks of a failure."""
        try:
            return await self._ask(request)
        finally:
            if request.kind != "query":
                self._changes[request.subgraph] = self._changes.get(request.subgraph, 0) + 1

    async def _ask(self, request: SubgraphRequest) -> dict[str, Any]:
        try:
            body = dumps(envelope(request))
        except TypeError:  # of all that a client can send, only files are no JSON
            return await self._ask_with_files(request)
        name = request.subgraph
        of_subgraph = self._settings.subgraphs.get(name, NO_SETTINGS)
        seconds = of_subgraph.timeout or self._settings.timeouts.subgraph
        reads = request.kind == "query"
        turns = self._turns(name)

        async def send() -> HttpAnswer:
            return await turns.through(lambda left: self._send(request, body, left, seconds), seconds, may_repeat=reads)

        if reads and (of_subgraph.traffic or self._settings.traffic).share_identical:
            answer = await self._in_flight.once(self._sameness(request, body), send, turns.share)
        else:
            answer = await send()
        note_headers(answer.headers)
        return _understood(name, answer.status, answer.body)

    async def _ask_with_files(self, request: SubgraphRequest) -> dict[str, Any]:
        uploads = uploads_in(request.variables)
        return await self._turns(request.subgraph).through(
            lambda left: self._send_files(request, uploads, left), self._settings.timeouts.upload, may_repeat=False
        )

    def subscribe(self, request: SubgraphRequest) -> AsyncIterator[dict[str, Any]]:
        """Every event of a subgraph's stream."""
        if self._settings.subgraphs.get(request.subgraph, NO_SETTINGS).share_live:
            return self._shared_live.subscribe(request)
        return self._stream(request)

    async def _stream(self, request: SubgraphRequest) -> AsyncGenerator[dict[str, Any]]:
        protocol = self._settings.subgraphs.get(request.subgraph, NO_SETTINGS).live
        if protocol == "websocket":
            stream = self._live.subscribe(request)
        else:
            stream = self._streams.subscribe(request, protocol)
        try:
            async with aclosing(stream) as events:
                async for event in events:
                    yield event
        except SubgraphError as problem:
            tell_of(problem, request)
            raise

    def _turns(self, name: str) -> SubgraphTraffic:
        found = self._traffic.get(name)
        if found is None:
            settings = self._settings.subgraphs.get(name, NO_SETTINGS).traffic or self._settings.traffic
            found = self._traffic[name] = SubgraphTraffic(name, settings)
        return found

    def _sameness(self, request: SubgraphRequest, body: bytes) -> Hashable:
        """Equal for requests that may share an answer: all that is sent, but for what only names the request."""
        # What was changed before a query is sent must be in its answer: it shares none that began before.
        return request.url, body, identity_of(request), self._changes.get(request.subgraph, 0)

    async def _send(self, request: SubgraphRequest, body: bytes, left: float, seconds: float) -> HttpAnswer:
        name = request.subgraph
        headers = self._headers(request)
        headers["Content-Type"] = "application/json"
        try:
            try:
                answer = await self._post(request, headers, body, left)
            except ConnectionClosed:
                # The subgraph closed an idle connection just as we chose it. What only reads may go again.
                if request.kind != "query":
                    raise
                answer = await self._post(request, headers, body, left)
        except ConnectionClosed:
            raise SubgraphUnreachable(name, CLOSED) from None
        except TimeoutError:
            raise SubgraphTimedOut(name, f"no answer within {seconds:g} s") from None
        except NoConnection as problem:
            raise SubgraphUnreachable(name, self._why_no_connection(problem.__cause__)) from None
        except AnswerTooLarge:
            raise self._too_large(name) from None
        except AnswerBrokeOff:
            raise SubgraphSpokeNonsense(name, "the answer broke off") from None
        except NotHttp:
            version = "/2" if self._settings.subgraphs.get(name, NO_SETTINGS).http2 else ""
            raise SubgraphSpokeNonsense(name, f"the answer is not HTTP{version}") from None
        except ValueError as problem:
            raise SubgraphUnreachable(name, str(problem)) from None
        if answer.status >= 500 or answer.status == 429:
            _understood(name, answer.status, answer.body)  # no GraphQL answer: perhaps another attempt gets one
        return answer

    async def _post(self, request: SubgraphRequest, headers: dict[str, str], body: bytes, seconds: float) -> HttpAnswer:
        name = request.subgraph
        if not self._settings.subgraphs.get(name, NO_SETTINGS).http2:
            return await self._http.post(request.url, headers, body, seconds, self._tls(name))
        if self._http2 is None:
            from gateway_graphql.server.http2_client import Http2Client  # an extra of the package

            self._http2 = Http2Client(**self._http_settings())
        return await self._http2.post(request.url, headers, body, seconds, self._tls(name, self._http2_contexts))

    async def _send_files(
        self, request: SubgraphRequest, uploads: list[tuple[str, Upload]], seconds: float
    ) -> dict[str, Any]:
        name = request.subgraph
        headers = self._headers(request)
        multipart = await MultipartBody.of(dumps(_without_files(envelope(request))), uploads)
        headers.update(multipart.headers)
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=self._settings.timeouts.connect)
        try:
            async with self.session().post(
                request.url,
                data=multipart.chunks(),
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                ssl=self._tls(name) or True,
            ) as answer:
                kept = ((one.lower(), value) for one, value in answer.headers.items())
                note_headers(
                    tuple((one.encode(), value.encode()) for one, value in kept if one in self._settings.answer_headers)
                )
                return _understood(name, answer.status, await whole_body(answer, self._settings.limits.answer_bytes))
        except AnswerTooLarge:
            raise self._too_large(name) from None
        except aiohttp.ServerDisconnectedError:
            raise SubgraphUnreachable(name, CLOSED) from None
        except aiohttp.ConnectionTimeoutError as problem:
            raise SubgraphUnreachable(name, self._why_no_connection(problem)) from None
        except TimeoutError:
            raise SubgraphTimedOut(name, f"no answer within {self._settings.timeouts.upload:g} s") from None
        except aiohttp.InvalidURL:
            raise SubgraphUnreachable(name, f"{request.url!r} is not a URL of HTTP") from None
        except aiohttp.ClientConnectionError as problem:
            raise SubgraphUnreachable(name, self._why_no_connection(problem)) from None
        except aiohttp.ClientPayloadError:
            raise SubgraphSpokeNonsense(name, "the answer broke off") from None
        except aiohttp.ClientError as problem:
            raise SubgraphSpokeNonsense(name, f"the answer is not HTTP: {type(problem).__name__}") from None

    def _too_large(self, name: str) -> SubgraphSpokeNonsense:
        limit = self._settings.limits.answer_bytes
        return SubgraphSpokeNonsense(name, f"the answer is larger than {limit} bytes (setting limits.answer_bytes)")

    def _why_no_connection(self, problem: BaseException | None) -> str:
        if isinstance(problem, TimeoutError):
            return f"no connection within {self._settings.timeouts.connect:g} s"
        system = getattr(problem, "certificate_error", None) or getattr(problem, "os_error", None) or problem
        if isinstance(system, ssl.SSLError):
            return f"no TLS connection ({getattr(system, 'verify_message', None) or system.reason or 'refused'})"
        number = getattr(system, "errno", None)
        # The client reads this: asyncio's own text would show it our addresses.
        return f"no connection ({os.strerror(number) if number else type(problem).__name__})"

    def _tls(self, name: str, contexts: TlsContexts | None = None) -> ssl.SSLContext | None:
        settings = self._settings.tls_of(name)
        if settings is None:
            return None
        try:
            return (contexts or self._contexts).of(settings)
        except OSError as problem:
            raise SubgraphUnreachable(name, f"no TLS connection (the gateway's files: {problem.strerror})") from None

    def _withheld_from(self, name: str) -> frozenset[str]:
        """Headers of a client that are meant for other subgraphs."""
        found = self._withheld.get(name)
        if found is None:
            found = self._withheld[name] = self._settings.forwarded() - self._settings.forwarded_to(name)
        return found

    def _headers(self, request: SubgraphRequest) -> dict[str, str]:
        name = request.subgraph
        headers = {**request.headers, "Accept": ACCEPT}
        for withheld in self._withheld_from(name):
            headers.pop(withheld, None)
        known = self._settings.subgraphs.get(name)
        if known is not None and known.headers:
            headers.update(known.headers)
        if self._tokens is not None:
            headers[self._tokens.header] = self._tokens.token_for(name, request.caller)
        return headers


def _understood(name: str, status: int, body: bytes) -> dict[str, Any]:
    try:
        result = loads(body)
    except orjson.JSONDecodeError:
        result = None
    # A GraphQL answer counts whatever the status: request errors come with 400 under the newer media type.
    if isinstance(result, dict) and ("data" in result or isinstance(result.get("errors"), list)):
        return result
    if status != 200:
        raise SubgraphRefused(name, status)
    raise SubgraphSpokeNonsense(name, "the answer is not a GraphQL result (no data and no errors in it)")


def _without_files(value: Any) -> Any:
    """The multipart spec: where a file goes, the JSON says null."""
    if isinstance(value, Upload):
        return None
    if isinstance(value, Mapping):
        return {name: _without_files(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_files(inner) for inner in value]
    return value
