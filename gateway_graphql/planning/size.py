"""What no operation may be above, whatever the limits that are set: planning walks an operation with its fragments inlined."""

from __future__ import annotations

from gateway_graphql.planning.measure import Measures

__all__ = ["MOST_PAIRS", "MOST_SELECTIONS", "OperationTooLarge", "check_size"]

MOST_SELECTIONS = 50_000
"""how many selections an operation may have once its fragments are inlined"""
MOST_PAIRS = 50_000
"""how many pairs of fields and fragments validation may have to compare: half a second of work at the worst"""


class OperationTooLarge(ValueError):
    """The operation explodes when its fragments are inlined, or takes too long to plan."""


def check_size(measures: Measures) -> None:
    """Raise :class:`OperationTooLarge` for a document that is small to read and enormous to walk."""
    if measures.selections > MOST_SELECTIONS:
        raise OperationTooLarge(f"The operation has more than {MOST_SELECTIONS} selections.")
    if measures.pairs > MOST_PAIRS:
        raise OperationTooLarge("The operation repeats the same fields, or spreads fragments in one place, too often.")
