"""
A quick look for counterexamples, the same one every time.

What is printed on failure says how to see it again; ``python -m tests.gateway_graphql.differential`` looks further.
"""

from __future__ import annotations

import pytest

from tests.gateway_graphql.differential.properties import Tally
from tests.gateway_graphql.differential.search import search

EXAMPLES = 10
"""for each seed"""


@pytest.mark.parametrize("seed", range(6))
def test_splitting_a_schema_changes_no_answer(seed: int) -> None:
    tally = Tally()

    search(seed, EXAMPLES, tally, seconds=20)

    assert tally.composed >= EXAMPLES // 2, f"most splits should compose: {tally}"
