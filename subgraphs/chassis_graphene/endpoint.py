"""
``/graphql``: GraphQL over HTTP as its specification says, file uploads by the multipart request specification.

graphene-django's own view answers every error with status 400 and knows no uploads; execution below is the same.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import graphene
import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationType,
    execute,
    get_operation_ast,
    parse,
    validate,
)
from pymongo.errors import PyMongoError

from subgraphs.chassis.metrics import operation_answered

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"

_ANSWERS = {GRAPHQL_JSON: GRAPHQL_JSON, JSON: JSON, "application/*": JSON, "*/*": JSON}

_HALF_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
"""what could be one: JSON can write it, no text can hold it"""
_MOST_TOKENS = 20_000
_ROOM_FOR_THE_OPERATION = 1024 * 1024
"""bytes of a multipart request besides its file"""

log = structlog.get_logger("graphql")


class RefusedRequest(Exception):
    """The request is not one this endpoint can answer."""

    def __init__(self, status: int, message: str, code: str = "BAD_REQUEST") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True)
class Operation:
    """What the client sent."""

    query: str
    variables: Mapping[str, Any] | None
    name: str | None


@method_decorator(csrf_exempt, name="dispatch")
class GraphQLEndpoint(View):
    """Answers operations on one schema."""

    schema: graphene.Schema | None = None
    http_method_names = ("get", "post", "options")

    def get(self, request: HttpRequest) -> HttpResponse:
        """A query in the address of the request."""
        return self._answer(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Any operation, in the body of the request."""
        return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        media_type = _acceptable(request)
        try:
            if media_type is None:
                raise RefusedRequest(406, f"this endpoint answers with {GRAPHQL_JSON} or {JSON}")
            operation = _operation(request)
            result = self._execute(request, operation)
        except RefusedRequest as refused:
            error = {"message": str(refused), "extensions": {"code": refused.code}}
            response = _response({"errors": [error]}, media_type or JSON, refused.status)
            if refused.status == 405:
                response["Allow"] = "POST"
            return response
        body: dict[str, Any] = {}
        if result.errors:
            logged: set[int] = set()
            body["errors"] = [_formatted(error, logged) for error in result.errors]
        # Without a single field executed there is no data, not even null.
        executed = result.data is not None or any(error.path for error in result.errors or ())
        if executed:
            body["data"] = result.data
        status = 200 if executed or media_type == JSON else 400
        return _response(body, media_type, status)

    def _execute(self, request: HttpRequest, operation: Operation) -> ExecutionResult:
        assert self.schema is not None  # noqa: S101 - as_view names it
        started = time.perf_counter()
        document, errors = _checked(self.schema, operation.query)
        result = self._result(request, operation, document, errors)
        operation_answered(document, operation.name, result.errors, time.perf_counter() - started)
        return result

    def _result(
        self,
        request: HttpRequest,
        operation: Operation,
        document: DocumentNode | None,
        errors: tuple[GraphQLError, ...],
    ) -> ExecutionResult:
        assert self.schema is not None  # noqa: S101 - as_view names it
        if document is None:
            return ExecutionResult(None, list(errors))
        chosen = get_operation_ast(document, operation.name)
        if request.method == "GET" and chosen is not None and chosen.operation != OperationType.QUERY:
            raise RefusedRequest(405, f"a {chosen.operation.value} needs POST")
        if errors:
            return ExecutionResult(None, list(errors))
        result = execute(
            self.schema.graphql_schema,
            document,
            context_value=request,
            variable_values=dict(operation.variables or {}),
            operation_name=operation.name,
        )
        assert isinstance(result, ExecutionResult)  # noqa: S101 - no resolver of ours is asynchronous
        return result


