"""
The delta: what changed since a snapshot, in the memory of each process that searches it.

Its rows are numbered on from those of the snapshot and found by postings of the same kind: a small layer for each time
something was heard, merged with its neighbour as soon as that is no longer much larger. Rows that are out of date,
here or in the snapshot, are hidden.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workers.matching.index.postings import Postings, Rows, hash_of, pairs_of
from workers.matching.index.rows import Entry, entry, pack_written, unpack_written
from workers.matching.index.snapshot import Snapshot, id_key, same_key
from workers.matching.matcher import Address

_MERGED = 4
"""a layer is merged with the one before when that is not this many times larger"""


@dataclass(frozen=True)
class Kept:
    """What the store keeps about one address now, with the keys under which it is found."""

    id: str
    version: int
    address: Address | None
    """``None``: it is not there any more"""
    keys: Sequence[str] = ()
    exact: str = ""


@dataclass(frozen=True)
class Fresh:
    """The rows of a delta at one moment; more may be written behind them, nothing else changes."""

    layers: tuple[Postings, ...]
    rows: Sequence[bytes]
    """packed, not taken apart yet"""
    hidden: Rows | None
    """rows that are out of date, in order; ``None`` where there are none"""

    def entry(self, place: int) -> Entry:
        """The address of one of these rows, counted from the first of them."""
        return entry(*unpack_written(self.rows[place]))

    @property
    def more(self) -> int:
        """How many addresses there are more than in the snapshot; less than none where more are gone than new."""
        return len(self.rows) - (0 if self.hidden is None else len(self.hidden))

    def hides(self, row: int) -> bool:
        """Whether a row is out of date."""
        return self.hidden is not None and bool((self.hidden == row).any())


NOTHING = Fresh((), (), None)


class Delta:
    """What changed since a snapshot; one thread writes, any number read what :attr:`fresh` was when they began."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.fresh = NOTHING
        self._snapshot = snapshot
        self._rows: list[bytes] = []
        self._newest: dict[str, tuple[int, int | None]] = {}
        """id → the version that was heard last, and its row; none: it is not there any more"""
        self._count = 0

    def __len__(self) -> int:
        """How many changes there were."""
        return self._count

    def version(self, id: str) -> int | None:
        """Which version of an address was heard last, if one was."""
        heard = self._newest.get(id)
        return heard[0] if heard else None

    def add(self, changes: Sequence[Kept]) -> None:
        """Take in what was heard; what is older than what is known here is left out."""
        hashes: list[int] = []
        rows: list[int] = []
        hidden: list[int] = []
        before = self._before([change.id for change in changes])
        for change in changes:
            version, row = self._newest.get(change.id) or before.get(change.id, (-1, None))
            if change.version <= version:
                self._newest.setdefault(change.id, (version, row))
                continue
            self._count += change.address is not None or row is not None
            if row is not None:
                hidden.append(row)
            place = None
            if change.address is not None:
                place = len(self._snapshot) + len(self._rows)
                self._rows.append(pack_written(change.id, change.version, change.address))
                own = [*map(hash_of, change.keys), hash_of(same_key(change.exact))]
                hashes += own
                rows += [place] * len(own)
            self._newest[change.id] = (change.version, place)
        layers = self.fresh.layers
        if hashes:
            pairs = pairs_of(np.array(hashes, np.uint32), np.array(rows, np.uint32))
            layers = _merged((*layers, Postings.of_pairs(pairs)))
        self.fresh = Fresh(layers, self._rows, _together(self.fresh.hidden, hidden))

    def changed(self) -> Iterator[tuple[str, int, Address]]:
        """The addresses that are new or different, as rows of a snapshot to come."""
        size = len(self._snapshot)
        for _, row in self._newest.values():
            if row is not None and row >= size:
                yield unpack_written(self._rows[row - size])

    def gone(self) -> Iterator[str]:
        """The ids of those that are not there any more."""
        return (id for id, (_, row) in self._newest.items() if row is None)

    def _before(self, ids: Sequence[str]) -> Mapping[str, tuple[int, int | None]]:
        """Version and row of those that the snapshot has."""
        postings = self._snapshot.postings
        wanted = [id for id in ids if id not in self._newest]
        begins, counts = postings.find(np.array([hash_of(id_key(id)) for id in wanted], np.uint32))
        found: dict[str, tuple[int, int | None]] = {}
        for at in np.flatnonzero(counts).tolist():
            for row in postings.rows[begins[at] : begins[at] + counts[at]].tolist():
                known = self._snapshot.entry(row)
                if known.id == wanted[at]:
                    found[known.id] = (known.version, row)
        return found


def _merged(layers: tuple[Postings, ...]) -> tuple[Postings, ...]:
    while len(layers) > 1 and len(layers[-2].rows) < _MERGED * len(layers[-1].rows):
        pairs = np.concatenate([layer.between(0, 2**32) for layer in layers[-2:]])
        layers = (*layers[:-2], Postings.of_pairs(pairs))
    return layers


def _together(before: Rows | None, more: list[int]) -> Rows | None:
    if not more:
        return before
    added = np.array(more, np.uint32)
    return np.unique(added if before is None else np.concatenate((before, added)))
