"""A graph to compose, and where to find some."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Graph", "graphs_at", "own_graphs", "sdl_files"]

REPOSITORY = Path(__file__).parents[3]


@dataclass(frozen=True)
class Graph:
    """Subgraphs that belong together."""

    name: str
    subgraphs: tuple[tuple[str, str], ...]
    """name and SDL of each"""


def own_graphs() -> Iterator[Graph]:
    """The graphs of our composition's test cases, and the product's."""
    yield from graphs_at(REPOSITORY / "tests/gateway_graphql/cases")
    schemas = sorted((REPOSITORY / "subgraphs").glob("*/schema.graphql"))
    schemas.append(REPOSITORY / "realtime/schema.graphql")
    yield Graph("doorstep", tuple((schema.parent.name, schema.read_text()) for schema in schemas))


def graphs_at(path: Path) -> Iterator[Graph]:
    """
    The graphs of a folder that has a folder each, or of a JSON file that lists them.

    :param path: ``<path>/<graph>/subgraphs/<subgraph>.graphql``, or ``[{"id": …, "subgraphs": {name: SDL}}, …]``
    """
    if path.is_file():
        for entry in json.loads(path.read_text()):
            yield Graph(entry["id"], tuple(sorted(entry["subgraphs"].items())))
        return
    for folder in sorted(path.iterdir()):
        if files := sdl_files(folder):
            yield Graph(folder.name, files)


def sdl_files(folder: Path) -> tuple[tuple[str, str], ...]:
    """Name and SDL of each subgraph in ``<folder>/subgraphs``."""
    return tuple((file.stem, file.read_text()) for file in sorted(folder.glob("subgraphs/*.graphql")))
