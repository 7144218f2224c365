"""The operations the tests send, and documents as the workers write them."""

from datetime import UTC, datetime, timedelta
from typing import Any

MATCH_ADDRESS = """
mutation ($address: TypedAddressInput!) {
  matchAddress(input: {address: $address}) {
    matchTask { id status typedAddress { address city country } createdAt attempts }
    problems { field code message }
  }
}
"""
MATCH_BATCH = """
mutation ($file: Upload!) {
  matchBatch(file: $file) {
    matchBatch { id status fileName total done rejected progress }
    problems { field code message }
  }
}
"""
BATCH = """
query ($id: ID!, $first: Int! = 100, $after: String) {
  matchBatch(id: $id) {
    id status total done matched inReview new failed rejected progress createdAt startedAt finishedAt
    rejectedRows(first: $first, after: $after) {
      nodes { row line reason } pageInfo { hasNextPage endCursor } totalCount
    }
  }
}
"""
REVIEW = (
    "matchTask { id status address { id } reviewer claimedBy claimedUntil decidedAt } problems { field code message }"
)
CLAIM = f"mutation ($id: ID!, $reviewer: String!) {{ claimReview(id: $id, reviewer: $reviewer) {{ {REVIEW} }} }}"
RESOLVE = f"mutation ($input: ResolveReviewInput!) {{ resolveReview(input: $input) {{ {REVIEW} }} }}"
UNDO = f"mutation ($id: ID!, $reviewer: String!) {{ undoReview(id: $id, reviewer: $reviewer) {{ {REVIEW} }} }}"

TYPED = {"name": None, "address": "12 rue", "postalCode": "76000", "city": "Rouen", "region": None, "country": "FR"}
EVIDENCE = {
    "field": "street",
    "typed": "12 rue",
    "known": "12 rue des lilas",
    "similarity": 0.8,
    "weight": 4.0,
    "contribution": 2.5,
    "note": None,
}
BEGIN = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def task(id: str, *, minute: int = 0, **changes: Any) -> dict[str, Any]:
    """A task in review, but for these changes."""
    return {
        "_id": id,
        "status": "IN_REVIEW",
        "address": TYPED,
        "subscriberId": "s-1",
        "addressId": None,
        "score": 0.71,
        "verdict": "REVIEW",
        "candidates": [
            {"addressId": "a-1", "score": 0.71, "evidence": [EVIDENCE]},
            {"addressId": "a-2", "score": 0.4, "evidence": []},
        ],
        "problem": None,
        "createdAt": BEGIN + timedelta(minutes=minute),
        "decidedAt": BEGIN + timedelta(minutes=minute, seconds=1),
        "attempts": 1,
        "unsent": [],
        **changes,
    }


def batch(id: str, *, minute: int = 0, **changes: Any) -> dict[str, Any]:
    """A batch that is half done, but for these changes."""
    return {
        "_id": id,
        "status": "RUNNING",
        "fileName": "customers.csv",
        "total": 8,
        "chunks": 1,
        "done": 4,
        "matched": 2,
        "inReview": 1,
        "new": 1,
        "failed": 0,
        "rejected": 2,
        "attempt": 1,
        "createdAt": BEGIN + timedelta(minutes=minute),
        "startedAt": BEGIN + timedelta(minutes=minute, seconds=1),
        "finishedAt": None,
        "finishedChunks": [],
        "unsent": [],
        **changes,
    }


def result(batch_id: str, row: int, **changes: Any) -> dict[str, Any]:
    """What was found for a row, but for these changes."""
    return {
        "_id": f"{batch_id}:{row}",
        "batchId": batch_id,
        "row": row,
        "queryId": f"q-{row}",
        "address": TYPED,
        "verdict": "MATCH",
        "score": 0.99,
        "addressId": "a-1",
        "evidence": [EVIDENCE],
        **changes,
    }
