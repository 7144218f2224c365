"""The supergraph of a case folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from gateway_graphql.composition.compose import compose
from gateway_graphql.composition.subgraph import Subgraph

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())


@cache
def composed(case: Path) -> str:
    """The SDL; a case that does not compose is a mistake in the case."""
    files = sorted(case.glob("subgraphs/*.graphql"))
    result = compose([Subgraph(file.stem, f"http://{file.stem}", file.read_text()) for file in files])
    assert result.supergraph_sdl is not None, "\n".join(map(str, result.errors))
    return result.supergraph_sdl
