"""From candidates to a verdict: weigh the evidence, let the candidates compete, look at the thresholds."""

import math
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from workers.matching.matcher.evidence import MISTYPED, compare, is_refused
from workers.matching.matcher.match import Candidate, Match
from workers.matching.matcher.model import DEFAULT, Address, Thresholds, Verdict
from workers.matching.matcher.parse import Parsed, as_read_in, parse
from workers.matching.matcher.weights import weights

KEPT = 5
"""candidates that are kept for the explanation"""
STREET_ALIKE = 0.9
"""from which likeness on two addresses are in the same street, for all we know"""
LEAST = -14.0
"""log-odds below which nothing is told apart"""


def best_match(typed: Address, known: Iterable[tuple[str, Address]], thresholds: Thresholds = DEFAULT) -> Match:
    """
    The verdict about a typed address.

    :param known: ids and addresses worth comparing
    """
    return best_of(parse(typed), (_Taken(id, parse(address)) for id, address in known), thresholds)


class Found(Protocol):
    """A known address that is worth comparing, taken apart."""

    @property
    def id(self) -> str: ...

    @property
    def parsed(self) -> Parsed: ...

    @property
    def is_refused(self) -> bool:
        """Whether whoever found it saw already what :func:`is_refused` says; never wrong, but may be too careful."""
        ...


class _Taken(NamedTuple):
    id: str
    parsed: Parsed
    is_refused: bool = False


def best_of(typed: Parsed, known: Iterable[Found], thresholds: Thresholds = DEFAULT) -> Match:
    """The same for addresses that are taken apart already."""
    weighed: list[Candidate] = []
    refused: list[Found] = []
    says_where = bool(typed.country) or not typed.written
    for one in known:
        if not one.is_refused:
            parsed = one.parsed
            read = typed if says_where else _as_there(typed, parsed)
            if not is_refused(read, parsed):
                weighed.append(_weighed(read, one.id, parsed))
                continue
        # No more of them could ever be looked at.
        if len(refused) < KEPT:
            refused.append(one)

    def with_refused() -> list[Candidate]:
        return [*weighed, *(weigh(typed, one.id, one.parsed) for one in refused)]

    if refused and all(one.contradiction for one in weighed):
        # Nothing else is near: the most convincing of them is what there is to tell.
        ranked = compete(with_refused())
        return Match(_verdict(ranked, thresholds), ranked[:KEPT])
    ranked = compete(weighed)
    verdict, kept = _verdict(ranked, thresholds), ranked[:KEPT]
    if not refused or (len(ranked) >= KEPT and not ranked[KEPT - 1].contradiction):
        return Match(verdict, kept)
    return Match(verdict, kept, lambda: compete(with_refused())[:KEPT])


def weigh(typed: Parsed, id: str, known: Parsed) -> Candidate:
    """Everything that speaks for or against one known address."""
    return _weighed(_as_there(typed, known), id, known)


def _as_there(typed: Parsed, known: Parsed) -> Parsed:
    """A typed address as they read it where the known one is."""
    is_read_anew = typed.written and not typed.country and known.country
    return as_read_in(known.country, typed) if is_read_anew else typed


def _weighed(typed: Parsed, id: str, known: Parsed) -> Candidate:
    findings, worth = compare(typed, known), weights()
    return Candidate(id, typed, known, findings, worth.prior + sum(map(worth.of, findings)))


def compete(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """
    Give each candidate its probability, best first.

    One address is meant, or none: where two are as convincing, neither is certain.
    """
    ranked = sorted(candidates, key=_convincing, reverse=True)
    odds = [math.exp(max(one.log_odds, LEAST)) for one in ranked]
    total = 1.0 + sum([odd for odd, one in zip(odds, ranked, strict=True) if one.contradiction is None])
    for odd, one in zip(odds, ranked, strict=True):
        one.probability = round(odd / (total if one.contradiction is None else total + odd), 4)
    return tuple(ranked)


def _convincing(one: Candidate) -> tuple[bool, float, str]:
    return one.contradiction is None, one.log_odds, one.id


def _verdict(ranked: tuple[Candidate, ...], thresholds: Thresholds) -> Verdict:
    if not ranked or ranked[0].contradiction:
        return Verdict.NEW
    if ranked[0].probability >= thresholds.match and not ranked[0].doubt and not _is_there_as_typed(ranked):
        return Verdict.MATCH
    # Two that are as convincing as one another: a person can tell, the register has one of them twice.
    together = sum(candidate.probability for candidate in ranked if not candidate.contradiction)
    return Verdict.REVIEW if together >= thresholds.review else Verdict.NEW


def _is_there_as_typed(ranked: tuple[Candidate, ...]) -> bool:
    """Whether the number that the best candidate takes for mistyped is that of another house in the street."""
    if not [one for one in ranked[0].findings if one.level in MISTYPED and one.name == "house number"]:
        return False
    return any(_is_same_house(other) for other in ranked[1:] if not other.contradiction)


def _is_same_house(candidate: Candidate) -> bool:
    found = {one.name: one for one in candidate.findings}
    number, street = found.get("house number"), found.get("street")
    return bool(number and number.level == "same" and street and (street.similarity or 0.0) >= STREET_ALIKE)
