"""How everything is drawn: by small numbers, where less is simpler, so that Hypothesis can make a failure small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

__all__ = ["Draw"]

T = TypeVar("T")


@cache
def _numbers(low: int, high: int) -> SearchStrategy[int]:
    return st.integers(low, high)


class Draw:
    """Decisions. The first of several choices is the simplest one."""

    def __init__(self, draw: Callable[[SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def number(self, low: int, high: int) -> int:
        """One of ``low`` to ``high``."""
        return low if low >= high else int(self._draw(_numbers(low, high)))

    def chance(self, probability: float) -> bool:
        """Whether something out of the ordinary happens."""
        return self.number(0, 99) >= 100 - round(probability * 100)

    def one(self, of: Sequence[T]) -> T:
        """One of several."""
        return of[self.number(0, len(of) - 1)]

    def some(self, of: Sequence[T], probability: float = 0.5) -> list[T]:
        """Each with the same chance, maybe none."""
        return [one for one in of if self.chance(probability)]

    def several(self, of: Sequence[T], least: int = 1, most: int | None = None) -> list[T]:
        """At least so many different ones, in their order."""
        count = self.number(min(least, len(of)), min(len(of), most or len(of)))
        left = list(of)
        chosen = [left.pop(self.number(0, len(left) - 1)) for _ in range(count)]
        return [one for one in of if one in chosen]
