"""The words of matching: what was typed, what is known, what speaks for it, and what follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What follows from the evidence."""

    MATCH = "match"
    REVIEW = "review"
    NEW = "new"


@dataclass(frozen=True)
class Address:
    """An address as somebody wrote it; the whole of it may stand in one field."""

    address: str
    name: str | None = None
    """a business or a building"""
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    """ISO 3166 alpha-2"""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Address":
        """Read one as facts and documents carry it."""
        return cls(
            address=document.get("address") or "",
            name=document.get("name"),
            postal_code=document.get("postalCode"),
            city=document.get("city"),
            region=document.get("region"),
            country=document.get("country"),
        )

    def as_document(self) -> dict[str, str | None]:
        """The same as facts and documents carry it."""
        return {
            "name": self.name,
            "address": self.address,
            "postalCode": self.postal_code,
            "city": self.city,
            "region": self.region,
            "country": self.country,
        }


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


@dataclass(frozen=True)
class Candidate:
    """A known address and everything that speaks for or against it."""

    id: str
    evidence: tuple[Evidence, ...]
    probability: float = 0.0
    """that this very address is meant, the other candidates considered"""

    @property
    def log_odds(self) -> float:
        """The sum of the evidence."""
        return sum(one.contribution for one in self.evidence)

    @property
    def contradiction(self) -> Evidence | None:
        """The hard fact against it, if there is one."""
        return next((one for one in self.evidence if one.is_hard), None)

    @property
    def doubt(self) -> Evidence | None:
        """What keeps it from being a match without a person's look, if there is such a thing."""
        return next((one for one in self.evidence if one.is_doubtful), None)

    def explain(self) -> str:
        """One line a person can argue with."""
        reasons = ", ".join(f"{e.field} {e.contribution:+.1f}{f' ({e.note})' if e.note else ''}" for e in self.evidence)
        return f"{self.id} at {self.probability:.2f}: {reasons}"


@dataclass(frozen=True)
class Thresholds:
    """From which probability on a verdict is given."""

    match: float = 0.7
    review: float = 0.4


DEFAULT = Thresholds()


@dataclass(frozen=True)
class Match:
    """The verdict about one typed address, with the candidates best first."""

    verdict: Verdict
    candidates: tuple[Candidate, ...] = ()

    @property
    def best(self) -> Candidate | None:
        """The most convincing candidate, whatever the verdict."""
        return self.candidates[0] if self.candidates else None

    @property
    def probability(self) -> float:
        """The probability of the best candidate."""
        return self.best.probability if self.best else 0.0

    def explain(self) -> str:
        """Why this verdict, and why the runner-up lost."""
        if self.best is None:
            return f"{self.verdict}: nothing in the register is near"
        lines = [f"{self.verdict}: {self.best.explain()}"]
        lines += [f"  rather than {other.explain()}" for other in self.candidates[1:3]]
        return "\n".join(lines)
