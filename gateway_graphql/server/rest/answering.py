"""One REST request in, the operation of its endpoint, one answer out."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, time
from email.utils import format_datetime
from pathlib import Path
from typing import Any, cast

import orjson

from gateway_graphql.execution.gateway import Gateway, GraphQLRequest
from gateway_graphql.server.asgi import Answer, Headers, HttpRequest, Refused, json_answer
from gateway_graphql.server.forwarding import forwarded_headers
from gateway_graphql.server.json_text import dumps
from gateway_graphql.server.rest.openapi import openapi, problems_with
from gateway_graphql.server.rest.page import Deprecation, Endpoint, RestPage, WrongRestPage, read_rest_page
from gateway_graphql.server.rest.problem import REFUSED, problem_answer, status_of
from gateway_graphql.server.rest.variables import read_variables
from gateway_graphql.server.settings import ServerSettings

__all__ = ["RestApi"]

DESCRIPTION = "/openapi.json"
REFUSALS = {"NOT_FOUND": 404, "CONFLICT": 409, "FORBIDDEN": 403}
"""by the code of a problem that is data"""
OURS = frozenset({"GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"})
"""an endpoint's operation does not fit the graph: nothing a client could mend"""

Execute = Callable[[GraphQLRequest, HttpRequest], Awaitable[Mapping[str, Any]]]


