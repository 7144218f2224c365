"""Do other gateways load our supergraphs, and make the same of them as of Apollo's?"""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from graphql import validate_schema

from gateway_graphql.composition.compose import Subgraph, compose
from gateway_graphql.supergraph.api_schema import api_schema
from gateway_graphql.supergraph.read import read_supergraph
from tests.peers.composition.draw import drawn
from tests.peers.composition.graph import Graph, own_graphs
from tests.peers.composition.outcome import PEERS
from tests.peers.plans.operations import draw_operations

__all__ = ["compare_loading"]


def compare_loading(by_chance: int, seed: int) -> int:
    """
    Load what we composed and what Apollo composed of the same subgraphs, with an operation drawn by chance.

    Apollo's gateway must plan it alike, Hive's SDK must ask the subgraphs the same; or both must refuse for the same
    reason, for neither of them knows every specification.
    """
    verdicts: dict[str, Counter[str]] = {}
    differing = 0
    with _Node("load.cjs") as gateways, _Node("compose.cjs") as apollo:
        for graph, ours, operation in _loadable(by_chance, seed):
            composed = apollo([{"name": n, "url": f"http://{n}/", "sdl": sdl} for n, sdl in graph.subgraphs])
            if "supergraph" not in composed:
                continue
            left = gateways({"supergraph": ours, "operation": operation})
            right = gateways({"supergraph": composed["supergraph"], "operation": operation})
            for gateway, made in left.items():
                same = _in_short(made) == _in_short(right[gateway])
                kind = "loaded" if "made" in made else "refused, as Apollo's is"
                verdicts.setdefault(gateway, Counter())[kind if same else "DIFFER"] += 1
                if not same:
                    differing += 1
                    print(f"\n===== {graph.name}, {gateway}: {operation}\nours: {made}\nApollo's: {right[gateway]}")
    for gateway, counts in verdicts.items():
        print(f"{gateway}: {counts.total()} supergraphs, " + ", ".join(f"{n} {kind}" for kind, n in counts.items()))
    return 1 if differing else 0


def _loadable(by_chance: int, seed: int) -> Iterator[tuple[Graph, str, str]]:
    chance = Random(seed)
    for graph in (*own_graphs(), *(drawn(seed * 1_000_000 + number) for number in range(by_chance))):
        result = compose([Subgraph.from_sdl(name, sdl, f"http://{name}/") for name, sdl in graph.subgraphs])
        if result.supergraph_sdl is None:
            continue
        schema = api_schema(read_supergraph(result.supergraph_sdl).document)
        if not validate_schema(schema) and (operation := next(draw_operations(schema, chance, 5), None)):
            yield graph, result.supergraph_sdl, operation


def _in_short(made: dict[str, str]) -> object:
    """What is refused is said with the lines of the supergraph, whose order says nothing."""
    refused = made.get("refused", "")
    return sorted(re.findall("feature .* unsupported", refused)) or made


class _Node:
    """A script that answers a line of JSON with another one."""

    def __init__(self, script: str) -> None:
        self._process = subprocess.Popen(
            ["node", f"node/{script}"], cwd=PEERS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> _Node:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()

    def __call__(self, question: object) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer
