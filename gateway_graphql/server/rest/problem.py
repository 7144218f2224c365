"""What went wrong, as RFC 9457 has it (``application/problem+json``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from gateway_graphql.server.asgi import Answer, Headers, json_answer

__all__ = ["PROBLEM", "REFUSED", "problem_answer", "status_of"]

PROBLEM = b"application/problem+json"
STATUSES = {
    "BAD_USER_INPUT": 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "UNAUTHORIZED_FIELD_OR_TYPE": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "RATE_LIMITED": 429,
    "COST_ESTIMATED_TOO_EXPENSIVE": 400,
    "DOWNSTREAM_SERVICE_ERROR": 502,
    "SUBREQUEST_HTTP_ERROR": 502,
    "SUBREQUEST_MALFORMED_RESPONSE": 502,
    "SUBGRAPH_UNAVAILABLE": 503,
    "SUBGRAPH_OVERLOADED": 503,
    "SUBGRAPH_TIMEOUT": 504,
    "GATEWAY_TIMEOUT": 504,
}
"""by the code of a GraphQL error; any other is a fault of ours"""
REFUSED = 422
"""the request is well-formed, and what it asks was refused for a reason that is data"""


def status_of(code: str, *, anonymous: bool) -> int:
    """The HTTP status for an error of this code; whoever has shown no token can mend a refusal by showing one."""
    status = STATUSES.get(code, 500)
    return 401 if status == 403 and anonymous else status


def problem_answer(
    status: int,
    code: str,
    detail: str,
    request_id: str,
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Headers = (),
) -> Answer:
    """
    The answer.

    ``code`` is for programs, ``detail`` for people. ``errors`` are all that is known of what was wrong, each with a
    ``message`` and, where they are known, a ``code`` and the ``parameter`` or ``field`` it is about.
    """
    if status == 401:
        headers = (*headers, (b"www-authenticate", b"Bearer"))
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "requestId": request_id,
        **({"errors": list(errors)} if errors else {}),
    }
    return json_answer(status, body, PROBLEM, headers)
