"""
The shortlist: the few rows worth comparing with each typed address, by the keys they share with it.

A key tells the more the fewer rows have it. Keys that many rows have cannot bring a row in, they only speak for rows
that rarer keys have found; when there are no rarer ones, the rarest of them opens the list. All addresses that are
asked for together are looked up together: what numpy takes for a call is shared by them.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from workers.matching.index.postings import Hashes, Numbers, Postings, Rows

RARE = 300
"""rows behind a key up to which it brings them in"""
MOST_OPENED = 20_000
"""rows that are looked at when no key is rare"""
MOST = 8
"""rows that are compared"""
WORTH = 0.4
"""share of the best row's weight from which on another one is compared as well"""
MOST_TOGETHER = 4_096
"""addresses that are looked up together"""

_ROW, _WEIGHT = np.uint64(32), np.uint64(16)
"""bits of a row's number, and of the weight of all keys of an address"""
_LIGHTEST = (1 << 16) - 1

Packed = NDArray[np.uint64]


def shortlists(
    layers: Sequence[Postings],
    hashes: Hashes,
    keys: Sequence[int],
    total: int,
    hidden: Rows | None = None,
) -> list[list[int]]:
    """
    The rows most worth comparing with each of some typed addresses, the most promising first.

    :param layers: postings of different rows, the first of the rows that come first
    :param hashes: of the keys of all addresses, one after the other
    :param keys: how many keys each of them has; no more than ``MOST_TOGETHER`` addresses
    :param total: how many addresses are known
    :param hidden: rows, in order, that do not count any more; ``None`` where there are none
    """
    if len(keys) == 1 and len(layers) == 1 and hidden is None:
        alone = _of_one(layers[0], hashes, total)
        if alone is not None:
            return [alone]
    asked = np.repeat(np.arange(len(keys), dtype=np.uint64), keys)
    found = [_Found(layer, *layer.find(hashes)) for layer in layers]
    if hidden is not None:
        for one in found:
            one.hide(hidden)
    counts = sum((one.counts for one in found), np.zeros(len(hashes), np.int64))
    weights = _weights(counts, total)
    opened = (counts > 0) & (counts <= RARE)
    common = np.flatnonzero(counts > RARE).tolist()
    if common:
        _open_rarest(opened, counts, asked, len(keys))
    wanted = np.flatnonzero(opened)
    pairs = [one.rows_of(wanted, asked, weights, hidden) for one in found]
    rows, score = _summed(pairs[0] if len(pairs) == 1 else np.concatenate(pairs))
    bounds = rows.searchsorted(np.arange(len(keys) + 1, dtype=np.uint64) << _ROW)
    for key in common:
        if not opened[key]:
            begin, end = bounds[int(asked[key])], bounds[int(asked[key]) + 1]
            own = rows[begin:end] & np.uint64(0xFFFFFFFF)
            for one in found:
                score[begin:end][_among(own, one.all_rows_of(key))] += int(weights[key])
    return _best(rows, score, bounds)


def _of_one(layer: Postings, hashes: Hashes, total: int) -> list[int] | None:
    """The same for a single address, for which numpy's calls are not worth it; ``None`` where a key is not rare."""
    worth = _worth_of_rare(total)
    weights: dict[int, int] = {}
    begins, counts = layer.find(hashes)
    for begin, count in zip(begins.tolist(), counts.tolist(), strict=True):
        if count > RARE:
            return None
        for row in layer.rows[begin : begin + count].tolist():
            weights[row] = weights.get(row, 0) + worth[count]
    least = WORTH * max(weights.values(), default=0)
    best = sorted((-weight, row) for row, weight in weights.items() if weight >= least)
    return [row for _, row in best[:MOST]]


