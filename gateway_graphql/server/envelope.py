"""The parameters of a request to a subgraph, as GraphQL over HTTP and graphql-transport-ws name them."""

from __future__ import annotations

from typing import Any

from gateway_graphql.execution.subgraph_client import SubgraphRequest

__all__ = ["envelope"]


def envelope(request: SubgraphRequest) -> dict[str, Any]:
    """``query``, and ``operationName`` and ``variables`` if there are any."""
    parameters: dict[str, Any] = {"query": request.document}
    if request.operation_name is not None:
        parameters["operationName"] = request.operation_name
    if request.variables:
        parameters["variables"] = request.variables
    return parameters
