"""``plan``: how an operation will be answered."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from gateway_graphql.execution.gateway import Gateway, GraphQLRequest, RequestErrors
from gateway_graphql.server.commands import A_SUPERGRAPH, CommandFailed, text_of, usable_supergraph
from gateway_graphql.server.subgraph_http import SubgraphHttp

__all__ = ["run_plan"]


def run_plan(supergraph: Path, operation: Path, operation_name: str | None, form: str) -> int:
    """Print the plan as text or as JSON; with ``@defer``, as for a client that takes its answer in parts."""
    with usable_supergraph(supergraph):
        gateway = Gateway(text_of(supergraph, A_SUPERGRAPH), SubgraphHttp())
    document = sys.stdin.read() if str(operation) == "-" else text_of(operation, "a .graphql file with one operation")
    prepared = gateway.prepare(GraphQLRequest(document, operation_name), in_parts=True)
    if isinstance(prepared, RequestErrors):
        raise CommandFailed("\n".join(_line(operation, error) for error in prepared.errors))
    shown = json.dumps(prepared.plan.to_json(), indent=2) if form == "json" else str(prepared.plan)
    sys.stdout.write(shown.rstrip("\n") + "\n")
    return 0


def _line(operation: Path, error: dict[str, Any]) -> str:
    places = "".join(f":{place['line']}:{place['column']}" for place in error.get("locations") or ()[:1])
    return f"{operation}{places}: {error['message']}"
