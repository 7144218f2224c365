"""How good weights are on examples that they were not fitted to: by source, and how far their probabilities can be trusted."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from workers.matching.learn.examples import Example
from workers.matching.matcher.evidence import LEVELS, Finding
from workers.matching.matcher.model import DEFAULT, Thresholds, Verdict
from workers.matching.matcher.weights import Weights

BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """What the weights say about an example."""

    probability: float
    """of the best candidate"""
    is_right: bool
    verdict: Verdict
    is_there: bool
    """whether the register holds what is meant"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a source of examples shows; shares from 0 to 1."""

    queries: int
    precision: float
    recall: float
    f1: float
    false_accept: float
    """of the addresses that the register does not hold"""
    review_share: float
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Bin:
    """The examples that were given about the same probability."""

    count: int
    given: float
    """the probability, on average"""
    right: float
    """how often the best candidate was meant"""


def judge(worth: Weights, example: Example, thresholds: Thresholds = DEFAULT) -> Judged | None:
    """The verdict as ``matcher/decide.py`` gives it; ``None`` where there is no candidate."""
    odds = _odds(worth, example)
    if not odds:
        return None
    best = max(range(len(odds)), key=odds.__getitem__)
    total = 1.0 + sum(odds)
    probability = odds[best] / total
    if probability >= thresholds.match and not _is_doubtful(example.candidates[best]):
        verdict = Verdict.MATCH
    else:
        verdict = Verdict.REVIEW if sum(odds) / total >= thresholds.review else Verdict.NEW
    return Judged(probability, best in example.meant, verdict, example.is_there)


def figures(worth: Weights, examples: Sequence[Example], thresholds: Thresholds = DEFAULT) -> Figures:
    """The figures of all these examples together."""
    judged = [judge(worth, one, thresholds) for one in examples]
    seen = [one for one in judged if one is not None]
    accepted = [one for one in seen if one.verdict is Verdict.MATCH]
    right, there = sum(one.is_right for one in accepted), sum(one.is_there for one in examples)
    absent = len(examples) - there
    return Figures(
        len(examples),
        _share(right, len(accepted)),
        _share(right, there),
        _share(2 * right, len(accepted) + there),
        _share(sum(not one.is_there for one in accepted), absent),
        _share(sum(one.verdict is Verdict.REVIEW for one in seen), len(examples)),
        round(sum(one.count * abs(one.given - one.right) for one in bins(seen)) / max(1, len(seen)), 4),
    )


def loss(worth: Weights, examples: Sequence[Example]) -> float:
    """How improbable the right answers are, on average: the negative logarithm of their probability."""
    return sum(-math.log(max(1e-12, _right(worth, one))) for one in examples) / max(1, len(examples))


def by_source(worth: Weights, examples: Iterable[Example], thresholds: Thresholds = DEFAULT) -> dict[str, Figures]:
    """The figures of each source on its own."""
    sources: dict[str, list[Example]] = {}
    for one in examples:
        sources.setdefault(one.source, []).append(one)
    return {source: figures(worth, found, thresholds) for source, found in sources.items()}


def bins(judged: Iterable[Judged], count: int = BINS) -> list[Bin]:
    """Equally wide bins of probability, without those that nothing is in."""
    found: list[list[Judged]] = [[] for _ in range(count)]
    for one in judged:
        found[min(count - 1, int(one.probability * count))].append(one)
    return [
        Bin(
            len(group),
            sum(one.probability for one in group) / len(group),
            sum(one.is_right for one in group) / len(group),
        )
        for group in found
        if group
    ]


def as_document(found: dict[str, Figures]) -> dict[str, dict[str, float]]:
    """The same for JSON."""
    return {source: asdict(one) for source, one in found.items()}


def _odds(worth: Weights, example: Example) -> list[float]:
    return [math.exp(worth.prior + sum(map(worth.of, one))) for one in example.candidates]


def _right(worth: Weights, example: Example) -> float:
    odds = _odds(worth, example)
    return (sum(odds[at] for at in example.meant) if example.meant else 1.0) / (1.0 + sum(odds))


def _is_doubtful(findings: Sequence[Finding]) -> bool:
    return any(LEVELS[one.name][one.level].is_doubtful for one in findings)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
