"""What a composition says of a graph, ours and Apollo's, in the same words."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from gateway_graphql.composition.compose import Subgraph, compose
from tests.peers.composition.graph import Graph
from tests.peers.composition.meaning import meaning

__all__ = ["Apollo", "Outcome", "ours"]

PEERS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Outcome:
    """A supergraph's meaning, or the codes of what is wrong."""

    codes: frozenset[str] = frozenset()
    meaning: frozenset[str] = frozenset()
    hints: frozenset[str] = frozenset()
    said: tuple[str, ...] = ()
    """the messages, for the reader"""


def ours(graph: Graph) -> Outcome:
    """Compose it with the composition of this repository."""
    try:
        result = compose([Subgraph.from_sdl(name, sdl, f"http://{name}/") for name, sdl in graph.subgraphs])
    except Exception as crash:  # composition must never raise: this is a finding like any other
        return Outcome(frozenset({"CRASH"}), said=(repr(crash),))
    if result.supergraph_sdl is None:
        return Outcome(frozenset(e.code for e in result.errors), said=tuple(map(str, result.errors)))
    return Outcome(
        meaning=meaning(result.supergraph_sdl),
        hints=frozenset(h.code for h in result.hints),
        said=tuple(map(str, result.hints)),
    )


class Apollo:
    """Apollo's composition, in one node process for all graphs."""

    def __enter__(self) -> Apollo:
        self._node = subprocess.Popen(
            ["node", "--max-old-space-size=1500", "node/compose.cjs"],
            cwd=PEERS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._node.stdin
        self._node.stdin.close()
        self._node.wait()

    def __call__(self, graph: Graph) -> Outcome:
        """Compose it with ``@apollo/composition``."""
        assert self._node.stdin
        assert self._node.stdout
        services = [{"name": name, "url": f"http://{name}/", "sdl": sdl} for name, sdl in graph.subgraphs]
        self._node.stdin.write(json.dumps(services) + "\n")
        self._node.stdin.flush()
        result = json.loads(self._node.stdout.readline())
        if "crashed" in result:
            return Outcome(frozenset({"CRASH"}), said=(result["crashed"],))
        if "errors" in result:
            errors = result["errors"]
            return Outcome(
                frozenset(e["code"] for e in errors), said=tuple(f"{e['message']} ({e['code']})" for e in errors)
            )
        return Outcome(
            meaning=meaning(result["supergraph"]),
            hints=frozenset(h["code"] for h in result["hints"]),
            said=tuple(f"{h['message']} ({h['code']})" for h in result["hints"]),
        )
