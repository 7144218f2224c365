"""
Suggestions: known addresses that fit what somebody has typed so far.

Every typed word must be in the address, the last one as the beginning of a word. The rows of the rarest typed word are
looked at, and those stay that have words for all the others. Only where that gives too few may letters be wrong.
"""

import threading
from array import array
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.matching.index.delta import Fresh
from workers.matching.index.mapped import MappedIndex
from workers.matching.index.postings import Numbers, Rows
from workers.matching.index.rows import unpack_written
from workers.matching.index.snapshot import WORD, Snapshot
from workers.matching.index.words import (
    Span,
    exactly,
    in_country,
    on_one_line,
    spans_of,
    spans_with_slip,
    typed_words,
    words_of,
)
from workers.matching.matcher import Address

_AT_ONCE = 10_000
"""rows of the rarest word that are looked at before it is asked whether there are enough"""
_MOST = 5 * _AT_ONCE
"""rows that are looked at"""


@dataclass(frozen=True)
class Suggestion:
    """A known address that fits."""

    id: str
    text: str
    """the whole of it on one line"""


@dataclass(frozen=True)
class Wanted:
    """What an address must have: for each typed word one of the words it may stand for."""

    spans: Sequence[Sequence[Span]]
    typed: Sequence[str]
    """an address that has these very words fits better"""


@dataclass(frozen=True, order=True)
class Hit:
    """How well a row fits: the best come first."""

    missed: int
    """typed words that it does not have just like that"""
    words: int
    """how many it has: the fewer, the more of it was typed"""
    row: int