@lru_cache(maxsize=1_000)
def _checked(schema: graphene.Schema, query: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    """Parsed and validated; the gateway sends the same operations again and again."""
    try:
        document = parse(query, max_tokens=_MOST_TOKENS)
    except GraphQLError as wrong:
        wrong.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
        return None, (wrong,)
    errors = validate(schema.graphql_schema, document, max_errors=20)
    for error in errors:
        error.extensions = {"code": "GRAPHQL_VALIDATION_FAILED"}
    return document, tuple(errors)


def _acceptable(request: HttpRequest) -> str | None:
    """The media type to answer with: the one the client likes best, the older one where it takes anything."""
    ranges = [_media_range(part) for part in (request.headers.get("Accept") or "*/*").split(",") if part.strip()]
    for name, quality in sorted(ranges, key=lambda one: -one[1]):
        if quality > 0 and name in _ANSWERS:
            return _ANSWERS[name]
    return None


def _media_range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = next((value for parameter in parameters if (value := parameter.removeprefix("q=")) != parameter), "1")
    try:
        return name, float(quality)
    except ValueError:
        return name, 0.0


def _operation(request: HttpRequest) -> Operation:
    if request.method == "GET":
        return _operation_in(
            {
                "query": request.GET.get("query"),
                "operationName": request.GET.get("operationName") or None,
                "variables": _json(request.GET["variables"], "variables") if request.GET.get("variables") else None,
            }
        )
    media_type = (request.content_type or "").lower()
    try:
        if media_type == JSON:
            return _operation_in(_json(request.body, "the body"))
        if media_type == "multipart/form-data":
            return _operation_in(_multipart(request))
    except (RequestDataTooBig, TooManyFilesSent):
        raise RefusedRequest(
            413, f"the request is larger than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes"
        ) from None
    raise RefusedRequest(415, f"send the operation as {JSON} (a file upload as multipart/form-data)")


def _operation_in(sent: Any) -> Operation:
    if not isinstance(sent, dict):
        raise RefusedRequest(400, "the body must be one JSON object with query, variables and operationName")
    query, variables, name = sent.get("query"), sent.get("variables"), sent.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise RefusedRequest(400, "query is missing: send the text of the operation")
    if variables is not None and not isinstance(variables, dict):
        raise RefusedRequest(400, "variables must be an object")
    if name is not None and not isinstance(name, str):
        raise RefusedRequest(400, "operationName must be a text")
    if sent.get("extensions") is not None and not isinstance(sent["extensions"], dict):
        raise RefusedRequest(400, "extensions must be an object")
    return Operation(query, variables, name)


def _multipart(request: HttpRequest) -> dict[str, Any]:
    """The operation of an upload, with the files where its variables want them."""
    limits = getattr(settings, "UPLOAD_LIMITS", None)
    most = (limits.file_bytes if limits else settings.DATA_UPLOAD_MAX_MEMORY_SIZE) + _ROOM_FOR_THE_OPERATION
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise RefusedRequest(
            413, f"the upload is larger than {most:,} bytes; send it in several parts", "FILE_TOO_LARGE"
        )
    try:
        operations = _json(request.POST.get("operations", ""), "operations")
        places = _json(request.POST.get("map", ""), "map")
        files = request.FILES
    except MultiPartParserError as wrong:
        raise RefusedRequest(400, f"the multipart body is broken: {wrong}") from None
    if not isinstance(operations, dict) or not isinstance(places, dict):
        raise RefusedRequest(400, "operations and map must each be one JSON object (no batches)")
    for name, paths in places.items():
        if name not in files:
            raise RefusedRequest(400, f"map names the file {name!r}, which is not in the request")
        if not isinstance(paths, list):
            raise RefusedRequest(400, f"map: {name!r} must be a list of places such as variables.file")
        for path in paths:
            _put(operations, str(path), files[name])
    return operations


def _put(operations: dict[str, Any], path: str, file: Any) -> None:
    first, *steps = path.split(".")
    target: Any = operations.get("variables") if first == "variables" else None
    try:
        for step in steps[:-1]:
            target = target[int(step)] if isinstance(target, list) else target[step]
        key: Any = int(steps[-1]) if isinstance(target, list) else steps[-1]
        if target[key] is not None:
            raise ValueError
        target[key] = file
    except (KeyError, IndexError, TypeError, ValueError):
        raise RefusedRequest(400, f"map: {path!r} is no place for a file; it must be a variable that is null") from None


def _json(text: str | bytes, what: str) -> Any:
    try:
        value = json.loads(text)
        if _HALF_A_CHARACTER.search(text if isinstance(text, bytes) else text.encode()):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise RefusedRequest(400, f"{what} holds half a character (a surrogate without its pair)") from None
    except (ValueError, RecursionError):
        raise RefusedRequest(400, f"{what} is not valid JSON") from None
    return value


def _formatted(error: GraphQLError, logged: set[int]) -> dict[str, Any]:
    """
    What the client may know of an error: our own words as they are, of anything else only that it happened.

    :param logged: what this request has logged already; one cause may fail many entities
    """
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    formatted: dict[str, Any] = dict(error.formatted)
    if cause is None or isinstance(cause, GraphQLError):
        formatted["extensions"] = {"code": "BAD_USER_INPUT", **(error.extensions or {})}
        return formatted
    if isinstance(cause, (DatabaseError, PyMongoError)):
        if id(cause) not in logged:
            log.error("store failed", path=error.path, problem=repr(cause))
        message, code = "The store does not answer; try again in a moment.", "STORE_UNAVAILABLE"
    else:
        if id(cause) not in logged:
            log.error("resolver failed", path=error.path, exc_info=cause)
        message, code = "Something went wrong here; the log says what.", "INTERNAL_ERROR"
    logged.add(id(cause))
    formatted["message"] = f"{type(cause).__name__}: {cause}" if settings.DEBUG else message
    formatted["extensions"] = {"code": code}
    return formatted


def _response(body: Mapping[str, Any], media_type: str, status: int) -> HttpResponse:
    return HttpResponse(
        json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        status=status,
        content_type=f"{media_type}; charset=utf-8",
    )
