"""
Postings: from the hash of a key to the rows that have it.

Three plain arrays, so that a file of them can be mapped and shared: the hashes in order, where the rows of each begin,
and the rows. Keys are looked up by halving. Two keys with one hash share their rows: a candidate too many costs a
comparison, it is never taken for a match.
"""

from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]
Rows = NDArray[np.uint32]
Numbers = NDArray[np.int64]
Pairs = NDArray[np.uint64]
"""hash in the high half, row in the low one"""


def hash_of(key: str) -> int:
    """A hash that is the same in every process, 32 bits."""
    return crc32(key.encode())


@dataclass(frozen=True)
class Postings:
    """Sorted hashes, and the rows behind each, sorted as well."""

    hashes: Hashes
    starts: Numbers
    """where the rows of each hash begin; one more at the end"""
    rows: Rows

    @classmethod
    def of_pairs(cls, pairs: Pairs) -> "Postings":
        """
        From pairs of hash (high half) and row (low half).

        :param pairs: sorted here, in place
        """
        pairs.sort()
        hashes = (pairs >> np.uint64(32)).astype(np.uint32)
        firsts = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1]))) if len(pairs) else np.empty(0, int)
        starts = np.append(firsts, len(pairs)).astype(np.int64)
        return cls(hashes[firsts], starts, (pairs & np.uint64(0xFFFFFFFF)).astype(np.uint32))

    def between(self, low: int, high: int) -> Pairs:
        """The pairs again, in order: of hashes from ``low`` up to, and not including, ``high``."""
        begin, end = (
            int(self.hashes.searchsorted(bound)) if bound < 2**32 else len(self.hashes) for bound in (low, high)
        )
        starts = self.starts[begin : end + 1]
        hashes = np.repeat(self.hashes[begin:end], np.diff(starts))
        return pairs_of(hashes, self.rows[starts[0] : starts[-1]])

    def find(self, wanted: Hashes) -> tuple[Numbers, Numbers]:
        """Where the rows of each wanted hash begin, and how many there are."""
        if not len(self.hashes):
            nothing = np.zeros(len(wanted), np.int64)
            return nothing, nothing
        # In order, each search begins where the one before has ended, in pages that are near.
        order = wanted.argsort()
        at = np.empty(len(wanted), np.int64)
        at[order] = self.hashes.searchsorted(wanted[order])
        at[at == len(self.hashes)] = 0
        begins = self.starts[at]
        counts = self.starts[at + 1] - begins
        counts[self.hashes[at] != wanted] = 0
        return begins, counts

    def rows_of(self, key: str) -> list[int]:
        """The rows of one key."""
        (begin,), (count,) = self.find(np.array([hash_of(key)], np.uint32))
        return self.rows[begin : begin + count].tolist()


def pairs_of(hashes: Hashes, rows: NDArray[Any]) -> Pairs:
    """Hash and row in one number that sorts as they do."""
    return (hashes.astype(np.uint64) << np.uint64(32)) | np.asarray(rows, np.uint64)
