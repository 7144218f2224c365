"""
The shortlist: the few rows worth comparing, by the keys they share with what was typed.

A key tells the more the fewer rows have it. Keys that many rows have cannot bring a row in, they only speak for rows
that rarer keys have found; when there are no rarer ones, the rarest of them opens the list.
"""

from collections.abc import Sequence

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


def shortlist(layers: Sequence[Postings], hashes: Sequence[int], total: int, hidden: Rows | None = None) -> list[int]:
    """
    The rows most worth comparing with one typed address, the most promising first.

    :param layers: postings of different rows, the first of the rows that come first
    :param hashes: of its keys
    :param total: how many addresses there are
    :param hidden: rows, in order, that do not count any more; ``None`` where there are none
    """
    wanted = np.array(hashes, np.uint32)
    lists = _rarest_first(layers, [layer.find(wanted) for layer in layers], hidden)
    rare = sum(count <= RARE for count, _ in lists)
    if not rare:
        if not lists or lists[0][0] > MOST_OPENED:
            return []
        rare = 1
    opened = lists[:rare]
    pieces = [piece for _, behind in opened for piece in behind]
    worth = np.repeat(weights([count for count, _ in opened], total), [count for count, _ in opened])
    rows, place = np.unique(np.concatenate(pieces), return_inverse=True)
    score = np.bincount(place, worth)
    if hidden is not None and opened[-1][0] > RARE:
        shown = ~_among(rows, hidden)
        rows, score = rows[shown], score[shown]
        if not len(rows):
            return []
    frequent = lists[rare:]
    for (_, behind), more in zip(frequent, weights([count for count, _ in frequent], total), strict=True):
        for piece in behind:
            score[_among(rows, piece)] += more
    best = np.argsort(-score, kind="stable")[:MOST]
    return rows[best[score[best] >= WORTH * score[best[0]]]].tolist()


def weights(counts: Sequence[int] | Numbers, total: int) -> NDArray[np.float64]:
    """What a shared key says, by how many rows have it: whole numbers, so that sums do not depend on their order."""
    return np.rint(16 * np.log2(1 + total / np.asarray(counts)))


def _rarest_first(
    layers: Sequence[Postings], found: Sequence[tuple[Numbers, Numbers]], hidden: Rows | None
) -> list[tuple[int, list[Rows]]]:
    """For each key that there is, how many rows have it, and these rows layer by layer; hidden ones only in long lists."""
    spans = [
        (layer.rows, begins.tolist(), counts.tolist()) for layer, (begins, counts) in zip(layers, found, strict=True)
    ]
    lists = []
    for key in range(len(spans[0][1])):
        behind = [rows[begins[key] : begins[key] + counts[key]] for rows, begins, counts in spans if counts[key]]
        if hidden is not None:
            behind = [left for rows in behind if len(left := rows if len(rows) > RARE else rows[~_among(rows, hidden)])]
        if behind:
            lists.append((sum(map(len, behind)), behind))
    lists.sort(key=lambda one: one[0])
    return lists


def _among(rows: Rows, others: Rows) -> NDArray[np.bool_]:
    """Which rows are among others, both in order."""
    at = others.searchsorted(rows)
    at[at == len(others)] = 0
    return others[at] == rows
