"""GraphQL over HTTP: a request in, the engine, an answer out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any

from gateway_graphql.execution.caller import ANONYMOUS, Caller
from gateway_graphql.execution.gateway import Gateway, GraphQLRequest, RequestErrors
from gateway_graphql.execution.subgraph_client import OperationKind
from gateway_graphql.server.asgi import (
    Answer,
    HttpRequest,
    Refused,
    StreamedAnswer,
    json_answer,
)
from gateway_graphql.server.client_gone import CancelledWhenGone
from gateway_graphql.server.csrf import refuse_simple
from gateway_graphql.server.extensions import Extensions
from gateway_graphql.server.forwarding import forwarded_headers
from gateway_graphql.server.live_streams import Closing, event_stream, multipart_stream, parts_stream
from gateway_graphql.server.multipart_request import read_multipart
from gateway_graphql.server.negotiation import (
    EVENT_STREAM,
    GRAPHQL_RESPONSE,
    HTML,
    JSON,
    MULTIPART,
    accepts_parts,
    media_type_for,
    stream_type_for,
)
from gateway_graphql.server.persisted_documents import PersistedDocuments
from gateway_graphql.server.rate_limits import RateLimits
from gateway_graphql.server.request_body import from_json, from_query_string
from gateway_graphql.server.settings import ServerSettings
from gateway_graphql.server.spooled_file import close_all
from gateway_graphql.server.to_the_end import to_the_end

__all__ = ["GraphQLEndpoint"]

ALLOW = ((b"allow", b"GET, POST"),)
LAST_EVENT_ID = "last-event-id"
"""where a client that comes back says what it has heard last; whoever has the stream knows how to go on"""


class GraphQLEndpoint:
    """``/graphql`` for HTTP."""

    def __init__(
        self,
        gateway: Gateway,
        settings: ServerSettings,
        documents: PersistedDocuments,
        extensions: Extensions,
        rate_limits: RateLimits,
    ) -> None:
        self._gateway = gateway
        self._settings = settings
        self._forwarded = settings.forwarded()
        self._documents = documents
        self._extensions = extensions
        self._rate_limits = rate_limits
        self.closing = Closing()

    def on(self, gateway: Gateway) -> GraphQLEndpoint:
        """The same, but for another engine; what is under way here ends here."""
        other = copy(self)
        other._gateway = gateway
        return other

    async def answer(self, request: HttpRequest) -> Answer | StreamedAnswer:
        """The answer to one request, refusals included, in the media type the client asked for."""
        media_type = media_type_for(request.headers.get("accept"))
        try:
            if media_type is None:
                raise _not_acceptable()
            asked = _with_caller(await self._asked(request), request.caller)
            if isinstance(asked, list):
                return await self._batch(asked, request)
            operation = await self._extensions.on_operation(asked)
            if request.method == "GET":
                await self._refuse_writing_by_get(operation)
            if self._rate_limits.counts_cost:
                await self._spend([operation], request)
            return await self._executed(operation, request, media_type)
        except Refused as refused:
            said_in = media_type if media_type in (JSON, GRAPHQL_RESPONSE) else JSON
            return json_answer(refused.status, {"errors": refused.errors}, said_in.encode(), refused.headers)

    async def result_of(self, operation: GraphQLRequest, request: HttpRequest) -> Mapping[str, Any]:
        """
        The result of one operation that came in another way than GraphQL over HTTP, with the same limits.

        :raises Refused: it is beyond them, or an extension refuses it.
        """
        operation = await self._extensions.on_operation(operation)
        request.about["operation"] = operation.operation_name
        if self._rate_limits.counts_cost:
            await self._spend([operation], request)
        result = await self._execute_unless_gone(operation, request)
        if "errors" in result:
            request.about["errors"] = len(result["errors"])
        return result

    async def _asked(self, request: HttpRequest) -> GraphQLRequest | list[GraphQLRequest | Refused]:
        forwarded = forwarded_headers(request.headers, self._forwarded, request.request_id)
        if request.method == "GET":
            self._refuse_simple(request, only_reads=True)
            return from_query_string(request.query_string, forwarded, self._documents, self._settings.limits)
        if request.method != "POST":
            raise Refused(405, "METHOD_NOT_ALLOWED", "GraphQL is asked with POST or GET.", ALLOW)
        kind, charset = _content_type(request.headers)
        if kind == "multipart/form-data":
            self._refuse_simple(request)
            return await read_multipart(request, self._settings.limits, forwarded, self._documents)
        if kind != "application/json" or charset not in ("utf-8", "utf8"):
            raise _unsupported(request.headers.get("content-type"))
        body = await request.body(self._settings.limits.json_bytes, "limits.json_bytes")
        return from_json(body, forwarded, self._documents, self._settings.limits)

    def _refuse_simple(self, request: HttpRequest, *, only_reads: bool = False) -> None:
        settings = self._settings
        if settings.csrf_prevention:
            refuse_simple(request.headers, settings.csrf_headers, settings.cors_origins, only_reads=only_reads)

    async def _batch(self, batch: list[GraphQLRequest | Refused], request: HttpRequest) -> Answer:
        """A JSON list of the results, in the order of the operations, which run beside one another."""
        request.about["batch"] = len(batch)
        more = len(batch) - 1  # one was counted before the body was read
        await self._rate_limits.request(request.caller, request.address, request.headers, more, request.windows)
        if self._rate_limits.counts_cost:
            await self._spend([one for one in batch if isinstance(one, GraphQLRequest)], request)

        kinds: set[str] = set()
        with CancelledWhenGone(request.receive, unless=lambda: "mutation" in kinds):
            results = await asyncio.gather(*(self._result_in_batch(one, kinds) for one in batch))
        return json_answer(200, results)

    async def _result_in_batch(self, asked: GraphQLRequest | Refused, kinds: set[str]) -> Mapping[str, Any]:
        try:
            if isinstance(asked, Refused):
                raise asked
            return await self._result(await self._extensions.on_operation(asked), kinds)
        except Refused as refused:
            return {"errors": refused.errors}

    async def _spend(self, operations: list[GraphQLRequest], request: HttpRequest) -> None:
        """Count what these operations would cost, or refuse them all."""
        cost = 0.0
        for one in operations:
            understood = await self._gateway.understood(one)
            if not isinstance(understood, RequestErrors):
                cost += self._gateway.estimated_cost(understood, one)
        await self._rate_limits.cost(request.caller, request.address, request.headers, cost, request.windows)

    async def _refuse_writing_by_get(self, operation: GraphQLRequest) -> None:
        if await self._kind(operation) == "mutation":
            # A link, an image or a crawler must not be able to change anything.
            raise Refused(405, "METHOD_NOT_ALLOWED", "A mutation must be sent with POST.", ((b"allow", b"POST"),))

    async def _executed(
        self, operation: GraphQLRequest, request: HttpRequest, media_type: str
    ) -> Answer | StreamedAnswer:
        if operation.operation_name is not None:
            request.about["operation"] = operation.operation_name[:100]
        accept = request.headers.get("accept", "")
        only_parts = media_type == MULTIPART and "subscriptionspec" not in accept.lower()
        if accepts_parts(accept) and (only_parts or "@defer" in operation.query):
            in_parts = await self._in_parts(operation, request)
            if in_parts is not None:
                return in_parts
        stream_type = None if media_type in (EVENT_STREAM, MULTIPART) else stream_type_for(accept)
        if stream_type is not None and await self._kind(operation) == "subscription":
            media_type = stream_type
        if media_type == EVENT_STREAM:
            if (last := request.headers.get(LAST_EVENT_ID)) is not None:
                operation = replace(operation, headers={**operation.headers, LAST_EVENT_ID: last})
            return event_stream(self._gateway, operation, request.receive, self._settings.live.heartbeat, self.closing)
        if media_type == MULTIPART:
            return multipart_stream(
                self._gateway, operation, request.receive, self._settings.live.heartbeat, self.closing
            )
        result = await self._execute_unless_gone(operation, request)
        if "errors" in result:
            request.about["errors"] = len(result["errors"])
        if "data" in result or media_type != GRAPHQL_RESPONSE:
            return json_answer(200, result, (JSON if media_type == HTML else media_type).encode())
        return json_answer(400, result, GRAPHQL_RESPONSE.encode())

    async def _in_parts(self, operation: GraphQLRequest, request: HttpRequest) -> StreamedAnswer | None:
        kind = await self._kind(operation)
        if kind == "subscription":
            return None
        parts = self._gateway.execute_incrementally(operation)
        if kind == "mutation":
            files, request.files = request.files, []
            parts = to_the_end(parts, lambda: close_all(files))
        return parts_stream(parts, request.receive)

    async def _execute_unless_gone(self, operation: GraphQLRequest, request: HttpRequest) -> Mapping[str, Any]:
        """Execute; when the client leaves, stop asking the subgraphs, unless something is being changed there."""
        kinds: set[str] = set()
        with CancelledWhenGone(request.receive, unless=lambda: "mutation" in kinds):
            return await self._result(operation, kinds)

    async def _result(self, operation: GraphQLRequest, kinds: set[str]) -> Mapping[str, Any]:
        """The result; of which kind the operation is, is in ``kinds`` before anything is asked of a subgraph."""
        if (kind := await self._kind(operation)) is not None:
            kinds.add(kind)
        return await self._gateway.execute(operation)

    async def _kind(self, operation: GraphQLRequest) -> OperationKind | None:
        understood = await self._gateway.understood(operation)
        return None if isinstance(understood, RequestErrors) else understood.kind


def _with_caller(
    asked: GraphQLRequest | list[GraphQLRequest | Refused], caller: Caller
) -> GraphQLRequest | list[GraphQLRequest | Refused]:
    if caller is ANONYMOUS:
        return asked
    if isinstance(asked, list):
        return [one if isinstance(one, Refused) else replace(one, caller=caller) for one in asked]
    return replace(asked, caller=caller)


def _content_type(headers: Mapping[str, str]) -> tuple[str, str]:
    kind, *parameters = (part.strip() for part in headers.get("content-type", "").split(";"))
    charset = "utf-8"
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"').lower()
    return kind.lower(), charset


def _unsupported(given: str | None) -> Refused:
    said = f"not {given!r}" if given else "and the request has no Content-Type"
    return Refused(
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        f"Send the operation as application/json in UTF-8 (or multipart/form-data with files), {said}.",
    )


def _not_acceptable() -> Refused:
    return Refused(
        406,
        "NOT_ACCEPTABLE",
        f"None of the media types in Accept is offered here; ask for {GRAPHQL_RESPONSE}, {JSON}, "
        f"{EVENT_STREAM} or {MULTIPART}.",
    )
