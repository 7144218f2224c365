"""Known addresses as rows of a file: each packed once with its parts, so that it is never taken apart again."""

import marshal
from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from workers.matching.matcher import Address
from workers.matching.matcher.parse import Parsed, parse

_ADDRESS: Callable[[Address], tuple[Any, ...]] = attrgetter(*(field.name for field in fields(Address)))
_PARSED: Callable[[Parsed], tuple[Any, ...]] = attrgetter(*(field.name for field in fields(Parsed)))


# Not frozen, which would make it four times as slow to make one; nobody changes any.
@dataclass(slots=True, unsafe_hash=True)
class Entry:
    """A known address: its id, what it was written like, and its parts."""

    id: str
    version: int
    written: tuple[Any, ...]
    parsed: Parsed

    @property
    def address(self) -> Address:
        """The address as the register has it."""
        return Address(*self.written)


def entry(id: str, version: int, address: Address) -> Entry:
    """A row from an address, which is taken apart here."""
    return Entry(id, version, _ADDRESS(address), parse(address))


def pack(one: Entry) -> bytes:
    """
    A row of the file.

    Written and read by the same version of Python only (the manifest says which): that is what makes ``marshal``, the
    fastest way to get strings and tuples back, good enough.
    """
    return marshal.dumps((one.id, one.version, one.written, _PARSED(one.parsed)))


def unpack(row: bytes | memoryview) -> Entry:
    """What :func:`pack` has packed."""
    id, version, written, parts = marshal.loads(row)  # noqa: S302 (a file of our own)
    return Entry(id, version, written, Parsed(*parts))


def pack_written(id: str, version: int, address: Address) -> bytes:
    """A row that nobody may ever ask for, not taken apart yet."""
    return marshal.dumps((id, version, _ADDRESS(address)))


def unpack_written(row: bytes) -> tuple[str, int, Address]:
    """What :func:`pack_written` has packed."""
    id, version, written = marshal.loads(row)  # noqa: S302 (packed by this process)
    return id, version, Address(*written)
