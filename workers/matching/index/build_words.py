"""The part of a snapshot by which suggestions are found: every word, the rows that have it, and the words of each row."""

from collections.abc import Iterator, Sequence
from itertools import count, pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from workers.matching.index.postings import pairs_of
from workers.matching.index.snapshot import WORD, Snapshot

_AT_ONCE = 8_000_000
"""words of rows that are sorted at once, so that memory holds no more than these"""


class WordsWriting:
    """These files of a snapshot while they grow."""

    def __init__(self, folder: Path, base: Snapshot | None) -> None:
        self._folder = folder
        self._base = base
        self._numbers: dict[str, int] = {}
        self._counts: list[NDArray[np.int64]] = []
        self._fresh = (folder / "fresh_words").open("wb")

    def add(self, words: Sequence[str], counts: NDArray[np.int64]) -> None:
        """
        The words of further rows, one row after the other.

        :param counts: how many words each row has
        """
        number, numbers = count(len(self._numbers)), self._numbers
        for word in dict.fromkeys(words):
            if word not in numbers:
                numbers[word] = next(number)
        np.fromiter((numbers[word] for word in words), np.uint32, len(words)).tofile(self._fresh)
        self._counts.append(counts)

    def finish(self, kept: Sequence[tuple[int, int]]) -> None:
        """
        Put the words in order, and the rows behind each.

        :param kept: where runs of rows of the base begin and end that are taken over
        """
        self._fresh.close()
        fresh = np.array(list(self._numbers), WORD)
        words = np.union1d(self._base.words, fresh) if self._base is not None else np.sort(fresh)
        words.tofile(self._folder / "words")
        counts = list(self._counts)
        with (self._folder / "row_words").open("wb") as file:
            if self._base is not None:
                counts = [*self._write_kept(file, self._base, kept, words.searchsorted(self._base.words)), *counts]
            self._write_fresh(file, words.searchsorted(fresh))
        starts = np.concatenate((np.zeros(1, np.int64), *counts)).cumsum()
        starts.tofile(self._folder / "row_word_starts")
        self._write_rows_behind(starts, len(words))

    @staticmethod
    def _write_kept(
        file: BinaryIO, base: Snapshot, kept: Sequence[tuple[int, int]], moved: NDArray[np.int64]
    ) -> Iterator[NDArray[np.int64]]:
        """Returns how many words each of the rows has."""
        moved_to = moved.astype(np.uint32)
        for begin, end in kept:
            starts = base.row_word_starts[begin : end + 1]
            moved_to[base.row_words[starts[0] : starts[-1]]].tofile(file)
            yield np.diff(starts)

    def _write_fresh(self, file: BinaryIO, moved: NDArray[np.int64]) -> None:
        numbers = np.fromfile(self._fresh.name, np.uint32)
        Path(str(self._fresh.name)).unlink()
        moved.astype(np.uint32)[numbers].tofile(file)

    def _write_rows_behind(self, row_starts: NDArray[np.int64], words: int) -> None:
        row_words: NDArray[Any] = np.fromfile(self._folder / "row_words", np.uint32)
        starts = np.append(np.zeros(1, np.int64), np.bincount(row_words, minlength=words).cumsum()).astype(np.int64)
        starts.tofile(self._folder / "word_starts")
        shares = np.unique(starts.searchsorted([*range(0, int(starts[-1]), _AT_ONCE), int(starts[-1])]))
        with (self._folder / "word_rows").open("wb") as file:
            for first, beyond in pairwise([0, *shares[shares > 0].tolist()]):
                at = np.flatnonzero((row_words >= first) & (row_words < beyond))
                rows = row_starts.searchsorted(at, side="right") - 1
                pairs = pairs_of(row_words[at], rows)
                pairs.sort()
                (pairs & np.uint64(0xFFFFFFFF)).astype(np.uint32).tofile(file)
