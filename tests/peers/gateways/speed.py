"""Load ours and the gateways from npm with the same, one after the other, and print one table of all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.gateway.measure import Command, measure_gateway, ours
from tests.peers.gateways.peers import HERE, PEERS

__all__ = ["compare_speed"]

WARM = 5.0
"""seconds that all have to get warm: what is compiled while it runs must be compiled"""
NAMES = {"@graphql-hive/gateway, planner and executor in Rust": ("@graphql-hive/gateway", "--hive-router-runtime")}
COLUMNS = ("gateway", "small", "big", "cold", "p99 small, ms", "p99 big, ms", "memory, MiB", "wrong answers")


def compare_speed() -> int:
    """Measure all; 1 if one of them answered wrong."""
    print("requests for each second of processor time; p99 at half of what it can answer\n")
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}", flush=True)
    wrong = 0
    for name, command in _gateways().items():
        figures = measure_gateway(command, WARM)
        row = _row(name, figures)
        wrong += int(row[-1])
        print(f"| {' | '.join(row)} |", flush=True)
    return int(wrong > 0)


def _gateways() -> dict[str, Command]:
    return {
        "gateway_graphql": ours,
        **{name: _peer(name) for name in PEERS},
        **{name: _peer(peer, *options) for name, (peer, *options) in NAMES.items()},
    }


def _peer(name: str, *options: str) -> Command:
    def command(supergraph: Path, port: int) -> Sequence[str]:
        node, program, *rest = (part.format(supergraph=supergraph, port=port) for part in PEERS[name])
        return (node, str(HERE / program), *rest, *options)

    return command


def _row(name: str, figures: dict[str, Any]) -> list[str]:
    big, small, cold = (figures[load] for load in ("big", "small", "cold"))
    return [
        name,
        *(f"{one['requests_per_cpu_second']:,}" for one in (small, big, cold)),
        *(f"{one['at_half_load']['p99_ms']:g}" for one in (small, big)),
        str(max(one["memory_mib"] for one in figures.values())),
        str(sum(one["wrong_answers"] for one in figures.values())),
    ]
