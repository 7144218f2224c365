"""Use case: a file of addresses is accepted; the worker brings it into the register."""

from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePath
from typing import Any
from uuid import uuid4

from subgraphs.addresses.create_address import source_problems, tidied
from subgraphs.addresses.facts import import_progressed, import_requested
from subgraphs.addresses.model import LONGEST_REFERENCE, AddressImport, ImportChunk, ImportStatus, RejectedRow
from subgraphs.addresses.problems import Problem, ProblemCode
from subgraphs.addresses.registers import Entry, UnusableFile, Wish, read_register
from subgraphs.addresses.registers import RejectedRow as Refused
from subgraphs.addresses.registers.seen import Seen
from subgraphs.chassis.clock import now
from subgraphs.chassis.csv_upload import CsvLimits
from subgraphs.chassis.text_fields import tidy

ROWS_OF_A_CHUNK = 250
ROWS_OF_A_LARGE_CHUNK = 1_000
"""what the worker brings in in one go: at first, and when a file turns out to be large"""
_LARGE_FROM = 10_000
NOTHING_SAID = Wish()


@dataclass(frozen=True)
class ImportOutcome:
    """What became of a file."""

    address_import: AddressImport | None = None
    problems: list[Problem] = field(default_factory=list)


def import_addresses(file: Any, source: str, *, limits: CsvLimits, wish: Wish = NOTHING_SAID) -> ImportOutcome:
    """
    Take the file apart into chunks for the worker, and set aside the rows that cannot be used.

    The import itself is written last, with the fact that starts the worker: one that can be seen is complete.
    """
    source = tidy(source) or ""
    if problems := source_problems(source):
        return ImportOutcome(problems=problems)
    started = AddressImport(
        id=str(uuid4()),
        file_name=_file_name(file),
        source=source,
        status=ImportStatus.QUEUED.value,
        created_at=now(),
    )
    seen = Seen()
    try:
        register = read_register(file, wish, limits)
        started.format = register.format.value
        while rows := list(islice(register.rows, _chunk_rows(started.total))):
            _keep(started, rows, seen, limits)
    except UnusableFile as unusable:
        _forget(started)
        return ImportOutcome(problems=[Problem(ProblemCode(unusable.code), str(unusable), "file")])
    except BaseException:
        _forget(started)
        raise
    if started.total == 0:
        started.status, started.finished_at = ImportStatus.FINISHED.value, now()
        started.unsent = [import_progressed(started)]
    else:
        started.unsent = [import_progressed(started), import_requested(started)]
    started.save(force_insert=True)
    return ImportOutcome(started)


def _chunk_rows(before: int) -> int:
    """How many rows a chunk has: small files show their progress in many steps, large ones have few documents."""
    return ROWS_OF_A_CHUNK if before < _LARGE_FROM else ROWS_OF_A_LARGE_CHUNK


def _keep(started: AddressImport, rows: list[Entry | Refused], seen: Seen, limits: CsvLimits) -> None:
    rejected, accepted = [], []
    for row in rows:
        if isinstance(row, Refused):
            rejected.append(_rejected(started, row.number, row.line, row.reason))
        elif reason := _reason_to_reject(row, seen, limits):
            rejected.append(_rejected(started, row.number, row.line, reason))
        else:
            accepted.append(_row(row))
    if accepted:
        number = started.chunks
        ImportChunk(id=f"{started.id}:{number}", import_id=started.id, chunk=number, rows=accepted).save(
            force_insert=True
        )
        started.chunks += 1
        started.total += len(accepted)
    if rejected:
        RejectedRow.objects.bulk_create(rejected)
        started.rejected += len(rejected)


def _reason_to_reject(row: Entry, seen: Seen, limits: CsvLimits) -> str | None:
    if len(row.reference) > LONGEST_REFERENCE:
        return f"id has {len(row.reference)} characters; {LONGEST_REFERENCE} are allowed"
    line = row.texts["address"] or ""
    if len(line) > limits.field_length:
        return f"address has {len(line)} characters; {limits.field_length} are allowed"
    first = seen.first(row.reference, row.number)
    return f"id {row.reference!r} is that of row {first} already" if first != row.number else None


def _row(row: Entry) -> dict[str, Any]:
    values = tidied(row.texts)
    said = {
        "row": row.number,
        "reference": row.reference,
        "name": values["name"],
        "address": values["address"],
        "postalCode": values["postal_code"],
        "city": values["city"],
        "region": values["region"],
        "country": values["country"],
    }
    return said | ({"latitude": row.place[0], "longitude": row.place[1]} if row.place else {})


def _rejected(started: AddressImport, number: int, line: int, reason: str) -> RejectedRow:
    return RejectedRow(id=f"{started.id}:{number}", import_id=started.id, row=number, reason=reason, line=line)


def _forget(started: AddressImport) -> None:
    ImportChunk.objects.filter(import_id=started.id).delete()
    RejectedRow.objects.filter(import_id=started.id).delete()


def _file_name(file: Any) -> str:
    return PurePath(str(getattr(file, "name", "") or "upload.csv")).name[:255]
