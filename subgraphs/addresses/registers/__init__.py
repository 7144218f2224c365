"""
Registers as they are published: each file becomes the same entries, a row at a time, whatever its format.

The format is given or recognised, the file may be compressed with gzip. A row that cannot be used is set aside with its
number and the reason; memory stays small whatever the file holds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from subgraphs.addresses.registers import formats, geojson_lines
from subgraphs.addresses.registers.entry import Columns, Entry, FileFormat, Wish, WrongCell
from subgraphs.addresses.registers.opened import Opened, opened
from subgraphs.chassis.csv_upload import CsvLimits, RejectedRow, Row, UnusableFile, read_rows

__all__ = ["Columns", "Entry", "FileFormat", "RegisterFile", "RejectedRow", "UnusableFile", "Wish", "read_register"]


@dataclass(frozen=True)
class RegisterFile:
    """A file that is being read."""

    format: FileFormat
    rows: Iterator[Entry | RejectedRow]


def read_register(file: Any, wish: Wish, limits: CsvLimits) -> RegisterFile:
    """
    The rows of a file, in order.

    :param file: an uploaded file, or any binary file that can be read again from its beginning
    :raises UnusableFile: here, or later while the rows are read
    """
    found = opened(file, wish, limits)
    format = wish.format or found.format
    if format is FileFormat.OPENADDRESSES_GEOJSON:
        return RegisterFile(format, geojson_lines.read(found.file, wish, limits))
    return RegisterFile(format, _table(found, formats.table_of(format, wish), limits))


def _table(found: Opened, table: formats.Table, limits: CsvLimits) -> Iterator[Entry | RejectedRow]:
    rows = read_rows(
        found.file,
        columns=table.columns,
        required=table.required,
        filled=table.filled,
        delimiter=found.delimiter,
        encoding=found.encoding,
        limits=limits,
    )
    for row in rows:
        yield _entry(row, table.entry) if isinstance(row, Row) else row


def _entry(row: Row, entry: Callable[[Row], Entry]) -> Entry | RejectedRow:
    try:
        return entry(row)
    except WrongCell as wrong:
        return RejectedRow(row.number, row.line, str(wrong))
