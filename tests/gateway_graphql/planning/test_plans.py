"""
Every folder of ``cases`` is a graph, an operation and its plan as text; the README says why it is asked.

``ACCEPT=1`` rewrites the plans; review the diff like code.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, parse, validate

from gateway_graphql.planning.plan_operation import plan_operation
from gateway_graphql.planning.sources import Sources
from gateway_graphql.supergraph.api_schema import api_schema
from gateway_graphql.supergraph.read import read_supergraph
from tests.gateway_graphql.planning.composed import CASES, composed


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_plan_is(case: Path) -> None:
    supergraph = read_supergraph(composed(case))
    schema = api_schema(supergraph.document)
    document = parse((case / "operation.graphql").read_text())
    assert validate(schema, document) == []

    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)

    said = f"{plan_operation(Sources(supergraph), schema, document, operation)}\n"

    expected = case / "plan.txt"
    if os.environ.get("ACCEPT"):
        expected.write_text(said)
    assert said == expected.read_text()
