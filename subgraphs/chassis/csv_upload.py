"""
Reading an uploaded CSV file of any size, a row at a time.

A file that cannot be read at all is refused (:class:`UnusableFile`). A broken row is set aside with its number and
the reason, and the rest goes on, even after a quote that is opened and never closed.
"""

import csv
import io
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ADDRESS_COLUMNS = ("id", "name", "address", "postal_code", "city", "region", "country")

DELIMITERS = ",;\t|"
"""what may stand between two fields"""
UTF8 = "utf-8-sig"
"""with or without a byte order mark"""

_MOST_LINES_OF_A_ROW = 50
"""a quoted field may hold line breaks; more than this is a quote somebody forgot to close"""


@dataclass(frozen=True)
class CsvLimits:
    """How large a file, a row and a field may be."""

    file_bytes: int = 256 * 1024 * 1024
    rows: int = 1_000_000
    field_length: int = 500


@dataclass(frozen=True)
class Row:
    """A row that can be used."""

    number: int
    """1 is the first row below the header; rejected rows count too"""
    line: int
    """the line of the file where the row begins, as an editor counts"""
    values: Mapping[str, str]
    """column → text without surrounding spaces; known columns only, absent ones are empty"""


@dataclass(frozen=True)
class RejectedRow:
    """A row that cannot be used, and why."""

    number: int
    line: int
    reason: str


@dataclass
class Chunk:
    """The next rows of a file, in order."""

    rows: list[Row] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)


