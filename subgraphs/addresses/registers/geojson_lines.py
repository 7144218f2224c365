"""OpenAddresses as lines of GeoJSON: one feature a line, the address in its properties."""

from collections.abc import Iterator
from typing import Any

import orjson

from subgraphs.addresses.registers.entry import Entry, Wish, WrongCell
from subgraphs.addresses.registers.formats import openaddresses
from subgraphs.chassis.csv_upload import CsvLimits, RejectedRow, Row, UnusableFile

_LONGEST_LINE = 64 * 1024
"""bytes; a feature with one point has a few hundred"""


def read(file: Any, wish: Wish, limits: CsvLimits) -> Iterator[Entry | RejectedRow]:
    """Every feature of a file, usable or rejected, in order."""
    number = 0
    for line, text in _lines(file):
        if not text.strip():
            continue
        number += 1
        if number > limits.rows:
            raise UnusableFile(
                "TOO_MANY_ROWS", f"The file has more than {limits.rows:,} rows. Send it in several parts."
            )
        try:
            said = _said(text, limits)
            yield openaddresses(Row(number, line, said), said, wish)
        except WrongCell as wrong:
            yield RejectedRow(number, line, str(wrong))


def _said(text: bytes, limits: CsvLimits) -> dict[str, str]:
    if len(text) > _LONGEST_LINE:
        raise WrongCell(f"the line is longer than {_LONGEST_LINE:,} bytes")
    try:
        feature = orjson.loads(text)
    except ValueError as wrong:
        raise WrongCell(f"is not JSON: {wrong}") from None
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise WrongCell("is no GeoJSON feature with properties")
    said = {}
    for name, value in properties.items():
        cell = _text(value).strip()
        if len(cell) > limits.field_length:
            raise WrongCell(f"{name[:40]} has {len(cell)} characters; {limits.field_length} are allowed")
        if "\0" in cell:
            raise WrongCell(f"{name[:40]} holds a NUL character")
        said[name.lower()] = cell
    geometry = feature.get("geometry")
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        point = geometry.get("coordinates")
        if not isinstance(point, list) or len(point) < 2:
            raise WrongCell("its point has no coordinates")
        said["lon"], said["lat"] = _text(point[0]), _text(point[1])
    return said


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _lines(file: Any) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(_LONGEST_LINE + 1):
        number += 1
        rest = line
        while len(rest) > _LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(_LONGEST_LINE + 1)
        yield number, line