class _Found:
    """Where the rows of each key begin in a layer, and how many there are; hidden ones only in long lists."""

    def __init__(self, layer: Postings, begins: Numbers, counts: Numbers) -> None:
        self._layer = layer
        self._begins = begins
        self._lengths = counts
        self.counts = counts

    def hide(self, hidden: Rows) -> None:
        """Do not count hidden rows where there are few enough to look at."""
        short = np.flatnonzero((self._lengths > 0) & (self._lengths <= RARE))
        keys, rows = self._opened(short)
        shown = np.bincount(keys[~_among(rows, hidden)], minlength=len(self._lengths))
        self.counts = self._lengths.copy()
        self.counts[short] = shown[short]

    def rows_of(self, keys: Numbers, asked: Packed, weights: Packed, hidden: Rows | None) -> Packed:
        """Who asked, row and weight of all rows of some keys, in one number each."""
        own, rows = self._opened(keys)
        if hidden is not None:
            shown = ~_among(rows, hidden)
            own, rows = own[shown], rows[shown]
        return (((asked[own] << _ROW) | rows) << _WEIGHT) | weights[own]

    def all_rows_of(self, key: int) -> Rows:
        """All rows of one key, in order."""
        return self._layer.rows[self._begins[key] : self._begins[key] + self._lengths[key]]

    def _opened(self, keys: Numbers) -> tuple[Numbers, Rows]:
        """The rows of some keys, and which key each is of."""
        lengths = self._lengths[keys]
        ends = lengths.cumsum()
        places = np.arange(ends[-1] if len(ends) else 0)
        places += np.repeat(self._begins[keys] - ends + lengths, lengths)
        return np.repeat(keys, lengths), self._layer.rows[places]


def _open_rarest(opened: NDArray[np.bool_], counts: Numbers, asked: Packed, addresses: int) -> None:
    """Where no key of an address is rare, its rarest one opens the list, unless all have it."""
    has_rare = np.zeros(addresses, bool)
    has_rare[asked[opened]] = True
    for address in np.unique(asked[(counts > 0) & ~has_rare[asked]]).tolist():
        own = np.flatnonzero((asked == address) & (counts > 0))
        rarest = own[counts[own].argmin()]
        opened[rarest] = counts[rarest] <= MOST_OPENED


def weight(count: int, total: int) -> int:
    """What a shared key says, by how many rows have it: a whole number, so that sums do not depend on their order."""
    return round(16 * math.log2(1 + total / count))


@lru_cache(maxsize=4)
def _worth_of_rare(total: int) -> list[int]:
    return [0, *(weight(count, total) for count in range(1, RARE + 1))]


def _weights(counts: Numbers, total: int) -> Packed:
    weights = np.array(_worth_of_rare(total), np.uint64)[np.minimum(counts, RARE)]
    for key in np.flatnonzero(counts > RARE).tolist():
        weights[key] = weight(int(counts[key]), total)
    return weights


def _summed(pairs: Packed) -> tuple[Packed, Numbers]:
    """Who asked and row in one number, each once and in order, with the sum of what speaks for the row."""
    pairs.sort()
    rows = pairs >> _WEIGHT
    firsts = np.flatnonzero(rows[1:] != rows[:-1])
    firsts += 1
    starts = np.concatenate((np.zeros(min(1, len(rows)), np.int64), firsts))
    worth = (pairs & np.uint64(_LIGHTEST)).astype(np.int64)
    return rows[starts], np.add.reduceat(worth, starts) if len(starts) else worth


def _best(rows: Packed, score: Numbers, bounds: Numbers) -> list[list[int]]:
    """The rows of each address with the greatest weight."""
    there = np.flatnonzero(bounds[1:] > bounds[:-1])
    if not len(there):
        return [[] for _ in bounds[1:]]
    asked = rows >> _ROW
    most = np.zeros(len(bounds) - 1, np.int64)
    most[there] = np.maximum.reduceat(score, bounds[there])
    kept = score >= WORTH * most[asked]
    rows, asked, score = rows[kept], asked[kept], score[kept]
    # The heaviest first, of those that weigh the same the first row.
    order = ((asked << _WEIGHT) | (_LIGHTEST - score).astype(np.uint64)) << _ROW | (rows & np.uint64(0xFFFFFFFF))
    order.sort()
    ends = order.searchsorted(np.arange(1, len(bounds), dtype=np.uint64) << np.uint64(48)).tolist()
    ordered = (order & np.uint64(0xFFFFFFFF)).tolist()
    return [ordered[begin : min(end, begin + MOST)] for begin, end in zip([0, *ends[:-1]], ends, strict=True)]


def _among(rows: NDArray[np.unsignedinteger], others: Rows) -> NDArray[np.bool_]:
    """Which rows are among others, which are in order."""
    if not len(others):
        return np.zeros(len(rows), bool)
    at = others.searchsorted(rows.astype(np.uint32))
    at[at == len(others)] = 0
    return others[at] == rows