class RestApi:
    """One version of an API: its endpoints and its OpenAPI document."""

    def __init__(self, page: RestPage, settings: ServerSettings) -> None:
        self.page = page
        self._settings = settings
        self._forwarded = settings.forwarded()
        self._version: Headers = ((b"api-version", page.version.encode()),)
        self._described: tuple[Gateway, bytes] | None = None

    @classmethod
    def of(cls, file: Path, gateway: Gateway, settings: ServerSettings) -> RestApi:
        """
        The API of a page, for this graph.

        :raises WrongRestPage: the page cannot be read, or its operations do not fit the graph.
        """
        page = read_rest_page(file)
        if wrong := problems_with(page, gateway):
            raise WrongRestPage(file, wrong)
        return cls(page, settings)

    def has(self, path: str) -> bool:
        """Whether this path is one of the API's, answered or not."""
        return path.startswith(f"{self.page.prefix}/")

    async def answer(self, request: HttpRequest, gateway: Gateway, execute: Execute) -> Answer:
        """The answer to one request; ``execute`` asks the graph, within whatever limits there are."""
        path = request.path.removeprefix(self.page.prefix)
        if path == DESCRIPTION and request.method == "GET":
            return Answer(200, b"application/json", self._description(gateway), self._version)
        endpoint, in_path = self._routed(request.method, path)
        variables = await read_variables(endpoint, in_path, request, self._settings.limits)
        forwarded = forwarded_headers(request.headers, self._forwarded, request.request_id)
        operation = GraphQLRequest(endpoint.document, endpoint.name, variables, {}, forwarded, request.caller)
        answer = self._made(endpoint, await execute(operation, request), request)
        answer.headers += (*self._version, *_deprecated(endpoint.deprecation))
        return answer

    def refusal(self, refused: Refused, request: HttpRequest) -> Answer:
        """What was refused before anything was asked of the graph."""
        errors = [_told(error) for error in refused.errors]
        headers = (*refused.headers, *self._version)
        return problem_answer(
            refused.status, errors[0]["code"], str(refused), request.request_id, errors[1:] and errors, headers
        )

    def operations(self) -> list[GraphQLRequest]:
        """Every operation of the API, to be planned before somebody asks."""
        return [GraphQLRequest(one.document, one.name) for one in self.page.endpoints]

    def _description(self, gateway: Gateway) -> bytes:
        if self._described is None or self._described[0] is not gateway:
            self._described = (gateway, orjson.dumps(openapi(self.page, gateway), option=orjson.OPT_INDENT_2))
        return self._described[1]

    def _routed(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
        parts = path.split("/")
        fitting = [(one, found) for one in self.page.endpoints if (found := _fits(one, parts)) is not None]
        if not fitting:
            where = f"{self.page.prefix}{DESCRIPTION}"
            raise Refused(404, "NOT_FOUND", f"There is nothing at {path} in this API; {where} describes what there is.")
        # A path that is spelt out is meant rather than one with a variable in the same place.
        fitting.sort(key=lambda one: len(one[1]))
        for endpoint, found in fitting:
            if endpoint.method == method:
                return endpoint, found
        allowed = ", ".join(sorted({one.method for one, _ in fitting}))
        raise Refused(
            405, "METHOD_NOT_ALLOWED", f"{path} can be asked with {allowed}.", ((b"allow", allowed.encode()),)
        )

    def _made(self, endpoint: Endpoint, result: Mapping[str, Any], request: HttpRequest) -> Answer:
        if errors := result.get("errors"):
            return _failed([_told(error) for error in errors], request)
        data = result["data"]
        if endpoint.problems is not None and (refusals := _at(data, endpoint.problems)):
            code = refusals[0].get("code") or "REFUSED"
            detail = " ".join(one["message"] for one in refusals)
            return problem_answer(REFUSALS.get(code, REFUSED), code, detail, request.request_id, refusals)
        value = _at(data, endpoint.answer)
        if value is None:
            return problem_answer(404, "NOT_FOUND", "There is no such thing that you may see.", request.request_id)
        if endpoint.status == 204:
            return Answer(204, b"text/plain", b"")
        if endpoint.problems is not None and endpoint.problems[:-1] == endpoint.answer:
            value = {name: inner for name, inner in value.items() if name != endpoint.problems[-1]}
        return _tagged(value, request) if endpoint.method == "GET" else json_answer(endpoint.status, value)


def _fits(endpoint: Endpoint, parts: list[str]) -> dict[str, str] | None:
    wanted = endpoint.path.split("/")
    if len(wanted) != len(parts):
        return None
    found = {}
    for want, part in zip(wanted, parts, strict=True):
        if want.startswith("{") and part:
            found[want[1:-1]] = part
        elif want != part:
            return None
    return found


def _at(data: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if data is None:
            return None
        data = data[name]
    return data


def _failed(errors: list[dict[str, Any]], request: HttpRequest) -> Answer:
    code = errors[0]["code"]
    detail = errors[0]["message"]
    status = 500 if code in OURS else status_of(code, anonymous=not request.caller.known)
    return problem_answer(status, code, detail, request.request_id, errors)


def _told(error: Mapping[str, Any]) -> dict[str, Any]:
    """A GraphQL error without what is only meant for who wrote the operation."""
    code = (error.get("extensions") or {}).get("code", "INTERNAL_SERVER_ERROR")
    return {"message": error["message"], "code": code} | {
        name: error[name] for name in ("parameter", "path") if name in error
    }


def _tagged(value: Any, request: HttpRequest) -> Answer:
    """The answer with its ETag; or 304, where the client has just this."""
    body = dumps(value)
    # Weak: the same answer compressed is the same to who asks.
    tag = b'W/"%s"' % hashlib.blake2b(body, digest_size=12).hexdigest().encode()
    headers: Headers = ((b"etag", tag), (b"cache-control", b"private, no-cache"))
    known = request.headers.get("if-none-match", "").encode("latin-1")
    if known and (known == b"*" or tag in (one.strip() for one in known.split(b","))):
        return Answer(304, b"application/json", b"", headers)
    return Answer(200, b"application/json", body, headers)


def _deprecated(deprecation: Deprecation | None) -> Headers:
    """The headers of RFC 9745 (Deprecation) and RFC 8594 (Sunset), and where to read on."""
    if deprecation is None:
        return ()
    since = datetime.combine(deprecation.since, time(), UTC)
    headers = [(b"deprecation", b"@%d" % int(since.timestamp()))]
    if deprecation.sunset is not None:
        sunset = datetime.combine(deprecation.sunset, time(), UTC)
        headers.append((b"sunset", format_datetime(sunset, usegmt=True).encode()))
    links = [
        f'<{target}>; rel="{relation}"'
        for target, relation in ((deprecation.successor, "successor-version"), (deprecation.about, "deprecation"))
        if target is not None
    ]
    if links:
        headers.append((b"link", ", ".join(links).encode()))
    return cast(Headers, tuple(headers))
