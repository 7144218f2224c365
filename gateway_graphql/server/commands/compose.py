"""``compose``: one supergraph of several subgraphs, or everything that stands in the way."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from gateway_graphql.composition.compose import CompositionResult
from gateway_graphql.composition.contract import Contract
from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.server.commands import CommandFailed, say
from gateway_graphql.server.commands.composing import composed, graph_from, schemas_of

__all__ = ["run_compose"]

WAIT = 10.0
"""seconds for running subgraphs to answer; a person is waiting"""


def run_compose(config: Path, output: Path | None, form: str, contract: Contract | None = None) -> int:
    """Write the supergraph, or the part of it that a contract shows, or the errors; 1 if the subgraphs do not compose."""
    graph = graph_from(config)
    if graph.supergraph is not None:
        raise CommandFailed(f"{config}: it names the supergraph {graph.supergraph}; there is nothing to compose")
    result = composed(schemas_of(graph, wait=WAIT, tell=_on_standard_error), contract)
    if form == "json":
        _write(json.dumps(_as_json(result), indent=2, ensure_ascii=False) + "\n", output)
        return 1 if result.errors else 0
    for hint in result.hints:
        say(f"hint {hint}")
    for error in result.errors:
        say(str(error))
    if result.errors or result.supergraph_sdl is None:
        say(f"{config}: the subgraphs do not compose: {len(result.errors)} error(s)")
        return 1
    _write(result.supergraph_sdl.rstrip("\n") + "\n", output)
    return 0


def _as_json(result: CompositionResult) -> dict[str, object]:
    return {
        "supergraphSdl": None if result.errors else result.supergraph_sdl,
        "errors": [_entry(error) for error in result.errors],
        "hints": [_entry(hint) for hint in result.hints],
    }


def _entry(said: Diagnostic) -> dict[str, object]:
    return {"code": said.code, "message": _message(said), "subgraphs": list(said.subgraphs)}


def _message(said: Diagnostic) -> str:
    return f"{said.coordinate}: {said.message}" if said.coordinate else said.message


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise CommandFailed(f"{output}: cannot be written: {problem}") from None


def _on_standard_error(event: str, **facts: object) -> None:
    # Standard output is the supergraph's.
    if event != "schema loaded":
        say(event + "".join(f" {name}={value}" for name, value in facts.items()))
