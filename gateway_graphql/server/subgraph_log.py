"""Tells the log of subgraphs that fail: the client reads what is missing, the operator also where."""

from __future__ import annotations

from gateway_graphql.execution.errors import SubgraphError
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from gateway_graphql.server.access_log import log
from gateway_graphql.server.request_id import REQUEST_ID

__all__ = ["tell_of"]


def tell_of(problem: SubgraphError, request: SubgraphRequest) -> None:
    """One line."""
    log.warning(
        "subgraph failed",
        subgraph=request.subgraph,
        url=request.url,
        problem=problem.reason,
        code=problem.code,
        request_id=request.headers.get(REQUEST_ID),
    )
