"""The one seam to the network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from gateway_graphql.execution.caller import ANONYMOUS, Caller

__all__ = ["LiveEvent", "OperationKind", "SubgraphClient", "SubgraphRequest"]

OperationKind = Literal["query", "mutation", "subscription"]


@dataclass(frozen=True, slots=True)
class SubgraphRequest:
    """One request to one subgraph."""

    subgraph: str
    url: str
    document: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    """may contain :class:`~gateway_graphql.execution.uploads.Upload` at the paths where the client put them"""
    headers: Mapping[str, str] = field(default_factory=dict)
    """what the client sent and the gateway forwards"""
    kind: OperationKind = "query"
    caller: Caller = ANONYMOUS
    """who asks, as far as the gateway knows"""


class LiveEvent(dict[str, Any]):
    """An event of a stream whose server says where in the stream it is; a client that comes back may go on from there."""

    def __init__(self, event: Mapping[str, Any], event_id: str) -> None:
        super().__init__(event)
        self.event_id = event_id


class SubgraphClient(Protocol):
    """How the executor meets the network."""

    async def fetch(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """
        Ask the subgraph; return its ``{"data", "errors", "extensions"}`` as parsed JSON.

        The executor owns the answer and changes it, so it must not be shared.
        Raises a :class:`~gateway_graphql.execution.errors.SubgraphError` if there is no such answer.
        """
        ...

    def subscribe(self, request: SubgraphRequest) -> AsyncIterator[Mapping[str, Any]]:
        """Every event of the subgraph's stream, each ``{"data", "errors", "extensions"}``, perhaps a :class:`LiveEvent`; closed with ``aclose()``."""
        ...
