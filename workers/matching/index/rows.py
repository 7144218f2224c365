"""Known addresses as rows of a file: each packed once with its parts, so that it is never taken apart again."""

import marshal
from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, ClassVar

from workers.matching.matcher import Address
from workers.matching.matcher.parse import Parsed, parse

_ADDRESS: Callable[[Address], tuple[Any, ...]] = attrgetter(*(field.name for field in fields(Address)))
_PARSED: Callable[[Parsed], tuple[Any, ...]] = attrgetter(*(field.name for field in fields(Parsed)))


# Not frozen, which would make it four times as slow to make one; nobody changes any.
@dataclass(slots=True, unsafe_hash=True)
class Entry:
    """A known address: its id, what it was written like, and its parts."""

    is_refused: ClassVar[bool] = False
    id: str
    version: int
    written: tuple[Any, ...]
    parsed: Parsed

    @property
    def address(self) -> Address:
        """The address as the register has it."""
        return Address(*self.written)


class Unopened:
    """One that a hard fact speaks against at sight: it stays packed until somebody looks at it."""

    __slots__ = ("_entry", "_row")
    is_refused: ClassVar[bool] = True

    def __init__(self, row: bytes | memoryview) -> None:
        """Of a row as :func:`pack` has packed it."""
        self._row = row
        self._entry: Entry | None = None

    @property
    def id(self) -> str:
        """As in :class:`Entry`."""
        return self._opened.id

    @property
    def parsed(self) -> Parsed:
        """As in :class:`Entry`."""
        return self._opened.parsed

    @property
    def address(self) -> Address:
        """As in :class:`Entry`."""
        return self._opened.address

    @property
    def _opened(self) -> Entry:
        if self._entry is None:
            self._entry = unpack(self._row)
        return self._entry


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
