"""Look for a counterexample: so many examples, drawn from a seed, made small if one fails."""

from __future__ import annotations

import time
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.gateway_graphql.differential.drawing import Draw
from tests.gateway_graphql.differential.properties import Example, Tally, draw_example, examine

__all__ = ["Failure", "search"]


class Failure(Exception):
    """What does not hold, with all that is needed to see it, and how to see it again."""


class _Enough(BaseException):
    """It has been made small for long enough. Not an ``Exception``, so that Hypothesis lets it pass."""


def search(number: int, examples: int, tally: Tally, *, seconds: float = 60) -> None:
    """
    Examine so many examples drawn from a seed; raises a :class:`Failure`.

    ``seconds``: how long at most a failure is made smaller.
    """
    smallest: list[str] = []
    until = [0.0]

    @st.composite
    def example(draw: Callable[[st.SearchStrategy[int]], int]) -> Example:
        return draw_example(Draw(draw), tally)

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if seconds else [])],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(example())
    def everything_holds(one: Example) -> None:
        if smallest and time.monotonic() > until[0]:
            raise _Enough
        try:
            examine(one, tally)
        except Exception as error:
            until[0] = until[0] or time.monotonic() + seconds
            text = f"{type(error).__name__}: {error}"
            if not smallest or len(text) < len(smallest[0]):
                smallest[:] = [text]
            raise

    try:
        everything_holds()
    except (Exception, _Enough) as error:
        said = smallest[0] if smallest else repr(error)
        again = f"python -m tests.gateway_graphql.differential --examples {examples} --seed {number}"
        raise Failure(f"{said}\n\nagain: {again}") from error
