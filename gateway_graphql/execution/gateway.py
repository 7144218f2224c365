"""The engine: one supergraph, many operations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway_graphql.execution.subgraph_client import OperationKind, SubgraphClient

__all__ = ["Gateway", "GraphQLRequest", "Prepared", "RequestErrors"]


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client asks, over whatever transport."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """forwarded to the subgraphs as they are"""


@dataclass(frozen=True, slots=True)
class RequestErrors:
    """The request cannot be executed: syntax, validation, or no such operation. Formatted GraphQL errors."""

    errors: tuple[dict[str, Any], ...]

    def to_result(self) -> dict[str, Any]:
        """The GraphQL response for it: errors, and no ``data`` key at all."""
        return {"errors": list(self.errors)}


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that was parsed, validated and planned."""

    kind: OperationKind
    plan: Any
    """``str(prepared.plan)`` is readable, ``prepared.plan.to_json()`` is for ``extensions.queryPlan``"""


class Gateway:
    """Answers GraphQL operations on a supergraph by asking its subgraphs."""

    def __init__(
        self,
        supergraph_sdl: str,
        client: SubgraphClient,
        *,
        plan_cache_size: int = 1000,
        request_timeout: float = 30,
        introspection: bool = True,
    ) -> None:
        raise NotImplementedError

    def prepare(self, request: GraphQLRequest) -> Prepared | RequestErrors:
        """Parse, validate and plan; from the cache when this operation was seen before. Never raises for bad input."""
        raise NotImplementedError

    async def execute(self, request: GraphQLRequest) -> dict[str, Any]:
        """
        Answer a query or mutation as the GraphQL spec says: ``{"data", "errors"?, "extensions"?}``.

        Request errors (syntax, validation, variables) have no ``data`` key.
        A subscription is a request error here; use :meth:`subscribe`.
        """
        raise NotImplementedError

    def subscribe(self, request: GraphQLRequest) -> AsyncIterator[dict[str, Any]]:
        """
        Every event of a subscription, each a GraphQL result; close with ``aclose()`` to leave the subgraph's stream.

        A request that cannot be executed yields its errors as the only result (without ``data``).
        A query or mutation yields its one result.
        """
        raise NotImplementedError
