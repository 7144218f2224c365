"""The ASGI application: routes, request ids, the access line. Mount it anywhere an ASGI application can be mounted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, Protocol, TypeVar

from gateway_graphql.execution.caller import ANONYMOUS, Policies
from gateway_graphql.execution.gateway import Gateway
from gateway_graphql.execution.prepare import Prepared, Question, RequestErrors
from gateway_graphql.execution.subgraph_client import SubgraphClient
from gateway_graphql.server.access_log import log
from gateway_graphql.server.answer_headers import collected_headers, combined
from gateway_graphql.server.application import Application
from gateway_graphql.server.asgi import (
    Answer,
    ClientGone,
    HttpRequest,
    Receive,
    Refused,
    Scope,
    Send,
    StreamedAnswer,
    json_answer,
)
from gateway_graphql.server.authentication import Authentication
from gateway_graphql.server.caching.caching import Caching
from gateway_graphql.server.compression import compressed
from gateway_graphql.server.cors import cors_headers, preflight
from gateway_graphql.server.extensions import (
    ExtendedClient,
    ExtendedGateway,
    Extension,
    Extensions,
    extension_named,
)
from gateway_graphql.server.graphiql_page import graphiql_asset, graphiql_page
from gateway_graphql.server.graphql_endpoint import GraphQLEndpoint
from gateway_graphql.server.known_operations import read_known_operations
from gateway_graphql.server.metrics import Metrics
from gateway_graphql.server.negotiation import HTML, media_type_for
from gateway_graphql.server.persisted_documents import PersistedDocuments
from gateway_graphql.server.policies import policies_of
from gateway_graphql.server.rate_limits import RateLimits, rate_limit_headers
from gateway_graphql.server.request_id import REQUEST_ID, request_id_from
from gateway_graphql.server.rest.answering import RestApi
from gateway_graphql.server.rest.openapi import problems_with
from gateway_graphql.server.settings import ServerSettings
from gateway_graphql.server.spooled_file import close_all
from gateway_graphql.server.subgraph_http import SubgraphHttp
from gateway_graphql.server.trusted_documents import TrustedDocuments
from gateway_graphql.server.websocket_endpoint import WebSocketEndpoint

__all__ = ["GatewayApp", "create_app"]

WARMED = 200
"""operations asked last that a new supergraph knows before it takes over"""
REASONS = 5
"""why a known operation was refused is told of so many"""
Made = TypeVar("Made", Answer, Answer | StreamedAnswer)
COME_BACK = ((b"retry-after", b"1"),)
QUIET = frozenset({"/health", "/live", "/ready"})
"""asked every few seconds by machines; not worth a line"""


class Closeable(Protocol):
    """What has connections to give back at the end."""

    def close(self) -> Awaitable[None]:
        """Give them back."""
        ...


def create_app(
    supergraph_sdl: str,
    settings: ServerSettings | None = None,
    client: SubgraphClient | None = None,
    extensions: Sequence[Extension] = (),
) -> GatewayApp:
    """
    The gateway for this supergraph as an ASGI application.

    ``client`` replaces the network, for tests or for subgraphs in the same process. ``extensions`` come after those that
    the settings name.

    :raises ValueError: this is not a supergraph that can be used.
    :raises WrongRestPage: a page of ``settings.rest`` cannot be read, or does not fit the supergraph.
    """
    settings = settings or ServerSettings()
    metrics = Metrics()
    network = SubgraphHttp(settings, metrics) if client is None else None
    asked: SubgraphClient = client or network  # type: ignore[assignment]
    measured = [Extension(plan=metrics.plan), Extension(plan=_tell_excesses)]
    if settings.tracing:
        from gateway_graphql.server.tracing import TracedClient, plan_span

        asked = TracedClient(asked)
        measured.append(Extension(plan=plan_span))
    extended = Extensions([*measured, *map(extension_named, settings.extensions), *extensions])
    authentication = Authentication(settings.authentication)
    policies = policies_of(settings.authorization.policies, authentication.session)
    caching = None if settings.cache is None else Caching(settings.cache, metrics.kept_answers)
    engine = partial(
        _engine,
        settings=settings,
        client=asked,
        extensions=extended,
        policies=policies,
        metrics=metrics,
        caching=caching,
    )
    gateway = engine(supergraph_sdl)
    rest = [RestApi.of(file, gateway, settings) for file in settings.rest]
    held = [one for one in (network, caching) if one is not None]
    return GatewayApp(gateway, settings, held, extended, engine, metrics, authentication, rest)


def _engine(
    supergraph_sdl: str,
    settings: ServerSettings,
    client: SubgraphClient,
    extensions: Extensions,
    policies: Policies | None,
    metrics: Metrics,
    caching: Caching | None,
) -> Gateway:
    if extensions.change_fetches:
        client = ExtendedClient(client, extensions)
    if caching is not None:
        client = caching.client(client, supergraph_sdl)
    gateway = Gateway(
        supergraph_sdl,
        client,
        plan_cache_size=settings.plan_cache_size,
        # The subgraphs' own timeouts end an ordinary request long before; an upload needs the time.
        request_timeout=max(settings.timeouts.upload, settings.timeouts.subgraph),
        introspection=settings.introspection,
        suggestions=settings.suggestions,
        error_masking=settings.error_masking,
        subgraph_urls={name: one.routing_url for name, one in settings.subgraphs.items() if one.routing_url},
        document_tokens=settings.limits.document_tokens,
        operation_limits=settings.operation_limits,
        cost=settings.cost,
        on_cost=metrics.operation_cost,
        planning_timeout=settings.timeouts.plan,
        query_plan_in_answer=settings.query_plan_in_answer,
        policies=policies,
        reject_unauthorized=settings.authorization.reject,
        on_plan=extensions.on_plan,
    )
    return gateway if caching is None else caching.gateway(gateway, supergraph_sdl)


class GatewayApp:
    """``/graphql``, ``/graphiql``, ``/health``, ``/live`` and ``/ready``."""

    def __init__(
        self,
        gateway: Gateway,
        settings: ServerSettings | None = None,
        held: Sequence[Closeable] = (),
        extensions: Extensions | None = None,
        engine: Callable[[str], Gateway] | None = None,
        metrics: Metrics | None = None,
        authentication: Authentication | None = None,
        rest: Sequence[RestApi] = (),
    ) -> None:
        self.metrics = metrics or Metrics()
        self._settings = settings or ServerSettings()
        self._held = held
        self._gateway = gateway
        self._engine = engine
        self._extensions = extensions or Extensions()
        self._authentication = authentication or Authentication(self._settings.authentication)
        self._span: Callable[[HttpRequest], AbstractContextManager[Any]] | None = None
        if self._settings.tracing:
            from gateway_graphql.server.tracing import request_span

            self._span = request_span
        documents = PersistedDocuments(
            self._settings.limits.persisted_documents,
            _trusted(self._settings),
            only_trusted=self._settings.only_trusted,
        )
        extended = self._extended(gateway)
        self._rate_limits = RateLimits(self._settings.rate_limits)
        self._graphql = GraphQLEndpoint(extended, self._settings, documents, self._extensions, self._rate_limits)
        self._websocket = WebSocketEndpoint(
            extended,
            self._settings,
            documents,
            self._extensions,
            self.metrics,
            self._authentication,
            self._rate_limits,
        )
        self._rest = rest
        self._application = Application(self._settings.application) if self._settings.application else None
        self._under_way = 0
        self._measure()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection, as ASGI has it."""
        match scope["type"]:
            case "http":
                await self._http(scope, receive, send)
            case "websocket":
                await self._live(scope, receive, send)
            case "lifespan":
                await self._lifespan(receive, send)

    async def reload(self, supergraph_sdl: str, reading: AbstractContextManager[object] = nullcontext()) -> None:  # noqa: B008
        """
        Serve another supergraph from now on; what is under way, live streams included, ends on the old one.

        The known operations and those asked last are planned before the first request meets the new one.

        :param reading: entered while the supergraph is read, which makes all the objects that stay as long as it is served
        :raises ValueError: this is not a supergraph that can be used; the old one stays.
        """
        if self._engine is None:
            raise RuntimeError("only an application made by create_app can reload")
        with reading:
            gateway = await asyncio.to_thread(self._engine, supergraph_sdl)
        old = self._gateway
        await self._warm(gateway, old.asked_last(WARMED))
        for api in self._rest:
            # The subgraphs have changed already: to stay with the old supergraph would help nobody.
            if wrong := problems_with(api.page, gateway):
                log.error("REST endpoints do not fit the new supergraph", api=api.page.prefix, why=wrong[:REASONS])
        self._gateway = gateway
        extended = self._extended(gateway)
        self._graphql = self._graphql.on(extended)
        self._websocket.gateway = extended
        await old.forget()

    async def warm(self) -> None:
        """
        Plan the operations of ``known_operations``; a server's lifespan does this before the first request.

        :raises ValueError: the file cannot be used.
        """
        await self._warm(self._gateway)

    async def _warm(self, gateway: Gateway, asked: Sequence[Question] = ()) -> None:
        file = self._settings.known_operations
        known = [operation for api in self._rest for operation in api.operations()]
        if file is not None:
            known += await asyncio.to_thread(read_known_operations, file)
        # More than there is room for would only push one another out.
        known = known[: self._settings.plan_cache_size]
        refused = await gateway.warm(known, asked)
        if file is not None:
            reasons = [problem.errors[0]["message"] for problem in refused[:REASONS]]
            log.info("operations are planned", known=len(known), asked=len(asked), refused=len(refused), why=reasons)

    def _extended(self, gateway: Gateway) -> Gateway:
        if self._extensions.change_results:
            return ExtendedGateway(gateway, self._extensions)  # type: ignore[return-value]
        return gateway

    def _measure(self) -> None:
        gauge = self.metrics.gauge
        gauge("requests_under_way", "GraphQL requests over HTTP being answered.", lambda: self._under_way)
        gauge("live_connections", "Open WebSockets.", lambda: self._websocket.connections)
        gauge("live_operations", "Operations under way on WebSockets.", lambda: self._websocket.operations)
        gauge("plans_known", "Operations that need no planning any more.", lambda: self._gateway.plans_known)

    def end_streams(self) -> None:
        """The server is about to end: finish the live streams over plain HTTP, which would outlast every grace."""
        self._graphql.closing.set()

    async def close(self) -> None:
        """Close the connections that it holds; a server's lifespan does this, a mounting application may."""
        for one in (self._authentication, *self._held):
            await one.close()

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = self._request(scope, receive)
        await self.answer_to(request, lambda answer: answer.send(send, request.request_id.encode()))

    async def answer_to(
        self, request: HttpRequest, write: Callable[[Answer | StreamedAnswer], Awaitable[None]]
    ) -> None:
        """Answer one request over HTTP by one call of ``write``, and tell the log of it."""
        if self._span is None or request.path in QUIET:
            return await self._answer_to(request, write)
        with self._span(request):
            return await self._answer_to(request, write)

    async def _answer_to(
        self, request: HttpRequest, write: Callable[[Answer | StreamedAnswer], Awaitable[None]]
    ) -> None:
        started = time.perf_counter()
        status = 499  # nginx' word for a client that left
        answer: Answer | StreamedAnswer | None = None
        try:
            if self._settings.answer_headers:
                with collected_headers() as collected:
                    answer = await self._answer(request)
                failed = answer.status != 200 or "errors" in request.about
                answer.headers += combined(collected, failed=failed)
            else:
                answer = await self._answer(request)
            status = answer.status
            if self._settings.compression and isinstance(answer, Answer):
                await compressed(answer, request.headers)
            answer.headers += rate_limit_headers(request.windows)
            answer.headers += cors_headers(request.headers, self._settings.cors_origins)
            await write(answer)
        except ClientGone:
            pass
        except OSError as problem:
            # Uvicorn tells a vanished client this way when we write to it.
            request.about["problem"] = str(problem) or type(problem).__name__
        finally:
            close_all(request.files)
            seconds = time.perf_counter() - started
            if request.path not in QUIET:
                if isinstance(answer, StreamedAnswer):
                    self.metrics.stream()
                else:
                    self.metrics.request(status, seconds)
                log.info(
                    "request",
                    request_id=request.request_id,
                    method=request.method,
                    path=request.path,
                    status=status,
                    ms=round(seconds * 1000, 1),
                    **request.about,
                )

    def _request(self, scope: Scope, receive: Receive) -> HttpRequest:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request_id = request_id_from(headers.get(REQUEST_ID))
        method = scope.get("method", "GET")  # a WebSocket is opened with GET
        client = scope.get("client")
        return HttpRequest(
            method,
            _path(scope),
            scope.get("query_string", b""),
            headers,
            receive,
            request_id,
            address=client[0] if client else "",
        )

    async def _answer(self, request: HttpRequest) -> Answer | StreamedAnswer:
        try:
            return await self._routed(request)
        except Refused as refused:
            return json_answer(refused.status, {"errors": refused.errors}, headers=refused.headers)
        except (ClientGone, OSError):
            raise
        except Exception:
            log.exception("request failed", request_id=request.request_id)
            problem = {"message": "Internal server error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
            return json_answer(500, {"errors": [problem]})

    async def _routed(self, request: HttpRequest) -> Answer | StreamedAnswer:
        path = request.path
        if request.method == "OPTIONS" and self._settings.cors_origins and (asked := preflight(request.headers)):
            return asked
        if path in ("/graphql", "/graphql/"):
            if self._wants_graphiql(request):
                return graphiql_page()
            return await self._in_turn(request, self._graphql.answer)
        if path in QUIET:
            return json_answer(200, {"status": "ok"})
        for api in self._rest:
            if api.has(path):
                return await self._rest_in_turn(api, request)
        if self._settings.graphiql and path == "/graphiql":
            return graphiql_page()
        if self._settings.graphiql and path.startswith("/graphiql/"):
            return graphiql_asset(path.removeprefix("/graphiql/"), request.headers)
        if self._application is not None and self._application.has(request):
            return self._application.answer(request)
        raise Refused(404, "NOT_FOUND", f"There is nothing at {path}; GraphQL is at /graphql.")

    async def _rest_in_turn(self, api: RestApi, request: HttpRequest) -> Answer:
        try:
            return await self._in_turn(request, lambda asked: api.answer(asked, self._gateway, self._graphql.result_of))
        except Refused as refused:
            return api.refusal(refused, request)

    async def _in_turn(self, request: HttpRequest, answer: Callable[[HttpRequest], Awaitable[Made]]) -> Made:
        limit = self._settings.limits.concurrent_requests
        if self._under_way >= limit:
            raise Refused(
                503,
                "OVERLOADED",
                f"The gateway has {limit} requests under way; try again in a moment. "
                "The limit is the setting limits.concurrent_requests of the gateway.",
                COME_BACK,
            )
        self._under_way += 1
        try:
            await self._extensions.on_request(request)
            await self._identify(request)
            return await answer(request)
        finally:
            self._under_way -= 1

    async def _identify(self, request: HttpRequest) -> None:
        count = partial(
            self._rate_limits.request, address=request.address, headers=request.headers, windows=request.windows
        )
        try:
            request.caller = await self._authentication.caller(request.headers)
        except Refused:
            await count(ANONYMOUS)  # whoever tries tokens is counted too
            raise
        if request.caller.known:
            request.about["caller"] = request.caller.subject
        await count(request.caller)

    def _wants_graphiql(self, request: HttpRequest) -> bool:
        return (
            self._settings.graphiql
            and request.method == "GET"
            and b"query=" not in request.query_string
            and media_type_for(request.headers.get("accept")) == HTML
        )

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _path(scope) not in ("/graphql", "/graphql/"):
            await receive()
            await send({"type": "websocket.close", "code": 1000})
            return
        await self._websocket.serve(self._request(scope, receive), scope.get("subprotocols", ()), send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.warm()
                except ValueError as problem:
                    await send({"type": "lifespan.startup.failed", "message": str(problem)})
                    return
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def _trusted(settings: ServerSettings) -> TrustedDocuments | None:
    file = settings.trusted_documents
    return None if file is None else TrustedDocuments(file, settings.reload_every)


def _tell_excesses(_: str, prepared: Prepared | RequestErrors, _seconds: float) -> None:
    if isinstance(prepared, Prepared) and prepared.excesses:
        codes = [one["extensions"]["code"] for one in prepared.excesses]
        log.warning("operation is above its limits", codes=codes, why=[one["message"] for one in prepared.excesses])


def _path(scope: Scope) -> str:
    """The path below the place where the application is mounted."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path.removeprefix(root) if root else path
