"""One id follows a request through gateway, subgraph, fact, task and update."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import getrandbits

from gateway_graphql.execution.caller import Caller
from gateway_graphql.execution.subgraph_client import SubgraphRequest

__all__ = ["PER_REQUEST", "REQUEST_ID", "Identity", "identity_in", "identity_of", "request_id_from"]

Identity = tuple[Caller, tuple[tuple[str, str], ...]]
REQUEST_ID = "x-request-id"
PER_REQUEST = frozenset({REQUEST_ID, "traceparent", "tracestate"})
"""headers that differ from request to request and say nothing about who asks: they keep nobody from sharing"""
ACCEPTABLE = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def request_id_from(given: str | None) -> str:
    """The caller's id if it is harmless in logs and headers, else a new one."""
    if given is not None and ACCEPTABLE.fullmatch(given):
        return given
    return f"{getrandbits(128):032x}"  # unique, not secret


def identity_of(request: SubgraphRequest) -> Identity:
    """Who asks and how. Equal for requests that may share an answer, a stream or a connection."""
    return request.caller, identity_in(request.headers)


def identity_in(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """All headers but those that only name the request."""
    return tuple((name, value) for name, value in headers.items() if name not in PER_REQUEST)
