"""What was found about the candidates, for machines at once and for people when they look."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from operator import attrgetter

from workers.matching.matcher.evidence import LEVELS, Finding, Level, texts
from workers.matching.matcher.model import Verdict
from workers.matching.matcher.parse import Parsed
from workers.matching.matcher.weights import weights

_HARD, _DOUBTFUL = (
    frozenset((name, code) for name, codes in LEVELS.items() for code, level in codes.items() if wanted(level))
    for wanted in (attrgetter("is_hard"), attrgetter("is_doubtful"))
)


@dataclass(frozen=True)
class Evidence:
    """One thing that was compared, and what it says."""

    field: str
    typed: str | None
    known: str | None
    similarity: float | None
    """0 to 1; ``None`` where one side says nothing"""
    weight: float
    """the most it could have contributed"""
    contribution: float
    """what it adds to the logarithm of the odds"""
    note: str | None = None
    is_hard: bool = False
    """contradicts: nothing else can outvote it"""
    is_doubtful: bool = False
    """leaves a doubt that only a person can settle"""


@dataclass
class Candidate:
    """A known address and everything that speaks for or against it; only its probability is told later."""

    id: str
    typed: Parsed
    known: Parsed
    findings: tuple[Finding, ...]
    log_odds: float
    """the prior and what each finding contributes, summed"""
    probability: float = 0.0
    """that this very address is meant, the other candidates considered"""
    contradiction: Finding | None = field(init=False)
    """the hard fact against it, if there is one"""

    def __post_init__(self) -> None:
        self.contradiction = _first(self.findings, _HARD)

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """The findings in words and numbers; made when somebody looks."""
        return tuple(self._evidence(one) for one in self.findings)

    @property
    def doubt(self) -> Finding | None:
        """What keeps it from being a match without a person's look, if there is such a thing."""
        return _first(self.findings, _DOUBTFUL)

    def explain(self) -> str:
        """One line a person can argue with."""
        return f"{self.id} at {self.probability:.2f}: {', '.join(map(_said, self.evidence))}"

    def explain_against(self, best: "Candidate") -> str:
        """One line on what speaks less for this one than for the best; all there is where nothing does."""
        before = {one.field: one.contribution for one in best.evidence}
        less = [one for one in self.evidence if one.contribution < before.get(one.field, 0.0)]
        reasons = [f"{_said(one)} instead of {before.get(one.field, 0.0):+.1f}" for one in less]
        here = {one.field for one in self.evidence}
        reasons += [f"no {field}" for field, worth in before.items() if field not in here and worth > 0]
        return f"{self.id} at {self.probability:.2f}: {', '.join(reasons)}" if reasons else self.explain()

    def _evidence(self, finding: Finding) -> Evidence:
        said, level = texts(finding, self.typed, self.known), _level(finding)
        return Evidence(
            finding.name,
            *said,
            finding.similarity,
            _most(finding.name),
            weights().of(finding),
            level.note,
            level.is_hard,
            level.is_doubtful,
        )


def _first(findings: tuple[Finding, ...], levels: frozenset[tuple[str, str]]) -> Finding | None:
    for one in findings:
        if one[:2] in levels:
            return one
    return None


def _said(one: Evidence) -> str:
    differs = f"{one.typed or 'none'} / {one.known or 'none'}" if one.typed != one.known else None
    inside = ": ".join(filter(None, (one.note, differs)))
    return f"{one.field} {one.contribution:+.1f}" + (f" ({inside})" if inside else "")


@cache
def _most(name: str) -> float:
    return weights().most(name)


def _level(finding: Finding) -> Level:
    return LEVELS[finding.name][finding.level]


@dataclass(frozen=True)
class Match:
    """The verdict about one typed address, with the candidates best first."""

    verdict: Verdict
    weighed: tuple[Candidate, ...] = ()
    """the candidates that the verdict is about, best first"""
    with_refused: Callable[[], tuple[Candidate, ...]] | None = None
    """the same and those that a hard fact spoke against at sight: what they are worth is found out when somebody looks"""

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """The most convincing candidates, best first."""
        return self.with_refused() if self.with_refused else self.weighed

    @property
    def best(self) -> Candidate | None:
        """The most convincing candidate, whatever the verdict."""
        return self.weighed[0] if self.weighed else None

    @property
    def probability(self) -> float:
        """The probability of the best candidate."""
        return self.best.probability if self.best else 0.0

    def explain(self) -> str:
        """Why this verdict, and why the runner-up lost."""
        if self.best is None:
            return f"{self.verdict}: nothing in the register is near"
        lines = [f"{self.verdict}: {self.best.explain()}"]
        if decisive := self.best.contradiction or (self.verdict is Verdict.REVIEW and self.best.doubt):
            lines.append(f"  decisive is the {decisive.name}: {_level(decisive).note}")
        lines += [f"  rather than {other.explain_against(self.best)}" for other in self.candidates[1:3]]
        return "\n".join(lines)
