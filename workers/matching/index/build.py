"""
Building a snapshot: take every address apart once, in as many processes as there are cores, and sort what was found.

A new snapshot can start from the one before, so that only what changed is taken apart again. It is written beside the
old one and counts only when it is whole: whoever is killed in between leaves the old one as it was.
"""

import fcntl
import json
import os
import shutil
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.matching.index.at_sight import WIDTH, Facts, facts
from workers.matching.index.build_words import WordsWriting
from workers.matching.index.postings import Hashes, Pairs, Postings, hash_of, pairs_of
from workers.matching.index.rows import entry, pack
from workers.matching.index.snapshot import (
    ARRAYS,
    CURRENT,
    MANIFEST,
    Snapshot,
    checksum,
    current,
    id_key,
    same_key,
    written_by,
)
from workers.matching.index.words import words_of
from workers.matching.matcher import Address, exact_key, keys_of

Row = tuple[str, int, Address]
"""id, version, address"""

_AT_ONCE = 2_000
_INLINE = 10_000
"""addresses for which other processes are not worth starting"""
_SHARES = 16
"""how many parts the keys are sorted in, one after the other, so that memory holds only one of them"""
_UNFINISHED, _FINISHED = "unfinished-", "snapshot-"
_KEPT = 2
"""snapshots that stay: the current one, and the one before for whoever is just opening it"""


class FolderIsBusy(Exception):
    """Another process builds in this folder."""


