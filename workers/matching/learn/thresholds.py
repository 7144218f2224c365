"""Picks from which probability on a verdict is given, so that `match` is as precise as wanted."""

from collections.abc import Sequence
from dataclasses import dataclass

from workers.matching.evaluate import Answer

REVIEWED = 0.9
"""the share of the answers that are right but no match which reviewers should get to see"""


@dataclass(frozen=True)
class Picked:
    """Thresholds, and what follows from them on the examples they were picked from."""

    match: float
    review: float
    precision: float
    recall: float
    review_share: float
    false_accept: float


class Unreachable(ValueError):
    """No threshold gives the wanted precision; the message says which one comes nearest."""


def pick(answers: Sequence[Answer], precision: float) -> Picked:
    """
    The lowest threshold with the wanted precision, and the review threshold below it.

    :param answers: what the matcher said about queries whose answers are known
    :raises Unreachable: when even the most certain answers are wrong too often
    """
    sure = [one for one in answers if _may_match(one)]
    # Settings are written in percent.
    by_percent = {percent: _precise([one for one in sure if _is_from(one, percent)]) for percent in range(1, 100)}
    enough = [percent for percent, precise in by_percent.items() if precise >= precision]
    if not enough:
        best = max(by_percent.values())
        raise Unreachable(
            f"no threshold is {precision:.2%} precise on these examples; the best one is {best:.2%} precise"
        )
    match = enough[0] / 100
    matched = [one for one in sure if _is_from(one, enough[0])]
    rest = [one for one in answers if not (_may_match(one) and _is_from(one, enough[0]))]
    review = min(match, _review(rest))
    there = [one for one in answers if one.query.gold]
    absent = len(answers) - len(there)
    right = sum(one.is_right for one in matched)
    return Picked(
        match,
        review,
        round(right / len(matched), 4),
        round(right / len(there), 4) if there else 0.0,
        round(sum(_together(one) >= review for one in rest) / len(answers), 4),
        round(sum(not one.query.gold for one in matched) / absent, 4) if absent else 0.0,
    )


def _precise(matched: Sequence[Answer]) -> float:
    return sum(one.is_right for one in matched) / len(matched) if matched else 0.0


def _is_from(one: Answer, percent: int) -> bool:
    return one.match.probability >= percent / 100


def _may_match(one: Answer) -> bool:
    best = one.match.best
    return best is not None and not best.contradiction and not best.doubt


def _together(one: Answer) -> float:
    best = one.match.best
    if best is None or best.contradiction:
        return 0.0
    return sum(candidate.probability for candidate in one.match.candidates if not candidate.contradiction)


def _review(rest: Sequence[Answer]) -> float:
    """Such that most of what is right is seen by somebody."""
    right = sorted((_together(one) for one in rest if one.is_right and _together(one) > 0), reverse=True)
    if not right:
        return 0.5
    return max(0.05, int(right[min(len(right) - 1, int(len(right) * REVIEWED))] * 100) / 100)
