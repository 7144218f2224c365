"""Where an application can put code of its own: plain callables at the points of a request's way."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar, cast

from gateway_graphql.execution.errors import SubgraphError
from gateway_graphql.execution.gateway import Gateway, GraphQLRequest, Prepared, RequestErrors
from gateway_graphql.execution.subgraph_client import SubgraphClient, SubgraphRequest
from gateway_graphql.server.access_log import log
from gateway_graphql.server.asgi import HttpRequest

__all__ = ["ExtendedClient", "ExtendedGateway", "Extension", "Extensions", "WrongExtension", "extension_named"]

T = TypeVar("T")
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Extension:
    """
    What to call where; whatever is left out is not called. All but ``plan`` and ``error`` may be ``async def``.

    What returns a value may return None for "as it was". The first two may raise
    :class:`~gateway_graphql.server.asgi.Refused`, which the client gets as an answer.
    """

    request: Callable[[HttpRequest], Awaitable[None] | None] | None = None
    """a request to ``/graphql``, or the opening of a WebSocket, before its body is read; ``headers`` may be changed"""
    operation: Callable[[GraphQLRequest], Any] | None = None
    """an operation before it is planned; returns the one to answer instead"""
    plan: Callable[[str, Prepared | RequestErrors, float], None] | None = None
    """a document that was planned or refused anew, and the seconds it took; not called for what is remembered"""
    subgraph_request: Callable[[SubgraphRequest], Any] | None = None
    """a request to a subgraph, or the opening of a stream; returns the one to make instead"""
    subgraph_response: Callable[[SubgraphRequest, Mapping[str, Any]], Any] | None = None
    """an answer of a subgraph, or an event of its stream; returns the one to go on with instead"""
    response: Callable[[GraphQLRequest, Result], Any] | None = None
    """a result, an event of a live subscription, or a part of an answer with ``@defer``; returns the one to send"""
    error: Callable[[GraphQLRequest, Mapping[str, Any]], Mapping[str, Any] | None] | None = None
    """one entry of ``errors`` on its way to the client; returns the one to send"""


class WrongExtension(Exception):
    """A name in the settings, which the message tells, is not that of an extension."""


def extension_named(name: str) -> Extension:
    """
    The extension that ``package.module:name`` is; the module is imported from the Python path.

    :raises WrongExtension: there is none of this name.
    """
    module, _, attribute = name.partition(":")
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as problem:
        raise WrongExtension(f"extensions: {name} cannot be imported: {problem}; write package.module:name") from None
    if not isinstance(found, Extension):
        raise WrongExtension(f"extensions: {name} is a {type(found).__name__}; it must be a gateway_graphql.Extension")
    return found


class Extensions:
    """Several, called one after the other in the order they were given."""

    def __init__(self, extensions: Sequence[Extension] = ()) -> None:
        self._request = [one.request for one in extensions if one.request]
        self._operation = [one.operation for one in extensions if one.operation]
        self._plan = [one.plan for one in extensions if one.plan]
        self._subgraph_request = [one.subgraph_request for one in extensions if one.subgraph_request]
        self._subgraph_response = [one.subgraph_response for one in extensions if one.subgraph_response]
        self._response = [one.response for one in extensions if one.response]
        self._error = [one.error for one in extensions if one.error]
        self.change_results = bool(self._response or self._error)
        self.change_fetches = bool(self._subgraph_request or self._subgraph_response)

    async def on_request(self, request: HttpRequest) -> None:
        """Tell of a request."""
        for tell in self._request:
            said = tell(request)
            if inspect.isawaitable(said):
                await said

    async def on_operation(self, operation: GraphQLRequest) -> GraphQLRequest:
        """The operation to answer."""
        for change in self._operation:
            operation = await _changed(operation, change(operation))
        return operation

    def on_plan(self, document: str, prepared: Prepared | RequestErrors, seconds: float) -> None:
        """Tell of a plan."""
        for tell in self._plan:
            tell(document, prepared, seconds)

    async def on_subgraph_request(self, request: SubgraphRequest) -> SubgraphRequest:
        """The request to make."""
        for change in self._subgraph_request:
            request = await _changed(request, change(request))
        return request

    async def on_subgraph_response(self, request: SubgraphRequest, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to go on with."""
        for change in self._subgraph_response:
            answer = await _changed(answer, change(request, answer))
        return answer

    async def on_result(self, operation: GraphQLRequest, result: Result) -> Result:
        """The result to send."""
        if self._error and result.get("errors"):
            result = {**result, "errors": [self._told(operation, error) for error in result["errors"]]}
        for change in self._response:
            result = await _changed(result, change(operation, result))
        return result

    def _told(self, operation: GraphQLRequest, error: Mapping[str, Any]) -> Mapping[str, Any]:
        for change in self._error:
            error = change(operation, error) or error
        return error


async def _changed(value: T, said: Any) -> T:
    if inspect.isawaitable(said):
        said = await said
    return value if said is None else cast(T, said)


class ExtendedGateway:
    """A :class:`~gateway_graphql.execution.gateway.Gateway` whose results pass the extensions."""

    def __init__(self, gateway: Gateway, extensions: Extensions) -> None:
        self._gateway = gateway
        self._extensions = extensions
        self.understood = gateway.understood
        self.estimated_cost = gateway.estimated_cost

    async def execute(self, request: GraphQLRequest) -> Result:
        """As the gateway's."""
        return await self._extensions.on_result(request, await self._gateway.execute(request))

    async def execute_incrementally(self, request: GraphQLRequest) -> AsyncGenerator[Result, None]:
        """As the gateway's; errors of deferred parts are left as they are, their part passes as a whole."""
        async with aclosing(self._gateway.execute_incrementally(request)) as parts:
            async for part in parts:
                yield await self._extensions.on_result(request, part)

    async def subscribe(self, request: GraphQLRequest) -> AsyncGenerator[Result, None]:
        """As the gateway's."""
        async with aclosing(self._gateway.subscribe(request)) as events:
            async for event in events:
                yield await self._extensions.on_result(request, event)


class ExtendedClient:
    """A :class:`~gateway_graphql.execution.subgraph_client.SubgraphClient` whose requests pass the extensions."""

    def __init__(self, client: SubgraphClient, extensions: Extensions) -> None:
        self._client = client
        self._extensions = extensions

    async def fetch(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """As the client's."""
        request = await self._request(request)
        return await self._extensions.on_subgraph_response(request, await self._client.fetch(request))

    async def subscribe(self, request: SubgraphRequest) -> AsyncIterator[Mapping[str, Any]]:
        """As the client's."""
        request = await self._request(request)
        async with aclosing(cast(Any, self._client.subscribe(request))) as events:
            async for event in events:
                yield await self._extensions.on_subgraph_response(request, event)

    async def _request(self, request: SubgraphRequest) -> SubgraphRequest:
        try:
            return await self._extensions.on_subgraph_request(request)
        except SubgraphError:
            raise
        except Exception as problem:
            # The client learns that a part is missing; what is wrong with the extension is for those who wrote it.
            log.exception("extension failed", point="subgraph_request", subgraph=request.subgraph)
            raise SubgraphError(request.subgraph, "an extension of the gateway refused the request") from problem
