"""Use case: known addresses are compared with the others of the register, some hundred at a time."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import structlog

from workers.matching.documents import evidence_documents
from workers.matching.index import Index
from workers.matching.matcher import Address, Match, Thresholds, Verdict, best_of
from workers.matching.matcher.parse import parse

ADDRESSES_AT_ONCE = 500

log = structlog.get_logger("matching")


class Duplicates(Protocol):
    """What this use case needs of the store."""

    def begin(self, search_id: str) -> dict[str, Any] | None: ...

    def beyond(self, cursor: str, size: int) -> list[tuple[str, Address]]: ...

    def save(self, pairs: Iterable[dict[str, Any]]) -> None: ...

    def advance(self, search_id: str, cursor: str, to: str, done: int) -> bool: ...

    def finish(self, search_id: str, cursor: str) -> None: ...


def find_duplicates(search_id: str, *, duplicates: Duplicates, index: Index, thresholds: Thresholds) -> bool:
    """
    Compare the next addresses, and say whether there may be more to do.

    Where the search stands is in its document: heard twice, or after a crash, it goes on from there. Of two that do the
    same at the same time, one gets ``False`` and leaves the rest to the other.
    """
    search = duplicates.begin(search_id)
    if search is None:
        log.info("no duplicates to find", duplicate_search=search_id, reason="finished, cancelled or unknown")
        return False
    known = duplicates.beyond(search["cursor"], ADDRESSES_AT_ONCE)
    if not known:
        duplicates.finish(search_id, search["cursor"])
        log.info("duplicates found", duplicate_search=search_id, addresses=search["done"])
        return False
    pairs = _pairs(search_id, known, index, thresholds)
    duplicates.save(pairs)
    log.info("addresses compared", duplicate_search=search_id, addresses=len(known), pairs=len(pairs))
    return duplicates.advance(search_id, search["cursor"], known[-1][0], len(known))


def _pairs(
    search_id: str, known: Sequence[tuple[str, Address]], index: Index, thresholds: Thresholds
) -> list[dict[str, Any]]:
    found = {}
    for (id, address), near in zip(known, index.near([address for _, address in known]), strict=True):
        parsed = parse(address)
        for other in near:
            if other.id == id:
                continue
            # Each pair by itself: all copies of an address are duplicates, they do not compete for it.
            match = best_of(parsed, [other], thresholds)
            if match.verdict is not Verdict.NEW:
                pair = _pair(search_id, id, match)
                found[pair["_id"]] = pair
    return list(found.values())


def _pair(search_id: str, id: str, match: Match) -> dict[str, Any]:
    other = match.candidates[0]
    ids = sorted((id, other.id))
    return {
        "_id": ":".join(ids),
        "searchId": search_id,
        "addressIds": ids,
        "score": match.probability,
        "verdict": match.verdict.name,
        "evidence": evidence_documents(other),
    }
