"""
A quick look for counterexamples, the same one every time.

What is printed on failure says how to see it again; ``python -m tests.gateway_graphql.differential`` looks further.
"""

from __future__ import annotations

import pytest

from tests.gateway_graphql.differential.properties import Tally
from tests.gateway_graphql.differential.search import search

EXAMPLES = 10
"""in each test"""


@pytest.mark.parametrize("first", range(0, 60, EXAMPLES))
def test_splitting_a_schema_changes_no_answer(first: int) -> None:
    tally = Tally()

    for seed in range(first, first + EXAMPLES):
        search(seed, tally, seconds=20)

    assert tally.composed >= EXAMPLES // 2, f"most splits should compose: {tally}"
