"""Compose every case, and compare with what was accepted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway_graphql.composition.compose import Subgraph, compose

CASES = sorted(path for path in Path(__file__).parent.iterdir() if (path / "subgraphs").is_dir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_composition_says(case: Path) -> None:
    files = sorted(case.glob("subgraphs/*.graphql"))
    result = compose([Subgraph.from_sdl(f.stem, f.read_text(), f"http://{f.stem}/graphql") for f in files])
    said = {
        "diagnostics.txt": "".join(f"{error}\n" for error in result.errors),
        "supergraph.graphql": result.supergraph_sdl or "",
        "hints.txt": "".join(f"{hint}\n" for hint in result.hints) if result.supergraph_sdl else "",
    }
    if os.environ.get("ACCEPT"):
        for name, text in said.items():
            (case / name).write_text(text) if text else (case / name).unlink(missing_ok=True)
    for name, text in said.items():
        expected = case / name
        assert text == (expected.read_text() if expected.exists() else "")


def test_every_case_has_a_reason() -> None:
    assert [case.name for case in CASES if not (case / "README.md").exists()] == []
