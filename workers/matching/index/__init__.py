"""Candidates worth comparing: found by blocking keys, never by a scan, and never too many."""

from collections.abc import Sequence
from typing import Protocol

from workers.matching.matcher import Address, Found

MOST_BEHIND_A_KEY = 100
"""a key with more addresses behind it tells nothing and is skipped"""
MOST_CANDIDATES = 40
"""for one typed address"""

Known = tuple[str, Address]


class Near(Found, Protocol):
    """A known address that was found."""

    @property
    def address(self) -> Address:
        """As the register has it."""
        ...


class Index(Protocol):
    """Finds known addresses that share keys with typed ones."""

    def near(self, typed: Sequence[Address]) -> Sequence[Sequence[Near]]:
        """For each typed address, the known ones worth comparing."""
        ...

    def exactly(self, typed: Address) -> str | None:
        """The id of the one known address that is exactly this; ``None`` for none or several."""
        ...


def ranked(hits: Sequence[Sequence[str]]) -> list[str]:
    """
    The ids behind the keys of one typed address, the most promising first, over-frequent keys left out.

    An id behind several keys is more promising, and so is one behind a rare key.
    """
    weights: dict[str, float] = {}
    for ids in hits:
        if len(ids) <= MOST_BEHIND_A_KEY:
            for id in ids:
                weights[id] = weights.get(id, 0.0) + 1.0 + 1.0 / len(ids)
    best = sorted(weights, key=lambda known: (-weights[known], known))
    return best[:MOST_CANDIDATES]