class UnusableFile(ValueError):
    """
    The file as a whole is refused.

    ``code`` is one of ``FILE_TOO_LARGE``, ``FILE_EMPTY``, ``NOT_UTF8``, ``COLUMN_MISSING``, ``COLUMN_TWICE``,
    ``TOO_MANY_ROWS``, ``BROKEN_HEADER``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_chunks(
    file: Any,
    size: int,
    *,
    columns: Sequence[str] = ADDRESS_COLUMNS,
    required: Sequence[str] = ("address",),
    limits: CsvLimits = CsvLimits(),
) -> Iterator[Chunk]:
    """
    The rows of a file in chunks of at most ``size`` usable and ``size`` rejected rows.

    :raises UnusableFile: before the first chunk when the file cannot be used, or later when it has too many rows.
    """
    chunk = Chunk()
    for row in read_rows(file, columns=columns, required=required, limits=limits):
        if isinstance(row, Row):
            chunk.rows.append(row)
        else:
            chunk.rejected.append(row)
        if len(chunk.rows) == size or len(chunk.rejected) == size:
            yield chunk
            chunk = Chunk()
    if chunk.rows or chunk.rejected:
        yield chunk


def read_rows(
    file: Any,
    *,
    columns: Sequence[str] = ADDRESS_COLUMNS,
    required: Sequence[str] = ("address",),
    filled: Sequence[str] | None = None,
    delimiter: str | None = None,
    encoding: str = UTF8,
    limits: CsvLimits = CsvLimits(),
) -> Iterator[Row | RejectedRow]:
    """
    Every row of a file, usable or rejected, in order; memory stays small whatever the file holds.

    :param file: an uploaded file (``size`` is asked when it has one) or any binary file
    :param columns: the columns that mean something; others are ignored
    :param required: columns the header must have
    :param filled: columns no row may leave empty; by default those the header must have
    :param delimiter: between two fields; found out from the header when it is not given
    """
    known_size = getattr(file, "size", None)
    if known_size is not None and known_size > limits.file_bytes:
        raise UnusableFile(
            "FILE_TOO_LARGE",
            f"The file has {known_size:,} bytes; {limits.file_bytes:,} are allowed. Send it in several parts.",
        )
    lines = _Lines(file, longest=max(limits.field_length * (len(columns) + 1) * 4, 8_192), encoding=encoding)
    try:
        header, between = _header(lines, columns, required, delimiter or DELIMITERS)
        yield from _rows(lines, header, between, required if filled is None else filled, limits)
    finally:
        lines.detach()


def column_name(text: str) -> str:
    """The name of a column however it is written: ``Postal Code`` is ``postal_code``."""
    return text.strip().lower().replace(" ", "_")


def _rows(
    lines: "_Lines", header: Sequence[str | None], delimiter: str, required: Sequence[str], limits: CsvLimits
) -> Iterator[Row | RejectedRow]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            reason: str | None = _quote_reason(problem)
            cells = []
            # Only the line the row begins on is lost: what follows may be fine.
            lines.put_back_all_but_first()
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
        else:
            if not any(cell.strip() for cell in cells):
                continue
            reason = _reason_to_reject(cells, header, required, limits)
        number += 1
        if number > limits.rows:
            raise UnusableFile(
                "TOO_MANY_ROWS", f"The file has more than {limits.rows:,} rows. Send it in several parts."
            )
        if reason:
            yield RejectedRow(number, lines.row_line, reason)
        else:
            yield Row(number, lines.row_line, _values(cells, header))


def _header(
    lines: "_Lines", columns: Sequence[str], required: Sequence[str], delimiters: str
) -> tuple[list[str | None], str]:
    lines.begin_row()
    line = next(iter(lines), None)
    while line is not None and not line.strip():
        lines.begin_row()
        line = next(iter(lines), None)
    if line is None:
        raise UnusableFile("FILE_EMPTY", f"The file is empty. It needs a header with the columns {', '.join(columns)}.")
    if "\0" in line or _not_utf8(line):
        raise UnusableFile("NOT_UTF8", "The file is not UTF-8. Save it as “CSV UTF-8” and send it again.")
    found: list[list[str]] = []
    for delimiter in delimiters:
        try:
            names = next(csv.reader([line], delimiter=delimiter, strict=True))
        except csv.Error:
            names = []
        found.append([column_name(name) for name in names])
    best = max(range(len(found)), key=lambda index: sum(name in columns for name in found[index]))
    names = found[best]
    if not names:
        raise UnusableFile("BROKEN_HEADER", "The first line of the file is not a header: a quote is not closed.")
    for name in required:
        if name not in names:
            raise UnusableFile(
                "COLUMN_MISSING",
                f"The header has no column “{name}”. It names: {', '.join(n[:40] or '(nothing)' for n in names[:12])}. "
                f"Known columns are {', '.join(columns)}.",
            )
    for name in columns:
        if names.count(name) > 1:
            raise UnusableFile("COLUMN_TWICE", f"The header names the column “{name}” more than once.")
    return [name if name in columns else None for name in names], delimiters[best]


def _reason_to_reject(
    cells: Sequence[str], header: Sequence[str | None], required: Sequence[str], limits: CsvLimits
) -> str | None:
    if len(cells) != len(header):
        return f"has {len(cells)} fields where the header has {len(header)}"
    for name, cell in zip(header, cells, strict=True):
        if name is None:
            continue
        if len(cell.strip()) > limits.field_length:
            return f"{name} has {len(cell.strip())} characters; {limits.field_length} are allowed"
        if _not_utf8(cell):
            return f"{name} is not UTF-8"
        if "\0" in cell:
            return f"{name} holds a NUL character"
        if name in required and not cell.strip():
            return f"{name} is empty"
    return None


def _values(cells: Sequence[str], header: Sequence[str | None]) -> dict[str, str]:
    return {name: cell.strip() for name, cell in zip(header, cells, strict=True) if name is not None}


def _quote_reason(problem: csv.Error) -> str:
    if "expected after" in str(problem):
        return "has text after a closing quote; write a quote inside a field twice"
    if isinstance(problem, _LineTooLong):
        return str(problem)
    return "opens a quote that is never closed"


def _not_utf8(text: str) -> bool:
    # Bytes that are no UTF-8 arrive as lone surrogates, so that one bad row does not stop the file.
    return any("\udc80" <= character <= "\udcff" for character in text) if not text.isascii() else False


class _LineTooLong(csv.Error):
    """One line is longer than any row can be."""


class _Lines:
    """The lines of a file; those of the row being read can be put back."""

    def __init__(self, file: Any, longest: int, encoding: str) -> None:
        errors = "surrogateescape" if encoding == UTF8 else "replace"
        self._text = io.TextIOWrapper(io.BufferedReader(_Readable(file)), encoding=encoding, errors=errors, newline="")
        self._longest = longest
        self._again: deque[tuple[int, str]] = deque()
        self._row: list[tuple[int, str]] = []
        self._read = 0
        self.row_line = 1

    def begin_row(self) -> None:
        """What is taken from now on belongs to the next row."""
        self._row.clear()

    def put_back_all_but_first(self) -> None:
        """Read the lines of this row again, without the one it began on."""
        self._again.extendleft(reversed(self._row[1:]))

    def detach(self) -> None:
        """Leave the file open for its owner."""
        self._text.detach()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self._row) >= _MOST_LINES_OF_A_ROW:
            raise csv.Error("too many lines in one row")
        number, line = self._again.popleft() if self._again else self._next_of_file()
        if not self._row:
            self.row_line = number
        self._row.append((number, line))
        if len(line) > self._longest:
            raise _LineTooLong(f"the line is longer than {self._longest} characters")
        return line

    def _next_of_file(self) -> tuple[int, str]:
        line = self._text.readline(self._longest + 1)
        if not line:
            raise StopIteration
        self._read += 1
        rest = line
        while len(rest) > self._longest and not rest.endswith(("\n", "\r")):
            rest = self._text.readline(self._longest + 1)
        return self._read, line


class _Readable(io.RawIOBase):
    """Just enough of a file for a text wrapper; closing it does not close the upload."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._file.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)
