"""How good the matcher is on a register and queries whose answers are known."""

import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from workers.matching.matcher import Address, Found, Match, Thresholds, Verdict, best_of
from workers.matching.matcher.model import DEFAULT
from workers.matching.matcher.parse import parse


@dataclass(frozen=True)
class Query:
    """A typed address and the ids it means; none of them: it is not in the register."""

    id: str
    address: Address
    gold: frozenset[str]


@dataclass(frozen=True)
class Answer:
    """What the matcher said about a query, and how long it took."""

    query: Query
    match: Match
    seconds: float

    @property
    def is_accepted(self) -> bool:
        """Whether the verdict names an address."""
        return self.match.verdict is Verdict.MATCH

    @property
    def is_right(self) -> bool:
        """Whether the best candidate is the address that was meant."""
        return self.match.best is not None and self.match.best.id in self.query.gold


class Near(Protocol):
    """What is needed of an index here."""

    def near(self, typed: Sequence[Address]) -> Sequence[Sequence[Found]]: ...


def evaluate(
    index: Near, queries: Sequence[Query], thresholds: Thresholds = DEFAULT, at_once: int = 1
) -> dict[str, float]:
    """Answer all queries and compare with what is known to be right."""
    cpu = time.process_time()
    answers = answer(index, queries, thresholds, at_once)
    return figures(answers, time.process_time() - cpu)


def answer(index: Near, queries: Sequence[Query], thresholds: Thresholds = DEFAULT, at_once: int = 1) -> list[Answer]:
    """
    Answer all queries.

    :param at_once: how many are asked together, as rows of a file are; each then takes its part of the time
    """
    answers = []
    for start in range(0, len(queries), at_once):
        asked = queries[start : start + at_once]
        began = time.perf_counter()
        near = index.near([query.address for query in asked])
        matches = [best_of(parse(query.address), known, thresholds) for query, known in zip(asked, near, strict=True)]
        each = (time.perf_counter() - began) / len(asked)
        answers += [Answer(query, match, each) for query, match in zip(asked, matches, strict=True)]
    return answers


def figures(answers: Sequence[Answer], cpu_seconds: float) -> dict[str, float]:
    """The figures of a run, as ``evaluate`` prints them."""
    accepted = [one for one in answers if one.is_accepted]
    right = sum(one.is_right for one in accepted)
    there = [one for one in answers if one.query.gold]
    absent = [one for one in answers if not one.query.gold]
    precision = right / len(accepted) if accepted else 0.0
    recall = right / len(there) if there else 0.0
    times = sorted(one.seconds for one in answers) or [0.0]
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / (precision + recall), 4) if precision + recall else 0.0,
        "top1": round(sum(one.is_right for one in there) / len(there), 4) if there else 0.0,
        "false_accept": round(sum(one.is_accepted for one in absent) / len(absent), 4) if absent else 0.0,
        "review_share": round(sum(one.match.verdict is Verdict.REVIEW for one in answers) / (len(answers) or 1), 4),
        "calibration_error": round(calibration_error(answers), 4),
        "queries_per_cpu_second": round(len(answers) / cpu_seconds, 1) if cpu_seconds else 0.0,
        "p50_ms": round(times[len(times) // 2] * 1000, 3),
        "p99_ms": round(times[int((len(times) - 1) * 0.99)] * 1000, 3),
        "peak_mib": round(max(map(_peak_kib, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))) / 1024, 1),
    }


def calibration_error(answers: Sequence[Answer], bins: int = 10) -> float:
    """How far the given probabilities are from how often they were right, on average."""
    by_bin: list[list[Answer]] = [[] for _ in range(bins)]
    for one in answers:
        if one.match.best is not None:
            by_bin[min(bins - 1, int(one.match.probability * bins))].append(one)
    total = sum(map(len, by_bin)) or 1
    return (
        sum(
            abs(sum(one.match.probability for one in group) - sum(one.is_right for one in group))
            for group in by_bin
            if group
        )
        / total
    )


def _peak_kib(who: int) -> int:
    """The most memory of this process, or of the greatest of those that helped to build the index."""
    return resource.getrusage(who).ru_maxrss
