"""What a row of a register says, and what somebody says about its file."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

TEXTS = ("name", "address", "postal_code", "city", "region", "country")


class FileFormat(StrEnum):
    """How a register is written down."""

    CSV = "CSV"
    OPENADDRESSES_CSV = "OPENADDRESSES_CSV"
    OPENADDRESSES_GEOJSON = "OPENADDRESSES_GEOJSON"
    BAN_CSV = "BAN_CSV"


@dataclass(frozen=True)
class Columns:
    """Which columns of a plain CSV file hold what; by their names in the header."""

    address: tuple[str, ...]
    """joined with a space, in this order"""
    id: str | None = None
    name: str | None = None
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    latitude: str | None = None
    longitude: str | None = None


@dataclass(frozen=True)
class Wish:
    """What is said about a file; what is not said is found out."""

    format: FileFormat | None = None
    columns: Columns | None = None
    country: str | None = None
    """ISO 3166 alpha-2, for the rows that name none"""
    delimiter: str | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class Entry:
    """A row that can be used."""

    number: int
    """1 is the first row; rejected rows count too"""
    line: int
    """the line of the file where it begins"""
    reference: str
    """its name in the source"""
    texts: Mapping[str, str | None]
    """by the names of :data:`TEXTS`"""
    place: tuple[float, float] | None = field(default=None)
    """latitude and longitude in degrees, WGS 84"""


class WrongCell(ValueError):
    """The row cannot be used; the message says why."""


def place(latitude: str | None, longitude: str | None) -> tuple[float, float] | None:
    """
    Where an address is, ``None`` when the row does not say.

    :raises WrongCell: when what it says is nowhere on earth
    """
    if not latitude and not longitude:
        return None
    return _degrees(latitude, "latitude", 90), _degrees(longitude, "longitude", 180)


def reference_by_content(*parts: str | None) -> str:
    """A reference for a row without one: the same for the same address, however it is capitalised."""
    said = "\x1f".join(" ".join((part or "").split()).casefold() for part in parts)
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _degrees(text: str | None, name: str, most: int) -> float:
    if not text:
        raise WrongCell(f"{name} is empty, the other coordinate is not")
    try:
        degrees = float(text.replace(",", "."))
    except ValueError:
        raise WrongCell(f"{name} {text[:40]!r} is no number") from None
    if not math.isfinite(degrees) or abs(degrees) > most:
        raise WrongCell(f"{name} {text[:40]} is beyond {most} degrees; give degrees of WGS 84")
    return degrees
