"""A file as it arrives: unpacked when it is compressed, its encoding, delimiter and format found out from its beginning."""

import codecs
import csv
import gzip
import io
import zlib
from dataclasses import dataclass
from typing import Any

import orjson

from subgraphs.addresses.registers.entry import FileFormat, Wish
from subgraphs.chassis.csv_upload import DELIMITERS, UTF8, CsvLimits, UnusableFile, column_name

_LOOKED_AT = 256 * 1024
"""bytes of the beginning"""
_GZIP = b"\x1f\x8b"
_MOST_UNPACKED = 8
"""times the bytes a file may have: more is not unpacked"""
_MARKS = ((codecs.BOM_UTF8, UTF8), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WESTERN = "cp1252"
"""what spreadsheets write in Western Europe and America when they do not write UTF-8"""

_BAN = frozenset({"numero", "nom_voie", "code_postal", "nom_commune"})
_OPENADDRESSES = frozenset({"lon", "lat", "number", "street"})


@dataclass(frozen=True)
class Opened:
    """A file that can be read from its beginning."""

    file: Any
    format: FileFormat
    encoding: str
    delimiter: str | None
    """``None``: to be found out from the header"""


def opened(file: Any, wish: Wish, limits: CsvLimits) -> Opened:
    """
    Unpack the file and look at its beginning.

    :raises UnusableFile: when it is too large, damaged, or of a format nobody knows
    """
    size = getattr(file, "size", None)
    if size is not None and size > limits.file_bytes:
        raise UnusableFile(
            "FILE_TOO_LARGE",
            f"The file has {size:,} bytes; {limits.file_bytes:,} are allowed. Send it in several parts.",
        )
    file.seek(0)
    packed = file.read(2) == _GZIP
    file.seek(0)
    binary: Any = io.BufferedReader(_Unpacked(file, limits.file_bytes * _MOST_UNPACKED)) if packed else file
    start = binary.read(_LOOKED_AT)
    if packed:
        file.seek(0)
        binary = io.BufferedReader(_Unpacked(file, limits.file_bytes * _MOST_UNPACKED))
    else:
        binary.seek(0)
    encoding = _known(wish.encoding) if wish.encoding else _encoding(start)
    if wish.delimiter and wish.delimiter not in DELIMITERS:
        known = " ".join("tab" if one == "\t" else one for one in DELIMITERS)
        raise UnusableFile("INVALID_DELIMITER", f"delimiter must be one of: {known}")
    format = _format(start, encoding, wish)
    return Opened(binary, format, encoding, wish.delimiter)


def _format(start: bytes, encoding: str, wish: Wish) -> FileFormat:
    if wish.columns is not None or wish.format is not None:
        return wish.format or FileFormat.CSV
    text = start.decode(encoding, errors="replace").lstrip()
    first = text.split("\n", 1)[0]
    if first.startswith("{"):
        if _is_feature(first):
            return FileFormat.OPENADDRESSES_GEOJSON
        raise UnusableFile(
            "UNKNOWN_FORMAT", "The file is JSON, but its first line is no GeoJSON feature. Write one feature a line."
        )
    for delimiter in wish.delimiter or DELIMITERS:
        names = {column_name(name) for name in next(csv.reader([first], delimiter=delimiter), [])}
        if names >= _BAN:
            return FileFormat.BAN_CSV
        if names >= _OPENADDRESSES:
            return FileFormat.OPENADDRESSES_CSV
    return FileFormat.CSV


def _is_feature(line: str) -> bool:
    try:
        said = orjson.loads(line)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("type") == "Feature"


def _encoding(start: bytes) -> str:
    """UTF-8, unless a mark says something else, or nearly nothing beyond ASCII is UTF-8."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    text = start.decode("utf-8", errors="surrogateescape")
    beyond = [character for character in text[:-3] if character > "\x7f"]
    broken = sum("\udc80" <= character <= "\udcff" for character in beyond)
    # A few broken characters among sound ones are broken rows; where hardly any is sound, it is another encoding.
    return _WESTERN if broken > len(beyond) / 2 else UTF8


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)
    except LookupError:
        raise UnusableFile(
            "UNKNOWN_ENCODING", f"encoding {encoding[:40]!r} is unknown; write one such as UTF-8 or ISO-8859-2."
        ) from None
    return UTF8 if name == "utf-8" else name


class _Unpacked(io.RawIOBase):
    """What a gzip file holds, and no more than allowed."""

    def __init__(self, file: Any, most: int) -> None:
        self._gzip = gzip.GzipFile(fileobj=file)
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._gzip.read(min(len(buffer), 64 * 1024))
        except (OSError, EOFError, zlib.error) as broken:
            raise UnusableFile("BROKEN_FILE", f"The file is damaged and cannot be unpacked: {broken}.") from broken
        self._left -= len(piece)
        if self._left < 0:
            raise UnusableFile("FILE_TOO_LARGE", "The file unpacks to more than is allowed. Send it in several parts.")
        buffer[: len(piece)] = piece
        return len(piece)
