"""Use case: the rows of one chunk of a batch get their verdicts, set at a time."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import structlog

from workers.matching.documents import evidence_documents, runner_up_document, score_of
from workers.matching.index import Index
from workers.matching.matcher import Address, Match, Thresholds, Verdict, best_of
from workers.matching.matcher.parse import parse
from workers.matching.metrics import VERDICTS

COUNTED_AS = {"MATCH": "matched", "REVIEW": "inReview", "NEW": "new", None: "failed"}
"""verdict of a row → the count of the batch it goes into"""

log = structlog.get_logger("matching")


class Batches(Protocol):
    """What this use case needs of the store."""

    def rows_to_do(self, batch_id: str, chunk: int, attempt: int) -> list[dict[str, Any]] | None: ...

    def save_results(self, results: Iterable[dict[str, Any]]) -> None: ...

    def finish_chunk(self, batch_id: str, chunk: int, attempt: int, counts: Mapping[str, int]) -> bool: ...


def match_batch_chunk(
    batch_id: str, chunk: int, attempt: int, *, batches: Batches, index: Index, thresholds: Thresholds
) -> None:
    """Match the rows, save the results, count the chunk. Hearing it twice changes nothing."""
    rows = batches.rows_to_do(batch_id, chunk, attempt)
    if rows is None:
        log.info("nothing to match", match_batch=batch_id, chunk=chunk, reason="done, cancelled or resumed")
        return
    typed = [Address.from_document(row["address"]) for row in rows]
    results = []
    for row, address, known in zip(rows, typed, index.near(typed), strict=True):
        try:
            results.append(_result(batch_id, row, best_of(parse(address), known, thresholds)))
        except Exception as problem:
            # One row that cannot be matched must not hold up the others.
            log.exception("row failed", match_batch=batch_id, row=row["row"])
            results.append(_failed(batch_id, row, f"{problem.__class__.__name__}: {problem}"))
    _finish(batch_id, chunk, attempt, results, batches)


def give_up_chunk(batch_id: str, chunk: int, attempt: int, problem: str, *, batches: Batches) -> None:
    """The chunk cannot be matched: its rows are failed, the batch goes on."""
    rows = batches.rows_to_do(batch_id, chunk, attempt)
    if rows is not None:
        _finish(batch_id, chunk, attempt, [_failed(batch_id, row, problem) for row in rows], batches)
        log.error("chunk failed", match_batch=batch_id, chunk=chunk, problem=problem)


def _finish(batch_id: str, chunk: int, attempt: int, results: Sequence[Mapping[str, Any]], batches: Batches) -> None:
    # Results before counts: what is counted can be read.
    batches.save_results([dict(result) for result in results])
    counts = Counter({"done": len(results)})
    counts.update(COUNTED_AS[result["verdict"]] for result in results)
    counted = batches.finish_chunk(batch_id, chunk, attempt, counts)
    if counted:
        for verdict, count in Counter(result["verdict"] for result in results).items():
            VERDICTS.labels((verdict or "failed").lower(), "batch").inc(count)
    log.info("chunk matched", match_batch=batch_id, chunk=chunk, first=counted, **counts)


def _result(batch_id: str, row: Mapping[str, Any], match: Match) -> dict[str, Any]:
    is_near = match.best is not None and match.verdict is not Verdict.NEW
    return {
        **_row(batch_id, row),
        "verdict": match.verdict.name,
        "score": score_of(match),
        "addressId": match.best.id if match.best and is_near else None,
        "evidence": evidence_documents(match.best),
        "runnerUp": runner_up_document(match),
        "problem": None,
    }


def _failed(batch_id: str, row: Mapping[str, Any], problem: str) -> dict[str, Any]:
    nothing: dict[str, Any] = {"verdict": None, "score": None, "addressId": None, "evidence": [], "runnerUp": None}
    return {**_row(batch_id, row), **nothing, "problem": problem}


def _row(batch_id: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "_id": f"{batch_id}:{row['row']}",
        "batchId": batch_id,
        "row": row["row"],
        "queryId": row["queryId"],
        "address": row["address"],
    }
