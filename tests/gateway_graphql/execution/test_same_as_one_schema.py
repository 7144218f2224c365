"""
The federated answer equals that of one schema with the same data, whatever is asked.

The subgraphs are strict (see ``world.py``), so a right answer that was got by a wrong request fails too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway_graphql.execution.gateway import Gateway, GraphQLRequest
from tests.gateway_graphql.execution.operations import OperationWriter
from tests.gateway_graphql.execution.world import World
from tests.gateway_graphql.planning.composed import CASES as ALL_CASES
from tests.gateway_graphql.planning.composed import composed

CASES = [case for case in ALL_CASES if "@context(" not in composed(case)]
"""an argument from above is nothing that one schema has; ``test_contexts.py`` has those"""
OPERATIONS = 6
"""for each graph"""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_splitting_the_schema_changes_no_answer(case: Path) -> None:
    world = World(composed(case))
    gateway = Gateway(composed(case), world)

    for seed in range(OPERATIONS):
        query, variables = OperationWriter(world.api, random.Random(f"{case.name} {seed}").getrandbits(32)).query(3)
        whole = world.whole(query, variables)

        split = await gateway.execute(GraphQLRequest(query, variables=variables))

        assert world.problems == [], query
        assert list(_ordered(split["data"])) == list(_ordered(whole["data"])), query
        assert "errors" not in split, query


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_nor_does_it_when_fields_fail(case: Path) -> None:
    world = World(composed(case), fragile=True)
    gateway = Gateway(composed(case), world)

    for seed in range(OPERATIONS):
        query, variables = OperationWriter(world.api, random.Random(f"{case.name} {seed}").getrandbits(32)).query(3)
        whole = world.whole(query, variables)

        split = await gateway.execute(GraphQLRequest(query, variables=variables))

        assert split["data"] == whole["data"], query
        assert _paths(whole) <= _paths(split), query


def _paths(result: Mapping[str, Any]) -> set[tuple[str | int, ...]]:
    return {tuple(error["path"]) for error in result.get("errors", ())}


def _ordered(value: object, path: str = "") -> Iterator[str]:
    """Every leaf with its path, in the order of the answer."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _ordered(one, f"{path}.{key}")
    elif isinstance(value, list):
        yield f"{path}: {len(value)}"
        for index, one in enumerate(value):
            yield from _ordered(one, f"{path}[{index}]")
    else:
        yield f"{path}: {value!r}"
