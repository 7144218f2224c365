"""From a path, a query string or a body to the variables of an operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson

from gateway_graphql.server.asgi import HttpRequest, Refused
from gateway_graphql.server.json_text import loads
from gateway_graphql.server.request_body import checked_depth
from gateway_graphql.server.rest.page import Endpoint, Variable
from gateway_graphql.server.settings import Limits

__all__ = ["read_variables"]

READERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "Int": (int, "a whole number"),
    "Float": (float, "a number"),
    "Boolean": ({"true": True, "false": False}.__getitem__, "true or false"),
}
"""what is not a text in JSON; ids, enums and custom scalars are texts"""


async def read_variables(
    endpoint: Endpoint, in_path: Mapping[str, str], request: HttpRequest, limits: Limits
) -> dict[str, Any]:
    """
    The variables of an endpoint's operation, as this request gives them.

    :raises Refused: 400 with every parameter that is wrong, 413, or 415.
    """
    kinds = {one.name: one for one in endpoint.variables}
    wrong: list[dict[str, Any]] = []
    values = {name: _value(kinds[name], [text], wrong) for name, text in in_path.items()}
    values |= _from_query(endpoint, request.query_string, wrong)
    if endpoint.in_body:
        values |= await _from_body(endpoint, request, limits, wrong)
    wrong += [
        _problem(name, "is missing")
        for name, one in kinds.items()
        if one.is_required and name not in values and not wrong
    ]
    if wrong:
        raise _refused(wrong)
    return values


def _from_query(endpoint: Endpoint, query_string: bytes, wrong: list[dict[str, Any]]) -> dict[str, Any]:
    try:
        given = parse_qs(query_string.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise _refused([_problem("", "The query string is not URL-encoded UTF-8.")]) from None
    known = {one.name: one for one in endpoint.in_query}
    wrong += [_problem(name, f"is not a parameter here; {_known(known)}") for name in given if name not in known]
    return {name: _value(known[name], texts, wrong) for name, texts in given.items() if name in known}


def _value(variable: Variable, texts: list[str], wrong: list[dict[str, Any]]) -> Any:
    read, expected = READERS.get(variable.type_name, (str, ""))
    if not variable.is_list and len(texts) > 1:
        wrong.append(_problem(variable.name, "is given more than once"))
        return None
    try:
        values = [read(text) for text in texts]
    except (ValueError, KeyError):
        wrong.append(_problem(variable.name, f"must be {expected}"))
        return None
    return values if variable.is_list else values[0]


async def _from_body(
    endpoint: Endpoint, request: HttpRequest, limits: Limits, wrong: list[dict[str, Any]]
) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json in UTF-8.")
    body = await request.body(limits.json_bytes, "limits.json_bytes")
    try:
        value = loads(body) if body else None
    except orjson.JSONDecodeError as problem:
        raise _refused([_problem("", f"The body is not JSON: {problem}.")]) from None
    if not isinstance(value, dict):
        raise _refused([_problem("", "The body must be a JSON object.")])
    checked_depth(value, limits)
    if endpoint.body is not None:
        return {endpoint.body: value}
    known = {one.name: one for one in endpoint.in_body}
    wrong += [_problem(name, f"is not a member of the body; {_known(known)}") for name in value if name not in known]
    return {name: inner for name, inner in value.items() if name in known}


def _known(names: Mapping[str, Variable]) -> str:
    return f"known here: {', '.join(sorted(names))}" if names else "there are none"


def _problem(name: str, message: str) -> dict[str, Any]:
    return {"parameter": name, "message": f"{name} {message}."} if name else {"message": message}


def _refused(wrong: list[dict[str, Any]]) -> Refused:
    refused = Refused(400, "BAD_USER_INPUT", " ".join(one["message"] for one in wrong))
    refused.errors = [{"extensions": {"code": "BAD_USER_INPUT"}, **one} for one in wrong]
    return refused
