"""The part of a snapshot by which suggestions are found: every word, the rows that have it, and the words of each row."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import count, pairwise
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from workers.matching.index.postings import pairs_of
from workers.matching.index.snapshot import WORD, Snapshot

_AT_ONCE = 4_000_000
"""words of rows that are sorted at once, so that memory holds no more than a few times these"""


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
        moved_to = moved.astype(np.uint32)
        for numbers in _pieces(Path(str(self._fresh.name))):
            moved_to[numbers].tofile(file)
        Path(str(self._fresh.name)).unlink()

    def _write_rows_behind(self, row_starts: NDArray[np.int64], words: int) -> None:
        row_words, counts = self._folder / "row_words", np.zeros(words, np.int64)
        for piece in _pieces(row_words):
            counts += np.bincount(piece, minlength=words)
        starts = np.concatenate((np.zeros(1, np.int64), counts.cumsum()))
        starts.tofile(self._folder / "word_starts")
        shares = np.unique(starts.searchsorted([*range(0, int(starts[-1]), _AT_ONCE), int(starts[-1])]))
        firsts = [0, *shares[shares > 0].tolist()]
        bounds = np.array(firsts, np.uint64) << np.uint64(32)
        with ExitStack() as open_files:
            files = [open_files.enter_context(TemporaryFile(dir=self._folder)) for _ in firsts[1:]]
            before = 0
            for piece in _pieces(row_words):
                at = np.arange(before, before + len(piece))
                before += len(piece)
                pairs = pairs_of(piece, row_starts.searchsorted(at, side="right") - 1)
                pairs.sort()
                for share, (begin, end) in zip(files, pairwise(pairs.searchsorted(bounds).tolist()), strict=True):
                    share.write(pairs[begin:end].tobytes())
            with (self._folder / "word_rows").open("wb") as file:
                for share in files:
                    share.seek(0)
                    pairs = np.fromfile(share, np.uint64)
                    pairs.sort()
                    (pairs & np.uint64(0xFFFFFFFF)).astype(np.uint32).tofile(file)


def _pieces(file: Path) -> Iterator[NDArray[np.uint32]]:
    """The numbers of a file, as many at a time as memory should hold."""
    with file.open("rb") as opened:
        while len(piece := np.fromfile(opened, np.uint32, _AT_ONCE)):
            yield piece
