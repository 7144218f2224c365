"""Use case: somebody sends a file of addresses."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from subgraphs.chassis.clock import now
from subgraphs.chassis.csv_upload import CsvLimits, RejectedRow, Row, UnusableFile, read_rows
from subgraphs.chassis.text_fields import Refusal
from subgraphs.chassis_strawberry.postal import country_code
from subgraphs.chassis_strawberry.typed_address import TypedAddress
from subgraphs.matching.batch_store import BatchStore
from subgraphs.matching.facts import batch_requested

CHUNK_ROWS = 100
LARGE_CHUNK_ROWS = 500
"""what a worker matches in one go: at first, and when a file turns out to be large"""
_LARGE_FROM = 10_000


def match_batch(file: Any, file_name: str, *, limits: CsvLimits, store: BatchStore) -> dict[str, Any] | list[Refusal]:
    """
    Keep the rows of the file, and promise that a worker will hear of them.

    The rows are written while the file is read. The batch itself, with its promise, comes last: a file that breaks
    off half way was never accepted, and leaves nothing behind.
    """
    batch_id = str(uuid4())
    try:
        with store.rows_of(batch_id, _chunk_rows) as rows:
            for row in _usable_rows(read_rows(file, limits=limits)):
                if isinstance(row, RejectedRow):
                    rows.reject(row.number, row.line, row.reason)
                else:
                    rows.add(*row)
            if not rows.accepted:
                return [_nothing_usable(rows.first_reason)]
            batch = {
                "_id": batch_id,
                "status": "QUEUED",
                "fileName": file_name[-255:],
                "total": rows.accepted,
                "chunks": rows.chunks,
                "done": 0,
                "matched": 0,
                "inReview": 0,
                "new": 0,
                "failed": 0,
                "rejected": rows.rejected,
                "attempt": 1,
                "createdAt": now(),
                "startedAt": None,
                "finishedAt": None,
                "finishedChunks": [],
            }
            rows.keep(batch, batch_requested(batch_id, 1))
    except UnusableFile as unusable:
        return [Refusal("file", unusable.code, str(unusable))]
    return batch


def _chunk_rows(before: int) -> int:
    """How many rows a chunk has: small files show their progress in many steps, large ones have few documents."""
    return CHUNK_ROWS if before < _LARGE_FROM else LARGE_CHUNK_ROWS


def _usable_rows(rows: Iterator[Row | RejectedRow]) -> Iterator[tuple[int, str, dict[str, Any]] | RejectedRow]:
    for row in rows:
        if isinstance(row, RejectedRow):
            yield row
            continue
        country = row.values.get("country") or None
        code = country_code(country) if country else None
        if country and code is None:
            yield RejectedRow(row.number, row.line, f"country {country[:100]!r} is no country or ISO 3166 code")
            continue
        typed = TypedAddress(
            name=row.values.get("name") or None,
            address=row.values["address"],
            postal_code=row.values.get("postal_code") or None,
            city=row.values.get("city") or None,
            region=row.values.get("region") or None,
            country=code,
        )
        yield row.number, row.values.get("id") or str(row.number), typed.as_document()


def _nothing_usable(first_reason: str | None) -> Refusal:
    message = "No row of the file can be used."
    message += f" The first one: {first_reason}." if first_reason else " There is none below the header."
    return Refusal("file", "NO_USABLE_ROW", message)
