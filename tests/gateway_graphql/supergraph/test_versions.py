"""Supergraphs of each version of the join specification, as composers of their time wrote them: read, and planned."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway_graphql import plan
from gateway_graphql.composition.compose import Subgraph, compose

VERSIONS = sorted(path for path in (Path(__file__).parent / "versions").iterdir() if path.is_dir())


def operations(version: Path) -> list[Path]:
    return sorted(version.glob("operations/*.graphql"))


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_is_planned(version: Path) -> None:
    supergraph = (version / "supergraph.graphql").read_text()
    assert f"/join/{version.name.removeprefix('join_').replace('_', '.')}" in supergraph
    assert operations(version)
    for operation in operations(version):
        planned = f"{plan(supergraph, operation.read_text())}\n"
        expected = operation.with_suffix(".plan")
        if os.environ.get("ACCEPT"):
            expected.write_text(planned)
        assert planned == expected.read_text()


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_is_planned_like_what_we_compose_of_the_same_subgraphs(version: Path) -> None:
    files = sorted(version.glob("subgraphs/*.graphql"))
    ours = compose([Subgraph.from_sdl(f.stem, f.read_text(), f"http://{f.stem}/graphql") for f in files])
    assert ours.supergraph_sdl is not None
    for operation in operations(version):
        text = operation.read_text()
        assert str(plan(ours.supergraph_sdl, text)) == str(plan((version / "supergraph.graphql").read_text(), text))
