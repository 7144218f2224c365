"""Conditions as values."""

from __future__ import annotations

from itertools import product

import pytest

from gateway_graphql.planning.conditions import ALWAYS, NEVER, Condition, both, but_not, either, holds, show_condition

A: Condition = frozenset({frozenset({("a", True)})})
NOT_A: Condition = frozenset({frozenset({("a", False)})})
B: Condition = frozenset({frozenset({("b", True)})})


def test_opposites_cancel_out() -> None:
    assert either(A, NOT_A) == ALWAYS
    assert both(A, NOT_A) == NEVER
    assert either(A, both(A, B)) == A


@pytest.mark.parametrize(("a", "b"), list(product([True, False], repeat=2)))
def test_joining_conditions_joins_what_they_say(a: bool, b: bool) -> None:
    variables = {"a": a, "b": b}

    assert holds(both(A, B), variables) == (a and b)
    assert holds(either(A, B), variables) == (a or b)
    assert holds(either(both(A, B), NOT_A), variables) == ((a and b) or not a)
    assert holds(but_not(B, A), variables) == (b and not a)
    assert holds(but_not(ALWAYS, both(A, B)), variables) == (not (a and b))


def test_they_can_be_read() -> None:
    assert show_condition(either(both(A, B), NOT_A)) == "not $a, or $a and $b"
