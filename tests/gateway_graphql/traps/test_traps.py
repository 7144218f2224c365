"""
Every folder of ``cases`` is a graph, an operation and its plan as text; the README says why it is asked.

The answer is that of one schema with the same data, in many small worlds, full ones and some with gaps, and the
subgraphs are strict; or what they say is in ``told.json`` and what must come of it in ``answer.json``.
``ACCEPT=1`` rewrites the plans; review the diff like code.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway_graphql.execution.gateway import Gateway, GraphQLRequest, Prepared
from gateway_graphql.execution.subgraph_client import SubgraphClient
from tests.gateway_graphql.execution.clients import AnswersAsTold
from tests.gateway_graphql.planning.composed import CASES as ALL_PLANNED
from tests.gateway_graphql.planning.composed import composed
from tests.gateway_graphql.traps.fuller_world import FullerWorld

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())
VARIANTS = 8
"""worlds for each case, half of them full"""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_plan_is(case: Path) -> None:
    prepared = gateway(case, FullerWorld(composed(case))).prepare(request(case))
    assert isinstance(prepared, Prepared), prepared
    said = f"{prepared.plan}\n"

    expected = case / "plan.txt"
    if os.environ.get("ACCEPT"):
        expected.write_text(said)
    assert said == expected.read_text()


PLANNED = [
    case
    for case in ALL_PLANNED
    if ((case / "variables.json").exists() or "$" not in (case / "operation.graphql").read_text())
    and "@context(" not in composed(case)
    and "@defer" not in (case / "operation.graphql").read_text()
]
"""those of ``planning/cases`` that the small world can answer as they are, all at once"""
BY_HAND = [case for case in CASES if (case / "told.json").exists()]


@pytest.mark.parametrize("case", BY_HAND, ids=lambda case: case.name)
async def test_the_answer_is_the_one_written_down(case: Path) -> None:
    client = AnswersAsTold(**json.loads((case / "told.json").read_text()))

    assert await gateway(case, client).execute(request(case)) == json.loads((case / "answer.json").read_text())


@pytest.mark.parametrize("case", [case for case in CASES + PLANNED if case not in BY_HAND], ids=lambda case: case.name)
async def test_the_answer_is_that_of_one_schema(case: Path) -> None:
    asked = request(case)
    for variant in range(VARIANTS):
        world = FullerWorld(composed(case), labels=labels(case), variant=variant, full=variant % 2 == 0)
        (split, *_) = [one async for one in gateway(case, world).subscribe(asked)]
        whole = world.whole(asked.query, asked.variables)

        assert world.problems == []
        assert split == whole
        assert json.dumps(split) == json.dumps(whole), "in another order"
        assert "errors" not in whole


@pytest.mark.parametrize("case", [case for case in CASES if case not in BY_HAND], ids=lambda case: case.name)
async def test_so_it_is_when_fields_fail(case: Path) -> None:
    asked = request(case)
    for variant in range(VARIANTS):
        world = FullerWorld(composed(case), labels=labels(case), fragile=True, variant=variant, full=variant % 2 == 0)
        (split, *_) = [one async for one in gateway(case, world).subscribe(asked)]
        whole = world.whole(asked.query, asked.variables)

        assert split["data"] == whole["data"]
        assert {tuple(error["path"]) for error in whole.get("errors", ())} <= {
            tuple(error["path"]) for error in split.get("errors", ())
        }
        assert [error["path"] for error in split.get("errors", ()) if not ends_at_null(split, error["path"])] == []


def ends_at_null(answer: Mapping[str, Any], path: list[str | int]) -> bool:
    """Whether the path leads to a null of the answer: an error is about something that was selected."""
    value = answer["data"]
    for step in path:
        if value is None:
            return True
        if not (step in value if isinstance(value, dict) else step in range(len(value))):
            return False
        value = value[step]
    return value is None


def gateway(case: Path, client: SubgraphClient) -> Gateway:
    """A gateway of the case's graph, with its labels on."""
    return Gateway(composed(case), client, override_labels=lambda _: labels(case))


def request(case: Path) -> GraphQLRequest:
    """The case's operation with its variables."""
    file = case / "variables.json"
    variables: Mapping[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return GraphQLRequest((case / "operation.graphql").read_text(), variables=variables)


def labels(case: Path) -> frozenset[str]:
    """The override labels that are on."""
    file = case / "labels.json"
    return frozenset(json.loads(file.read_text())) if file.exists() else frozenset()
