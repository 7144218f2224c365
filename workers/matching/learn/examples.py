"""Labelled examples, as what the matcher finds in them: the candidates of a typed address, and which of them are meant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workers.matching.evaluate import Query
from workers.matching.index import Known
from workers.matching.index.memory import MemoryIndex
from workers.matching.matcher.decide import weigh
from workers.matching.matcher.evidence import Finding
from workers.matching.matcher.model import Address
from workers.matching.matcher.parse import parse


@dataclass(frozen=True)
class Example:
    """What was found about each candidate that no hard fact excludes."""

    candidates: tuple[tuple[Finding, ...], ...]
    meant: frozenset[int]
    """which of them are meant, by their place; none: the address is not among them"""
    source: str = ""
    is_there: bool = False
    """whether the register holds what is meant, found or not"""


def example(typed: Address, known: Iterable[Known], gold: frozenset[str], source: str = "") -> Example:
    """The example that a typed address and the known ones near it make."""
    parsed = parse(typed)
    weighed = [weigh(parsed, id, parse(address)) for id, address in known]
    open_ = [candidate for candidate in weighed if not candidate.contradiction]
    meant = frozenset(place for place, candidate in enumerate(open_) if candidate.id in gold)
    return Example(tuple(candidate.findings for candidate in open_), meant, source, bool(gold))


def examples(register: Sequence[Known], queries: Sequence[Query], source: str) -> list[Example]:
    """The examples of a register and queries whose answers are known."""
    index = MemoryIndex(register)
    near = index.near([query.address for query in queries])
    return [
        example(query.address, ((entry.id, entry.address) for entry in entries), query.gold, source)
        for query, entries in zip(queries, near, strict=True)
    ]