class FreshWords:
    """The words of a delta: one thread looks them up, another may ask meanwhile."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._rows: dict[str, array[int]] = {}
        self._lengths = array("H")
        """how many words each row has"""
        self._catching_up = threading.Lock()

    def hits(self, wanted: Wanted, fresh: Fresh, first: int) -> list[Hit]:
        """The rows of the delta that fit, counted from its first."""
        self.catch_up(fresh, wait=False)
        rows: set[int] | None = None
        for spans in wanted.spans:
            found = {row for span in spans for row in self._within(span)}
            rows = found if rows is None else rows & found
        if not rows:
            return []
        missed = dict.fromkeys(rows, len(wanted.typed))
        for word in wanted.typed:
            for row in rows.intersection(self._rows.get(word, ())):
                missed[row] -= 1
        return sorted(Hit(missed[row], self._lengths[row], row) for row in rows)[:first]

    def catch_up(self, fresh: Fresh, *, wait: bool = True) -> None:
        """Look up what is new; without waiting, leave it to whoever is at it."""
        if not self._catching_up.acquire(blocking=wait):
            return
        try:
            for row in range(len(self._lengths), len(fresh.rows)):
                words = words_of(unpack_written(fresh.rows[row])[2])
                # In this order, so that whoever asks meanwhile knows all about the rows that are found.
                self._lengths.append(len(words))
                for word in words:
                    if word in self._rows:
                        self._rows[word].append(row)
                    else:
                        self._rows[word] = array("I", (row,))
                        insort(self._words, word)
        finally:
            self._catching_up.release()

    def _within(self, span: Span) -> Iterator[int]:
        begin, end = bisect_left(self._words, span[0]), bisect_left(self._words, span[1])
        for word in self._words[begin:end]:
            yield from self._rows[word]


class NoSnapshot(Exception):
    """There is nothing to make suggestions from."""


class Suggestions:
    """Suggestions from an index that is swapped now and then."""

    def __init__(self, index: Callable[[], MappedIndex | None]) -> None:
        """
        Look nothing up yet.

        :param index: the one to search at the moment; ``None`` while there is none
        """
        self._index = index
        self._words: tuple[tuple[Snapshot, FreshWords], ...] = ()
        """of the snapshot that is searched, and of the one that comes or just went"""

    def __call__(self, text: str, country: str | None, first: int) -> list[Suggestion]:
        """
        What fits a text, in a country or in any, so many at most.

        :raises NoSnapshot: while there is no index.
        """
        index = self._index()
        if index is None:
            raise NoSnapshot("search has no snapshot of the register yet")
        return suggest(index, self._words_of(index), text, country, first)

    def catch_up(self, index: MappedIndex) -> None:
        """Look up the words of an index that will be searched from now on, so that nobody who asks waits for it."""
        self._words_of(index).catch_up(index.fresh)

    def _words_of(self, index: MappedIndex) -> FreshWords:
        for snapshot, words in self._words:
            if snapshot is index.snapshot:
                return words
        words = FreshWords()
        self._words = (*self._words[-1:], (index.snapshot, words))
        return words


def suggest(index: MappedIndex, fresh: FreshWords, text: str, country: str | None, first: int) -> list[Suggestion]:
    """
    Known addresses that fit a text, the closest first.

    :param fresh: the words of the index's delta
    :param country: ISO 3166 alpha-2; ``None`` for any
    """
    typed = typed_words(text)
    if not typed:
        return []
    place = [[exactly(in_country(country))]] if country else []
    hits: dict[int, Hit] = {}
    for stands_for in (spans_of, spans_with_slip):
        spans = [stands_for(word, is_last=word == typed[-1]) for word in typed]
        wanted = Wanted(spans + place, typed)
        for hit in _hits(index, fresh, wanted, first):
            hits.setdefault(hit.row, hit)
        if len(hits) >= first:
            break
    found: dict[str, Suggestion] = {}
    for hit in hits.values():
        if len(found) == first:
            break
        suggestion = _suggestion(index, hit.row)
        found.setdefault(suggestion.id, suggestion)
    return list(found.values())


def _hits(index: MappedIndex, fresh: FreshWords, wanted: Wanted, first: int) -> list[Hit]:
    size, hidden = len(index.snapshot), index.fresh.hidden
    hits = _mapped_hits(index.snapshot, wanted, first, hidden)
    if index.fresh.rows:
        hits += [
            Hit(hit.missed, hit.words, hit.row + size)
            for hit in fresh.hits(wanted, index.fresh, first + (0 if hidden is None else len(hidden)))
            if not index.fresh.hides(hit.row + size)
        ]
    return sorted(hits)[:first]


def _mapped_hits(snapshot: Snapshot, wanted: Wanted, first: int, hidden: Rows | None) -> list[Hit]:
    bounds = [_bounds(snapshot, spans) for spans in wanted.spans]
    sizes = [int((snapshot.word_starts[own[1::2]] - snapshot.word_starts[own[::2]]).sum()) for own in bounds]
    order = sorted(range(len(bounds)), key=sizes.__getitem__)
    exact = _places(snapshot, wanted.typed)
    hits: dict[int, Hit] = {}
    for rows in _rows_within(snapshot, bounds[order[0]]):
        if hidden is not None:
            rows = rows[~np.isin(rows, hidden)]
        for number in order[1:]:
            rows = rows[_have(snapshot, rows, bounds[number])]
        # A row may have two of the words, and so come again.
        hits |= {hit.row: hit for hit in _ranked(snapshot, rows, exact, len(wanted.typed), first)}
        if len(hits) >= first:
            break
    return list(hits.values())


def _bounds(snapshot: Snapshot, spans: Sequence[Span]) -> Numbers:
    """Where spans of words begin and end, by place: in order, none empty, none overlapping."""
    ends = snapshot.words.searchsorted(np.array(spans, WORD).ravel()).reshape(-1, 2)
    ends = ends[ends[:, 0] < ends[:, 1]]
    ends = ends[np.argsort(ends[:, 0], kind="stable")]
    merged: list[int] = []
    for begin, end in ends.tolist():
        if merged and begin <= merged[-1]:
            merged[-1] = max(merged[-1], end)
        else:
            merged += (begin, end)
    return np.array(merged, np.int64)


def _rows_within(snapshot: Snapshot, bounds: Numbers) -> Iterator[Rows]:
    """The rows that have one of these words, some at a time."""
    left = _MOST
    pending: list[Rows] = []
    for begin, end in bounds.reshape(-1, 2).tolist():
        at, beyond = int(snapshot.word_starts[begin]), int(snapshot.word_starts[end])
        while at < beyond and left > 0:
            piece = snapshot.word_rows[at : min(beyond, at + _AT_ONCE, at + left)]
            at, left = at + len(piece), left - len(piece)
            pending.append(piece)
            if sum(map(len, pending)) >= _AT_ONCE:
                yield np.unique(np.concatenate(pending))
                pending = []
    if pending:
        yield np.unique(np.concatenate(pending))


def _have(snapshot: Snapshot, rows: Rows, bounds: Numbers) -> NDArray[np.bool_]:
    """Which rows have one of these words."""
    if not len(rows) or not len(bounds):
        return np.zeros(len(rows), bool)
    words, starts = _words_of_rows(snapshot, rows)
    # Behind a beginning and before an end: an odd number of bounds is passed.
    inside = bounds.searchsorted(words, side="right") % 2 == 1
    return np.logical_or.reduceat(inside, starts)


def _ranked(snapshot: Snapshot, rows: Rows, exact: Numbers, typed: int, first: int) -> list[Hit]:
    if not len(rows):
        return []
    words, starts = _words_of_rows(snapshot, rows)
    missed = typed - np.add.reduceat(np.isin(words, exact), starts, dtype=np.int64)
    lengths = np.diff(np.append(starts, len(words)))
    best = np.lexsort((rows, lengths, missed))[:first]
    return list(map(Hit, missed[best].tolist(), lengths[best].tolist(), rows[best].tolist()))


def _words_of_rows(snapshot: Snapshot, rows: Rows) -> tuple[Rows, Numbers]:
    """The words of some rows, one row after the other, and where those of each begin; each has one at least."""
    begins = snapshot.row_word_starts[rows]
    lengths = snapshot.row_word_starts[rows.astype(np.int64) + 1] - begins
    starts = np.append(0, lengths.cumsum()[:-1])
    return snapshot.row_words[np.repeat(begins - starts, lengths) + np.arange(int(lengths.sum()))], starts


def _places(snapshot: Snapshot, words: Sequence[str]) -> Numbers:
    wanted = np.array(words, WORD)
    at = snapshot.words.searchsorted(wanted)
    at[at == len(snapshot.words)] = 0
    return at[snapshot.words[at] == wanted] if len(snapshot.words) else at[:0]


def _suggestion(index: MappedIndex, row: int) -> Suggestion:
    size = len(index.snapshot)
    if row >= size:
        id, _, address = unpack_written(index.fresh.rows[row - size])
    else:
        known = index.snapshot.entry(row)
        id, address = known.id, Address(*known.written)
    return Suggestion(id, on_one_line(address))
