"""
What can go wrong while a plan runs.

* GatewayError
  x SubgraphError            a subgraph could not be used
    - SubgraphUnreachable      no connection
    - SubgraphTimedOut         a connection, but no answer in time
    - SubgraphRefused          an HTTP status that is not a GraphQL answer
    - SubgraphSpokeNonsense    an answer that is not GraphQL's
    - SubgraphOverloaded       not asked: too many requests wait for it
  x PlanAbandoned            the request ran out of time, or the client went away
"""

from __future__ import annotations

__all__ = [
    "GatewayError",
    "PlanAbandoned",
    "SubgraphError",
    "SubgraphOverloaded",
    "SubgraphRefused",
    "SubgraphSpokeNonsense",
    "SubgraphTimedOut",
    "SubgraphUnreachable",
]


class GatewayError(Exception):
    """Anything the gateway itself could not do. ``code`` is what the client reads in ``extensions.code``."""

    code = "INTERNAL_SERVER_ERROR"


class SubgraphError(GatewayError):
    """A subgraph could not be used; its part of the answer is missing, the rest stays."""

    code = "DOWNSTREAM_SERVICE_ERROR"

    def __init__(self, subgraph: str, reason: str) -> None:
        super().__init__(f"{subgraph}: {reason}")
        self.subgraph = subgraph
        self.reason = reason


class SubgraphUnreachable(SubgraphError):
    """There is no connection to the subgraph."""

    code = "SUBGRAPH_UNAVAILABLE"


class SubgraphTimedOut(SubgraphError):
    """The subgraph did not answer in time."""

    code = "SUBGRAPH_TIMEOUT"


class SubgraphRefused(SubgraphError):
    """The subgraph answered with an HTTP status and no GraphQL answer."""

    code = "SUBREQUEST_HTTP_ERROR"

    def __init__(self, subgraph: str, status: int) -> None:
        super().__init__(subgraph, f"HTTP {status}")
        self.status = status


class SubgraphSpokeNonsense(SubgraphError):
    """The subgraph answered something that is not a GraphQL answer."""

    code = "SUBREQUEST_MALFORMED_RESPONSE"


class SubgraphOverloaded(SubgraphError):
    """The subgraph was not asked: too many requests wait for it already."""

    code = "SUBGRAPH_OVERLOADED"


class PlanAbandoned(GatewayError):
    """The request ran out of time, or the client went away, before the plan was done."""

    code = "GATEWAY_TIMEOUT"
