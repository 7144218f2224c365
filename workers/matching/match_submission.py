"""Use case: one typed address gets its verdict."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog

from workers.matching.documents import candidate_documents, score_of
from workers.matching.facts import address_decided, match_failed
from workers.matching.index import Index
from workers.matching.matcher import Address, Thresholds, Verdict, best_of
from workers.matching.matcher.parse import parse
from workers.matching.metrics import VERDICTS

STATUSES = {Verdict.MATCH: "MATCHED", Verdict.REVIEW: "IN_REVIEW", Verdict.NEW: "NEW"}

log = structlog.get_logger("matching")


class Tasks(Protocol):
    """What this use case needs of the store."""

    def begin(self, task_id: str) -> dict[str, Any] | None: ...

    def unanswered(self, task_id: str) -> dict[str, Any] | None: ...

    def end(self, task_id: str, answer: Mapping[str, Any], *facts: dict[str, Any]) -> bool: ...


def match_submission(task_id: str, *, tasks: Tasks, index: Index, thresholds: Thresholds) -> None:
    """Find candidates, weigh the evidence, save the verdict. Hearing it twice changes nothing."""
    task = tasks.begin(task_id)
    if task is None:
        log.info("nothing to match", match_task=task_id, reason="answered, cancelled or unknown")
        return
    typed = Address.from_document(task["address"])
    near = {known.id: known for known in index.near([typed])[0]}
    match = best_of(parse(typed), near.values(), thresholds)
    status = STATUSES[match.verdict]
    meant = match.best.id if match.best and match.verdict is Verdict.MATCH else None
    score = score_of(match)
    now = datetime.now(UTC)
    answer = {
        "status": status,
        "verdict": match.verdict.name,
        "score": score,
        "addressId": meant,
        "candidates": candidate_documents(match),
        "problem": None,
        "decidedAt": now,
    }
    known = (meant, near[meant].address.as_document()) if meant else None
    fact = address_decided(task, status=status, known=known, score=score, decided_at=now)
    saved = tasks.end(task_id, answer, fact)
    if saved:
        VERDICTS.labels(match.verdict.value, "one").inc()
    log.info("address matched", match_task=task_id, status=status, score=score, first=saved)


def give_up(task_id: str, problem: str, *, tasks: Tasks) -> None:
    """There will be no verdict: say so to whoever waits."""
    task = tasks.unanswered(task_id)
    if task is None:
        return
    answer = {"status": "FAILED", "problem": problem, "decidedAt": datetime.now(UTC)}
    if tasks.end(task_id, answer, match_failed(task, problem)):
        VERDICTS.labels("failed", "one").inc()
    log.error("match failed", match_task=task_id, problem=problem)
