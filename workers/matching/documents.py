"""What the matcher found, as documents carry it."""

from typing import Any

from workers.matching.matcher import Candidate, Evidence, Match


def candidate_documents(match: Match) -> list[dict[str, Any]]:
    """The candidates, best first."""
    return [
        {
            "addressId": candidate.id,
            "score": candidate.probability,
            "evidence": evidence_documents(candidate),
            "explanation": _explanation(candidate, match.candidates[0]),
        }
        for candidate in match.candidates
    ]


def runner_up_document(match: Match) -> dict[str, Any] | None:
    """The second best candidate and why it is not the best, ``None`` where there is none."""
    if len(match.candidates) < 2:
        return None
    best, second = match.candidates[:2]
    return {"addressId": second.id, "score": second.probability, "explanation": second.explain_against(best)}


def evidence_documents(candidate: Candidate | None) -> list[dict[str, Any]]:
    """What speaks for and against a candidate."""
    return [_evidence(one) for one in candidate.evidence] if candidate else []


def score_of(match: Match) -> float | None:
    """The probability of the best candidate, ``None`` where there is none."""
    return match.best.probability if match.best else None


def _evidence(one: Evidence) -> dict[str, Any]:
    return {
        "field": one.field,
        "typed": one.typed,
        "known": one.known,
        "similarity": None if one.similarity is None else round(one.similarity, 3),
        "weight": one.weight,
        "contribution": round(one.contribution, 3),
        "note": one.note,
        "contradicts": one.is_hard,
        "isDoubtful": one.is_doubtful,
    }


def _explanation(candidate: Candidate, best: Candidate) -> str:
    return candidate.explain() if candidate is best else candidate.explain_against(best)
