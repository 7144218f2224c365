"""Look for a counterexample: an example for each seed, made small if it fails."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator, Sequence

from tests.gateway_graphql.differential.drawing import Draw
from tests.gateway_graphql.differential.properties import Tally, draw_example, examine

__all__ = ["Failure", "search"]


class Failure(Exception):
    """What does not hold, with all that is needed to see it, and how to see it again."""


def search(seed: int, tally: Tally, *, seconds: float = 60) -> None:
    """
    Examine the example of a seed; raises a :class:`Failure`.

    ``seconds``: how long at most a failure is made smaller.
    """
    draw = Draw(seed)
    error = _failure(draw, tally)
    if error is None:
        return
    numbers, said = draw.drawn, str(error)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        smaller = _smaller(numbers, error, until)
        if smaller is None:
            break
        numbers, said = smaller
    raise Failure(
        f"{said}\n\nagain: python -m tests.gateway_graphql.differential --examples 1 --seed {seed}"
    ) from error


def _failure(draw: Draw, tally: Tally) -> Exception | None:
    try:
        example = draw_example(draw, tally)
        if example is not None:
            examine(example, tally)
    except Exception as error:
        return error
    return None


def _smaller(numbers: Sequence[int], error: Exception, until: float) -> tuple[list[int], str] | None:
    """The numbers that are left of some after everything has been left out or lowered once, if that changed any."""
    best, said = list(numbers), None
    for attempt in _attempts(best):
        if time.monotonic() > until:
            break
        draw = Draw(0, attempt)
        found = _failure(draw, Tally())
        if found is not None and _place(found) == _place(error) and _size(draw.drawn) < _size(best):
            best[:], said = draw.drawn, str(found)
    return None if said is None else (best, said)


def _attempts(best: list[int]) -> Iterator[list[int]]:
    """Smaller lists than ``best``, which may become smaller itself after each of them."""
    length = max(1, len(best) // 2)
    while length:
        for simplified in ([], [0] * length):
            start = len(best) - length
            while start >= 0:
                if any(best[start : start + length]) or not simplified:
                    yield best[:start] + simplified + best[start + length :]
                start = min(start, len(best)) - length
        length //= 2
    for index in range(len(best) - 1, -1, -1):
        if index < len(best) and best[index] > 1:
            yield [*best[:index], best[index] // 2, *best[index + 1 :]]


def _size(numbers: Sequence[int]) -> tuple[int, list[int]]:
    return len(numbers), list(numbers)


def _place(error: Exception) -> tuple[str, str, int | None]:
    """Where it failed: another failure elsewhere is another one."""
    last = traceback.extract_tb(error.__cause__.__traceback__ if error.__cause__ else error.__traceback__)[-1]
    return type(error).__name__, last.filename, last.lineno
