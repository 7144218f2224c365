"""Answers made by hand."""

from workers.matching.evaluate import Answer, Query
from workers.matching.matcher import Address, Match, Verdict
from workers.matching.matcher.match import Candidate
from workers.matching.matcher.parse import parse


def answered(probability: float, *, right: bool, is_there: bool = True) -> Answer:
    """An answer of which the matcher was so sure."""
    parsed = parse(Address("1 Main Street"))
    candidate = Candidate("known", parsed, parsed, (), 0.0, probability)
    gold = frozenset({"known" if right else "another"} if is_there else ())
    return Answer(Query("q", Address("1 Main Street"), gold), Match(Verdict.MATCH, (candidate,)), 0.001)
