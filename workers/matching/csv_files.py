"""Registers, queries and answers as CSV files, for the command line."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from workers.matching.documents import evidence_documents
from workers.matching.evaluate import Answer, Query
from workers.matching.matcher import Address

_COLUMNS = ("id", "address")


class UnusableFile(ValueError):
    """A file that cannot be read; the message says why."""


def read_register(path: Path) -> list[tuple[str, Address]]:
    """The known addresses of a file."""
    return list(known_addresses(path))


def known_addresses(path: Path) -> Iterator[tuple[str, Address]]:
    """The same one after the other, for a file that need not fit into memory."""
    return ((row["id"], _address(row)) for row in _rows(path, ("id",)))


def read_queries(path: Path, *, with_gold: bool) -> list[Query]:
    """The typed addresses of a file."""
    needed = ("id", "gold_id") if with_gold else ("id",)
    return [
        Query(row["id"], _address(row), frozenset(id for id in (row.get("gold_id") or "").split(";") if id))
        for row in _rows(path, needed)
    ]


def write_answers(path: Path, answers: Iterable[Answer]) -> None:
    """One line per query: the best candidate, how probable it is, the verdict, and why."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("query_id", "address_id", "score", "verdict", "evidence"))
        for one in answers:
            best = one.match.best
            evidence = json.dumps(evidence_documents(best), ensure_ascii=False) if best else ""
            writer.writerow(
                (one.query.id, best.id if best else "", f"{one.match.probability:.4f}", one.match.verdict, evidence)
            )


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[Mapping[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if missing := [name for name in needed if name not in (reader.fieldnames or ())]:
                raise UnusableFile(f"{path}: the header has no column {', '.join(missing)}")
            yield from reader
    except (OSError, UnicodeDecodeError, csv.Error) as wrong:
        raise UnusableFile(f"{path}: {wrong}") from wrong


def _address(row: Mapping[str, str]) -> Address:
    def field(name: str) -> str | None:
        return (row.get(name) or "").strip() or None

    return Address(
        address=field("address") or "",
        name=field("name"),
        postal_code=field("postal_code"),
        city=field("city"),
        region=field("region"),
        country=field("country"),
    )
