"""
Many GraphQL services, one graph: an Apollo Federation v2 gateway in Python.

* :func:`compose` makes one supergraph of several subgraphs, or says everything that stands in the way.
* :func:`plan` shows how an operation will be answered: which subgraph is asked for what, in which order.
* :class:`Gateway` answers operations; :func:`create_app` is the same as an ASGI application.

The folders are the way of a schema, then of a request: ``composition`` → ``supergraph`` → ``planning`` →
``execution`` → ``server``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway_graphql.composition.compose import CompositionResult, compose
    from gateway_graphql.composition.contract import Contract
    from gateway_graphql.composition.subgraph import Subgraph
    from gateway_graphql.execution.gateway import Gateway, GraphQLRequest
    from gateway_graphql.execution.subgraph_client import SubgraphClient, SubgraphRequest
    from gateway_graphql.planning.plan import Plan
    from gateway_graphql.server import ServerSettings, create_app
    from gateway_graphql.server.extensions import Extension

__all__ = [
    "CompositionResult",
    "Contract",
    "Extension",
    "Gateway",
    "GraphQLRequest",
    "ServerSettings",
    "Subgraph",
    "SubgraphClient",
    "SubgraphRequest",
    "compose",
    "create_app",
    "plan",
]

# Imported when first asked for: who only serves a supergraph does not load the composer, nor the other way round.
_HOMES = {
    "CompositionResult": "composition.compose",
    "Contract": "composition.contract",
    "Extension": "server.extensions",
    "Gateway": "execution.gateway",
    "GraphQLRequest": "execution.gateway",
    "ServerSettings": "server",
    "Subgraph": "composition.subgraph",
    "SubgraphClient": "execution.subgraph_client",
    "SubgraphRequest": "execution.subgraph_client",
    "compose": "composition.compose",
    "create_app": "server",
}


def plan(supergraph_sdl: str, operation: str, operation_name: str | None = None) -> Plan:
    """
    How this operation will be answered; ``str(plan)`` is for people, ``plan.to_json()`` for tools.

    An operation with ``@defer`` is planned for a client that takes its answer in parts.
    An operation that cannot be executed raises ``ValueError`` with every reason.
    """
    from gateway_graphql.execution.gateway import Gateway, GraphQLRequest, RequestErrors
    from gateway_graphql.server.subgraph_http import SubgraphHttp

    prepared = Gateway(supergraph_sdl, SubgraphHttp()).prepare(GraphQLRequest(operation, operation_name), in_parts=True)
    if isinstance(prepared, RequestErrors):
        raise ValueError("\n".join(error["message"] for error in prepared.errors))
    return prepared.plan


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
