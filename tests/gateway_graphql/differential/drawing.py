"""How everything is drawn: by small numbers, where less is simpler, so that a failure can be made small."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

__all__ = ["Draw"]

T = TypeVar("T")


class Draw:
    """Decisions. The first of several choices is the simplest one."""

    def __init__(self, seed: int, given: Sequence[int] | None = None) -> None:
        """``given``: the numbers to draw, instead of any; when they run out, the least there is."""
        self._random = random.Random(seed)
        self._given = given
        self.drawn: list[int] = []
        """how far above the least each number was"""

    def number(self, low: int, high: int) -> int:
        """One of ``low`` to ``high``."""
        if low >= high:
            return low
        if self._given is None:
            above = self._random.randint(0, high - low)
        else:
            above = min(self._given[len(self.drawn)], high - low) if len(self.drawn) < len(self._given) else 0
        self.drawn.append(above)
        return low + above

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
