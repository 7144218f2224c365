"""Run the rules: on each subgraph alone, and on what was merged."""

from __future__ import annotations

from collections.abc import Sequence

from .diagnostics import Findings
from .merge import Merging
from .rules import MERGED_RULES, SUBGRAPH_RULES
from .subgraph import ReadSubgraph, Subgraph

__all__ = ["check_each", "check_merged", "check_names"]


def check_names(subgraphs: Sequence[Subgraph], findings: Findings) -> None:
    """Spec: INVALID_SUBGRAPH_NAME. Names are unique, and ``_`` belongs to federation."""
    names = sorted(s.name for s in subgraphs)
    for name in sorted(set(names)):
        if name in ("", "_"):
            findings.error("INVALID_SUBGRAPH_NAME", "", f'"{name}" is no name for a subgraph; choose another', [name])
        if names.count(name) > 1:
            findings.error(
                "INVALID_SUBGRAPH_NAME", "", f'{names.count(name)} subgraphs are called "{name}"; rename them', [name]
            )
    if not subgraphs:
        findings.error("NO_QUERIES", "", "there are no subgraphs; name at least one")


def check_each(subgraphs: Sequence[ReadSubgraph], findings: Findings) -> None:
    """Hold every subgraph to the rules it can break on its own."""
    for subgraph in subgraphs:
        for rule in SUBGRAPH_RULES:
            findings.errors.extend(rule(subgraph))


def check_merged(merging: Merging) -> None:
    """Hold the merged schema to the rules that need all subgraphs."""
    for rule in MERGED_RULES:
        merging.findings.errors.extend(rule(merging))