@contextmanager
def only_builder(folder: Path) -> Iterator[None]:
    """
    Be the only one who builds in a folder; leftovers of a killed one are cleared away.

    :raises FolderIsBusy: when another process is at it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderIsBusy(f"{folder}: another process builds here; let it, or name another folder") from None
        for leftover in folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        yield


def build(
    folder: Path,
    rows: Iterable[Row],
    *,
    source: str = "",
    changed: tuple[int, int] = (0, 0),
    base: Snapshot | None = None,
    gone: Iterable[str] = (),
    processes: int | None = None,
) -> Snapshot:
    """
    Write a snapshot and make it the one that counts. Call it as :func:`only_builder`.

    :param rows: every address, or with ``base`` those that are new or have changed
    :param base: the snapshot that the others are taken from
    :param gone: ids of ``base`` that are not there any more
    :param processes: how many take addresses apart; as many as there are cores when not given
    """
    number = max(map(_number, folder.glob(f"{_FINISHED}*")), default=0) + 1
    unfinished = folder / f"{_UNFINISHED}{number}"
    unfinished.mkdir()
    writing = _Writing(unfinished, base)
    for id in gone:
        writing.forget(id)
    for part in _taken_apart(rows, processes or len(os.sched_getaffinity(0))):
        writing.add(part)
    writing.finish()
    _write_manifest(unfinished, rows=writing.count, source=source, changed=list(changed))
    Snapshot(unfinished, verify=True)
    finished = unfinished.rename(folder / f"{_FINISHED}{number}")
    _point_at(folder, finished)
    _clear(folder, finished)
    return Snapshot(finished)


def usable(folder: Path, *, verify: bool = True) -> Snapshot | None:
    """
    The snapshot that counts, when there is one.

    :raises UnusableSnapshot: when it must not be read.
    """
    found = current(folder)
    return Snapshot(found, verify=verify) if found else None


@dataclass(frozen=True)
class Part:
    """Some addresses, taken apart: what other processes send back."""

    ids: list[str]
    rows: bytes
    """packed, one after the other"""
    lengths: NDArray[np.int64]
    facts: Facts
    """what is plain to see of each"""
    hashes: Hashes
    """of all keys, row by row"""
    counts: NDArray[np.int64]
    """how many keys each row has"""
    words: str
    """of all rows, row by row, with a space between"""
    word_counts: NDArray[np.int64]
    """how many words each row has"""


def take_apart(rows: Sequence[Row]) -> Part:
    """Do once what is never done again for a known address."""
    packed: list[bytes] = []
    plain: list[tuple[int, ...]] = []
    hashes: list[int] = []
    counts: list[int] = []
    words: list[list[str]] = []
    for id, version, address in rows:
        known = entry(id, version, address)
        packed.append(pack(known))
        plain.append(facts(known.parsed))
        keys = index_keys(id, address)
        hashes += map(hash_of, keys)
        counts.append(len(keys))
        words.append(words_of(address))
    return Part(
        [row[0] for row in rows],
        b"".join(packed),
        np.fromiter(map(len, packed), np.int64, len(packed)),
        np.array(plain, np.uint32),
        np.array(hashes, np.uint32),
        np.array(counts, np.int64),
        " ".join(chain.from_iterable(words)),
        np.fromiter(map(len, words), np.int64, len(words)),
    )


def index_keys(id: str, address: Address) -> list[str]:
    """Everything under which a row is found: blocking keys, its exact spelling, its id."""
    return [*keys_of(address), same_key(exact_key(address)), id_key(id)]


class _Writing:
    """The files of a snapshot while they grow."""

    def __init__(self, folder: Path, base: Snapshot | None) -> None:
        self._folder = folder
        self._base = base
        self._kept = np.ones(len(base) if base else 0, bool)
        self._fresh = 0
        self._words = WordsWriting(folder, base)
        self._lengths: list[NDArray[np.int64]] = []
        self._facts: list[Facts] = []
        self._rows = (folder / "fresh_rows").open("wb")
        self._shares = [(folder / f"share-{number}").open("wb") for number in range(_SHARES)]

    @property
    def count(self) -> int:
        """How many addresses there are."""
        return int(self._kept.sum()) + self._fresh

    def forget(self, id: str) -> None:
        """An address of the base is not taken over."""
        if self._base is not None and (row := self._base.row_of(id)) is not None:
            self._kept[row] = False

    def add(self, part: Part) -> None:
        """New addresses, in place of those of the base with the same ids."""
        for id in part.ids if self._base is not None else ():
            self.forget(id)
        own = np.arange(self._fresh, self._fresh + len(part.counts), dtype=np.uint32)
        pairs = pairs_of(part.hashes, np.repeat(own, part.counts))
        pairs.sort()
        bounds = pairs.searchsorted(_share_bounds())
        for file, begin, end in zip(self._shares, bounds[:-1], bounds[1:], strict=True):
            file.write(pairs[begin:end].tobytes())
        self._rows.write(part.rows)
        self._lengths.append(part.lengths)
        self._facts.append(part.facts)
        self._words.add(part.words.split(), part.word_counts)
        self._fresh += len(part.counts)

    def finish(self) -> None:
        """Put the kept rows of the base first, the fresh ones behind them, and sort the keys of all."""
        self._rows.close()
        self._write_rows()
        self._write_keys()
        self._words.finish(list(_runs(self._kept)))
        for file in self._shares:
            os.unlink(file.name)
        os.unlink(self._rows.name)

    def _write_rows(self) -> None:
        lengths, facts = list(self._lengths), list(self._facts)
        with (self._folder / "rows").open("wb") as file:
            if self._base is not None:
                base_lengths, base_rows = self._base.row_lengths(), self._base.array("rows")
                for begin, end in _runs(self._kept):
                    file.write(base_rows[self._base.starts[begin] : self._base.starts[end]])
                lengths.insert(0, base_lengths[self._kept])
                facts.insert(0, self._base.facts[self._kept])
            with open(self._rows.name, "rb") as fresh:
                shutil.copyfileobj(fresh, file, 4 * 1024 * 1024)
        starts = np.concatenate((np.zeros(1, np.int64), *lengths)).cumsum()
        starts.tofile(self._folder / "row_starts")
        np.concatenate((np.zeros((0, WIDTH), np.uint32), *facts)).tofile(self._folder / "row_facts")

    def _write_keys(self) -> None:
        kept_before = self._kept.cumsum() - 1
        moved_by = np.uint64(self._kept.sum())
        beyond = 0
        with (
            (self._folder / "key_hashes").open("wb") as hashes,
            (self._folder / "key_starts").open("wb") as starts,
            (self._folder / "key_rows").open("wb") as rows,
        ):
            np.zeros(1, np.int64).tofile(starts)
            for number, share in enumerate(self._shares):
                share.close()
                # The row is the low half: fresh rows move behind the kept ones all at once.
                pairs = np.fromfile(share.name, np.uint64) + moved_by
                if self._base is not None:
                    pairs = np.concatenate((self._kept_pairs(self._base, number, kept_before), pairs))
                sorted_ = Postings.of_pairs(pairs)
                sorted_.hashes.tofile(hashes)
                sorted_.rows.tofile(rows)
                (sorted_.starts[1:] + beyond).tofile(starts)
                beyond += len(sorted_.rows)

    def _kept_pairs(self, base: Snapshot, share: int, kept_before: NDArray[np.int64]) -> Pairs:
        width = 2**32 // _SHARES
        pairs = base.postings.between(share * width, (share + 1) * width)
        rows = (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
        kept = self._kept[rows]
        return pairs_of((pairs[kept] >> np.uint64(32)).astype(np.uint32), kept_before[rows[kept]])


def _share_bounds() -> Pairs:
    bounds = [number * 2**64 // _SHARES for number in range(_SHARES)]
    return np.array([*bounds, 2**64 - 1], np.uint64)


def _runs(kept: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Where runs of kept rows begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], kept, [False])).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _taken_apart(rows: Iterable[Row], processes: int) -> Iterator[Part]:
    chunks = _chunks(rows)
    first = list(islice(chunks, _INLINE // _AT_ONCE))
    if processes == 1 or len(first) < _INLINE // _AT_ONCE:
        yield from map(take_apart, chain(first, chunks))
        return
    # Started anew rather than forked: a fork would take along threads of MongoDB's client that do not live on in it.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_end_with_the_builder) as pool:
        running: deque[Future[Part]] = deque()
        for chunk in chain(first, chunks):
            running.append(pool.submit(take_apart, chunk))
            if len(running) > 2 * processes:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _end_with_the_builder() -> None:
    """Do not outlive a builder that was killed: nobody else would ever end this process."""

    def wait() -> None:
        if builder := parent_process():
            builder.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, _AT_ONCE)):
        yield chunk


def _write_manifest(folder: Path, **said: Any) -> None:
    files = {name: {"bytes": (folder / name).stat().st_size, "crc32": checksum(folder / name)} for name in ARRAYS}
    for name in ARRAYS:
        with (folder / name).open("rb") as file:
            os.fsync(file.fileno())
    _write(folder / MANIFEST, json.dumps({**written_by(), **said, "files": files}, indent=1))


def _point_at(folder: Path, snapshot: Path) -> None:
    _write(folder / f"{CURRENT}.new", snapshot.name)
    (folder / f"{CURRENT}.new").rename(folder / CURRENT)


def _write(file: Path, text: str) -> None:
    with file.open("w") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())


def _clear(folder: Path, newest: Path) -> None:
    """Remove old snapshots; who has one open can go on reading it."""
    for old in folder.glob(f"{_FINISHED}*"):
        if _number(old) <= _number(newest) - _KEPT:
            shutil.rmtree(old, ignore_errors=True)


def _number(snapshot: Path) -> int:
    return int(snapshot.name.removeprefix(_FINISHED))
