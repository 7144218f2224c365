"""
The shortlist: the few rows worth comparing, by the keys they share with what was typed.

A key tells the more the fewer rows have it. Keys that many rows have cannot bring a row in, they only speak for rows
that rarer keys have found; when there are no rarer ones, the rarest of them opens the list.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workers.matching.index.postings import Numbers, Postings

RARE = 300
"""rows behind a key up to which it brings them in"""
MOST_OPENED = 20_000
"""rows that are looked at when no key is rare"""
MOST = 6
"""rows that are compared"""
WORTH = 0.4
"""share of the best row's weight from which on another one is compared as well"""


def shortlist(postings: Postings, hashes: Sequence[int], total: int, most: int = MOST) -> list[int]:
    """
    The rows most worth comparing with one typed address, the most promising first.

    :param hashes: of its keys
    :param total: how many addresses there are
    """
    begins, counts = postings.find(np.array(hashes, np.uint32))
    lists = sorted((count, begin) for begin, count in zip(begins.tolist(), counts.tolist(), strict=True) if count)
    rare = [(count, begin) for count, begin in lists if count <= RARE]
    if not rare:
        rare = lists[:1]
        if not rare or rare[0][0] > MOST_OPENED:
            return []
    pieces = [postings.rows[begin : begin + count] for count, begin in rare]
    worth = np.repeat(weights([count for count, _ in rare], total), [count for count, _ in rare])
    rows, place = np.unique(np.concatenate(pieces), return_inverse=True)
    score = np.bincount(place, worth)
    frequent = lists[len(rare) :]
    for (count, begin), more in zip(frequent, weights([count for count, _ in frequent], total), strict=True):
        behind = postings.rows[begin : begin + count]
        at = behind.searchsorted(rows)
        at[at == count] = 0
        score[behind[at] == rows] += more
    best = np.argsort(-score, kind="stable")[:most]
    return rows[best[score[best] >= WORTH * score[best[0]]]].tolist()


def weights(counts: Sequence[int] | Numbers, total: int) -> NDArray[np.float64]:
    """What a shared key says, by how many rows have it: whole numbers, so that sums do not depend on their order."""
    return np.rint(16 * np.log2(1 + total / np.asarray(counts)))
