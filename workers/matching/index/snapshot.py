"""
The snapshot: the register as it was at one moment, in files that all processes of a machine map and share.

``FOLDER/CURRENT`` names the folder that counts; each folder is written once and never changed. ``manifest.json`` says
which format, which Python and which matcher wrote it, and how long each file is and its checksum: what does not fit is
refused, and whoever builds snapshots makes a new one.
"""

import json
import marshal
import mmap
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from workers.matching import matcher
from workers.matching.index.at_sight import WIDTH
from workers.matching.index.postings import Postings
from workers.matching.index.rows import Entry, Unopened, unpack

FORMAT = 3
CURRENT = "CURRENT"
MANIFEST = "manifest.json"
WORD = np.dtype("S16")
ARRAYS: Mapping[str, np.dtype[Any]] = {
    "key_hashes": np.dtype(np.uint32),
    "key_starts": np.dtype(np.int64),
    "key_rows": np.dtype(np.uint32),
    "row_starts": np.dtype(np.int64),
    "rows": np.dtype(np.uint8),
    "row_facts": np.dtype(np.uint32),
    "words": WORD,
    "word_starts": np.dtype(np.int64),
    "word_rows": np.dtype(np.uint32),
    "row_word_starts": np.dtype(np.int64),
    "row_words": np.dtype(np.uint32),
}
"""the files, each one array"""
_READ = frozenset({".py", ".txt", ".json", ".toml", ".csv"})
_READ_AT_ONCE = 4 * 1024 * 1024


class UnusableSnapshot(Exception):
    """A snapshot that must not be read: damaged, or written by something else; the message says what is wrong."""


@dataclass(frozen=True)
class Manifest:
    """What a snapshot says about itself."""

    rows: int
    source: str
    """what it was made from, in the words of whoever made it"""
    changed: tuple[int, int]
    """up to which change of the store it goes, a BSON timestamp; zeros where there is no store"""
    files: Mapping[str, Mapping[str, int]]
    """name → its bytes and their checksum"""


@cache
def written_by() -> dict[str, Any]:
    """What must be the same for whoever writes a snapshot and whoever reads it."""
    code = blake2b(digest_size=8)
    folder = Path(matcher.__file__).parent
    # What the evidence is worth changes nothing in how addresses are taken apart.
    for file in sorted(file for file in folder.rglob("*") if file.suffix in _READ and file.name != "weights.json"):
        code.update(str(file.relative_to(folder)).encode())
        code.update(file.read_bytes())
    return {"format": FORMAT, "marshal": marshal.version, "byteorder": sys.byteorder, "matcher": code.hexdigest()}


class Snapshot:
    """A snapshot that is open; its pages are shared with every other process that has it open."""

    def __init__(self, folder: Path, *, verify: bool = False) -> None:
        """
        Map the files of a snapshot.

        :param verify: also read all of it and compare the checksums
        :raises UnusableSnapshot: saying which file is wrong, and how.
        """
        self.folder = folder
        self.manifest = read_manifest(folder)
        arrays = {name: self._map(name, kind, verify) for name, kind in ARRAYS.items()}
        self.postings = Postings(arrays["key_hashes"], arrays["key_starts"], arrays["key_rows"])
        self.starts, self._rows = arrays["row_starts"], memoryview(arrays["rows"])
        self.facts = arrays["row_facts"].reshape(-1, WIDTH)
        """what is plain to see of each row, as in :mod:`workers.matching.index.at_sight`"""
        self.words, self.word_starts, self.word_rows = arrays["words"], arrays["word_starts"], arrays["word_rows"]
        """every word in order, where the rows of each begin, and these rows"""
        self.row_words, self.row_word_starts = arrays["row_words"], arrays["row_word_starts"]
        """the words of each row by their place in order, and where those of each begin"""

    def __len__(self) -> int:
        return self.manifest.rows

    @property
    def bytes(self) -> int:
        """How long its files are together."""
        return sum(file["bytes"] for file in self.manifest.files.values())

    def entry(self, row: int) -> Entry:
        """The address of a row."""
        return unpack(self.packed(row))

    def entries(self, rows: NDArray[np.int64], unopened: NDArray[np.bool_]) -> Iterator[Entry | Unopened]:
        """
        The addresses of several rows.

        :param unopened: which of them are not worth a look yet
        """
        bounds = (self.starts[rows].tolist(), self.starts[rows + 1].tolist(), unopened.tolist())
        for begin, end, is_unopened in zip(*bounds, strict=True):
            row = self._rows[begin:end]
            yield Unopened(row) if is_unopened else unpack(row)

    def packed(self, row: int) -> memoryview:
        """The same as it stands in the file."""
        return self._rows[self.starts[row] : self.starts[row + 1]]

    def row_of(self, id: str) -> int | None:
        """The row of an address."""
        return next((row for row in self.postings.rows_of(id_key(id)) if self.entry(row).id == id), None)

    def row_lengths(self) -> Any:
        """How many bytes each row has."""
        return np.diff(self.starts)

    def array(self, name: str) -> Any:
        """The contents of one of its files."""
        return self._map(name, ARRAYS[name], verify=False)

    def _map(self, name: str, kind: np.dtype[Any], verify: bool) -> Any:
        file, said = self.folder / name, self.manifest.files.get(name)
        if said is None:
            raise UnusableSnapshot(f"{self.folder}: its manifest does not know {name}")
        try:
            length = file.stat().st_size
            if length != said["bytes"]:
                raise UnusableSnapshot(f"{file}: {length} bytes, {said['bytes']} were written")
            if verify and checksum(file) != said["crc32"]:
                raise UnusableSnapshot(f"{file}: its checksum is another, so its contents are damaged")
            if not length:
                return np.empty(0, kind)
            with file.open("rb") as opened:
                return np.frombuffer(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ), kind)
        except OSError as wrong:
            raise UnusableSnapshot(f"{file}: {wrong.strerror}") from wrong


def current(folder: Path) -> Path | None:
    """The folder of the snapshot that counts; ``None`` as long as none was ever finished."""
    try:
        return folder / (folder / CURRENT).read_text().strip()
    except FileNotFoundError:
        return None


def read_manifest(folder: Path) -> Manifest:
    """
    What a snapshot says about itself.

    :raises UnusableSnapshot: when another format, Python or matcher wrote it, or it cannot be read.
    """
    file = folder / MANIFEST
    try:
        said = json.loads(file.read_text())
        by = {name: said.pop(name) for name in written_by()}
        manifest = Manifest(said["rows"], said["source"], (said["changed"][0], said["changed"][1]), said["files"])
    except OSError as wrong:
        raise UnusableSnapshot(f"{file}: {wrong.strerror}") from wrong
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as wrong:
        raise UnusableSnapshot(f"{file} is damaged: {wrong!r}") from wrong
    if others := [f"{name} {by[name]} (here: {own})" for name, own in written_by().items() if by[name] != own]:
        raise UnusableSnapshot(f"{folder} was written by {', '.join(others)}: build it anew")
    return manifest


def checksum(file: Path) -> int:
    """The CRC-32 of a file."""
    value = 0
    for piece in _pieces(file):
        value = crc32(piece, value)
    return value


def id_key(id: str) -> str:
    """The key under which an id is found."""
    return f"#{id}"


def same_key(exact: str) -> str:
    """The key under which an exact spelling is found."""
    return f"={exact}"


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(_READ_AT_ONCE):
            yield piece
