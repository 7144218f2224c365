"""Which headers of a client's request go on to the subgraphs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gateway_graphql.server.request_id import REQUEST_ID

__all__ = ["forwarded_headers"]


def forwarded_headers(headers: Mapping[str, str], names: Collection[str], request_id: str) -> dict[str, str]:
    """The request id, and those headers on the list that the client sent."""
    forwarded = {name: headers[name] for name in names if name in headers}
    forwarded[REQUEST_ID] = request_id
    return forwarded
