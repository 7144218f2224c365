"""GraphQL over HTTP as the specification asks: negotiated media type, request errors without ``data`` and with 400."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import structlog
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from strawberry.django.views import AsyncGraphQLView
from strawberry.http import GraphQLRequestData

from subgraphs.chassis.threads import in_thread

RESPONSE_JSON = "application/graphql-response+json"
PLAIN_JSON = "application/json"

log = structlog.get_logger("graphql")


class SubgraphView(AsyncGraphQLView):
    """
    The one endpoint of a subgraph.

    :param loaders: makes the data loaders of one request; they become the context of its resolvers
    """

    loaders: Callable[[], Mapping[str, Any]] = dict
    graphql_ide = None
    media_type = RESPONSE_JSON
    """of the answer to this request; Django makes a view for each"""

    def __init__(self, loaders: Callable[[], Mapping[str, Any]] = dict, **arguments: Any) -> None:
        super().__init__(**{"graphql_ide": None, **arguments})
        self.loaders = loaders

    async def get_context(self, request: HttpRequest, response: HttpResponse) -> Any:  # noqa: ARG002
        return {"request": request, **self.loaders()}

    async def dispatch(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponseBase:  # type: ignore[override]
        media_type = _wanted(request.headers.get("Accept", ""))
        if media_type is None:
            return _refusal(406, f"answers are {RESPONSE_JSON} or {PLAIN_JSON}", PLAIN_JSON)
        self.media_type = media_type
        try:
            if self.multipart_uploads_enabled and (request.content_type or "").startswith("multipart/form-data"):
                # Django parses the body when it is first looked at; a large file would hold up everybody else.
                await in_thread(_take_in_files, request)
            response = await self.run(request=request)
        except HTTPException as refused:
            response = _refusal(refused.status_code, refused.reason, media_type)
            if refused.status_code == 405:
                response["Allow"] = "GET, POST"
            return response
        except RequestDataTooBig:
            limit = f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,}"
            return _refusal(413, f"The request is larger than the {limit} bytes allowed.", media_type)
        except Exception as problem:
            # Broken multipart bodies, JSON that is no object: the library trips over them in several ways.
            log.warning("request not understood", problem=repr(problem))
            return _refusal(400, "The request is not understood: send JSON with query and variables.", media_type)
        response["Content-Type"] = f"{media_type}; charset=utf-8"
        return response

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData | list[GraphQLRequestData]:
        data = await super().parse_http_body(request)
        if isinstance(data, GraphQLRequestData):
            if not data.query:
                raise HTTPException(400, "The request has no query.")
            if data.operation_name is not None and not isinstance(data.operation_name, str):
                raise HTTPException(400, "operationName must be a string or null.")
        return data

    def create_response(self, response_data: Any, sub_response: HttpResponse) -> HttpResponseBase:
        status = sub_response.status_code or 200
        if isinstance(response_data, dict):
            response_data = dict(response_data)
            # Errors without a path come from before execution: the request itself is at fault.
            if response_data.get("data") is None and all(
                "path" not in error for error in response_data.get("errors") or [{"path": []}]
            ):
                response_data.pop("data", None)
                # Under the older media type a status below 500 says nothing of the operation.
                status = 400 if self.media_type == RESPONSE_JSON else 200
            if not response_data.get("extensions"):
                response_data.pop("extensions", None)
        return HttpResponse(orjson.dumps(response_data, default=str), status=status)

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)


def _wanted(accept: str) -> str | None:
    offered = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    for media_type in offered:
        if media_type in {RESPONSE_JSON, PLAIN_JSON}:
            return media_type
    # Who names neither may know only the older one.
    return PLAIN_JSON if not accept.strip() or {"*/*", "application/*"} & set(offered) else None


def _refusal(status: int, message: str, media_type: str) -> HttpResponse:
    body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]})
    return HttpResponse(body, status=status, content_type=f"{media_type}; charset=utf-8")


def _take_in_files(request: HttpRequest) -> None:
    if not request.META.get("CONTENT_LENGTH"):
        # Sent in chunks. The body is here as a whole already, but without a length Django takes it for empty.
        body: Any = request._stream  # type: ignore[attr-defined]
        request.META["CONTENT_LENGTH"] = str(body.seek(0, os.SEEK_END))
        body.seek(0)
    _ = request.FILES
