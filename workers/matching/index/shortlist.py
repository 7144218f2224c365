"""
The shortlist: the few rows worth comparing, by the keys they share with what was typed.

A key tells the more the fewer rows have it. Keys that many rows have cannot bring a row in, they only speak for rows
that rarer keys have found; when there are no rarer ones, the rarest of them opens the list.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from workers.matching.index.postings import Numbers, Postings, Rows

RARE = 300
"""rows behind a key up to which it brings them in"""
MOST_OPENED = 20_000
"""rows that are looked at when no key is rare"""
MOST = 6
"""rows that are compared"""
WORTH = 0.4
"""share of the best row's weight from which on another one is compared as well"""

_ZERO = np.zeros(1, np.int64)

Found = tuple[Sequence[int], Sequence[int]]
"""for each key of a typed address: where its rows begin in a layer, and how many there are"""


def shortlist(layers: Sequence[Postings], found: Sequence[Found], total: int, hidden: Rows | None = None) -> list[int]:
    """
    The rows most worth comparing with one typed address, the most promising first.

    :param layers: postings of different rows, the first of the rows that come first
    :param found: what each layer has of the keys of the address
    :param total: how many addresses there are
    :param hidden: rows, in order, that do not count any more; ``None`` where there are none
    """
    lists = _rarest_first(layers, found, hidden)
    rare = sum(count <= RARE for count, _ in lists)
    if not rare:
        if not lists or lists[0][0] > MOST_OPENED:
            return []
        rare = 1
    opened = lists[:rare]
    rows, score = _summed(
        np.concatenate([piece for _, behind in opened for piece in behind]),
        np.repeat([weight(count, total) for count, _ in opened], [count for count, _ in opened]),
    )
    if hidden is not None and opened[-1][0] > RARE:
        shown = ~_among(rows, hidden)
        rows, score = rows[shown], score[shown]
        if not len(rows):
            return []
    for count, behind in lists[rare:]:
        for piece in behind:
            score[_among(rows, piece)] += weight(count, total)
    best = (-score).argsort(kind="stable")[:MOST]
    return rows[best[score[best] >= WORTH * score[best[0]]]].tolist()


@lru_cache(maxsize=65_536)
def weight(count: int, total: int) -> int:
    """What a shared key says, by how many rows have it: a whole number, so that sums do not depend on their order."""
    return round(16 * math.log2(1 + total / count))


def _rarest_first(
    layers: Sequence[Postings], found: Sequence[Found], hidden: Rows | None
) -> list[tuple[int, list[Rows]]]:
    """How many rows have a key, and these layer by layer, of each key that there is; hidden ones only in long lists."""
    lists = []
    for key in range(len(found[0][0])):
        behind = [
            layer.rows[begins[key] : begins[key] + counts[key]]
            for layer, (begins, counts) in zip(layers, found, strict=True)
            if counts[key]
        ]
        if hidden is not None:
            behind = [left for rows in behind if len(left := rows if len(rows) > RARE else rows[~_among(rows, hidden)])]
        if behind:
            lists.append((sum(map(len, behind)), behind))
    lists.sort(key=itemgetter(0))
    return lists


def _summed(rows: Rows, worth: Numbers) -> tuple[Rows, Numbers]:
    """Each row once, in order, with the sum of what speaks for it."""
    order = rows.argsort(kind="stable")
    rows = rows[order]
    firsts = np.flatnonzero(rows[1:] != rows[:-1])
    firsts += 1
    starts = np.concatenate((_ZERO, firsts))
    return rows[starts], np.add.reduceat(worth[order], starts)


def _among(rows: Rows, others: Rows) -> NDArray[np.bool_]:
    """Which rows are among others, both in order."""
    at = others.searchsorted(rows)
    at[at == len(others)] = 0
    return others[at] == rows
