"""What every family of drawn graphs draws with."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

__all__ = ["SINCE", "Pen"]

Choice = TypeVar("Choice")

SINCE = {
    "@key": 0, "@requires": 0, "@provides": 0, "@external": 0, "@tag": 0, "@extends": 0, "@shareable": 0,
    "@inaccessible": 0, "@override": 0, "@composeDirective": 1, "@interfaceObject": 3, "@authenticated": 5,
    "@requiresScopes": 5, "@policy": 6, "@context": 8, "@fromContext": 8, "@cost": 9, "@listSize": 9, "@cacheTag": 12,
}  # fmt: skip
"""what can be imported → the minor version of federation that brought it"""


class Pen:
    """Chance, and how wild it is."""

    def __init__(self, chance: Random, wild: float) -> None:
        self.chance = chance
        self.wild = wild
        """how often something happens that should not"""

    def often(self, share: float) -> bool:
        """True in this share of all cases."""
        return self.chance.random() < share

    def wildly(self) -> bool:
        """True when something should go wrong."""
        return self.often(self.wild)

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """One of them."""
        return self.chance.choice(choices)

    def some(self, names: Sequence[Choice], share: float = 0.6) -> list[Choice]:
        """Some of them, and at least one."""
        return [name for name in names if self.often(share)] or [self.pick(names)]

    def maybe(self, text: str, share: float = 0.5) -> str:
        """The text, or nothing."""
        return text if self.often(share) else ""

    def mark(self, marks: Sequence[str], share: float) -> str:
        """One of these directives in this share of all cases, with a space before it."""
        return f" {self.pick(marks)}" if self.often(share) else ""

    def link(self, minor: int = 12) -> str:
        """A link to this version of federation that imports all there is."""
        names = ", ".join(f'"{name}"' for name, since in SINCE.items() if since <= minor)
        return f'extend schema @link(url: "https://specs.apollo.dev/federation/v2.{minor}", import: [{names}])'
