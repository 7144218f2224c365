"""
The process that builds snapshots: a first one from the whole register, and another whenever enough has changed.

There is one in each folder. While it is away the others go on with the snapshot there is and a delta that grows.
"""

import time
from pathlib import Path

import structlog

from workers.chassis.loop import Stop
from workers.matching.index.build import build, only_builder, usable
from workers.matching.index.live import OVERLAP_SECONDS, LiveIndex
from workers.matching.index.mongo import MongoIndex
from workers.matching.index.snapshot import Snapshot, UnusableSnapshot

LOOK_EVERY_SECONDS = 1.0
LEAST_CHANGES, MOST_CHANGES = 20_000, 100_000
"""so many changes are worth another snapshot: a twentieth of the register, but never fewer or more than these"""
MOST_REMEMBERED = 1_000_000
"""with more changes the whole register is read again"""
LONGEST_SECONDS = 300.0
"""after this time a single change is"""

log = structlog.get_logger("index")


class Builder:
    """Keeps a folder's snapshot near to what the store has; use it as :func:`only_builder`."""

    def __init__(self, folder: Path, store: MongoIndex) -> None:
        self._folder = folder
        self._store = store
        self._live = LiveIndex(folder, store, most_changes=MOST_REMEMBERED)
        self._built = time.monotonic()

    def step(self, *, least: int | None = None) -> Snapshot | None:
        """
        Build a snapshot if one is due, and return it.

        :param least: changes that make one due, in place of what is usual
        """
        if not self._is_usable():
            return self._build_whole()
        self._live.refresh()
        delta, mapped = self._live.delta, self._live.mapped
        if delta is None or mapped is None:
            return self._build_whole()
        if len(delta) < (self._due(len(mapped.snapshot)) if least is None else least):
            return None
        began = time.monotonic()
        snapshot = build(
            self._folder,
            delta.changed(),
            base=mapped.snapshot,
            gone=delta.gone(),
            source=mapped.snapshot.manifest.source,
            changed=self._live.since,
        )
        return self._finished(snapshot, began, changes=len(delta))

    def _is_usable(self) -> bool:
        """Whether the snapshot that counts is whole; read through once, when the first step is made."""
        if self._live.mapped is not None:
            return True
        try:
            return usable(self._folder) is not None
        except UnusableSnapshot as wrong:
            log.warning("snapshot unusable", reason=str(wrong))
            return False

    def _due(self, addresses: int) -> int:
        if time.monotonic() - self._built > LONGEST_SECONDS:
            return 1
        return min(MOST_CHANGES, max(LEAST_CHANGES, addresses // 20))

    def _build_whole(self) -> Snapshot:
        began = time.monotonic()
        self._store.prepare()
        source, (seconds, _) = self._store.identity(), self._store.now()
        since = (max(seconds - OVERLAP_SECONDS, 0), 0)
        snapshot = build(self._folder, self._store.everything(), source=source, changed=since)
        return self._finished(snapshot, began, changes=len(snapshot))

    def _finished(self, snapshot: Snapshot, began: float, *, changes: int) -> Snapshot:
        self._built = time.monotonic()
        seconds = round(self._built - began, 1)
        log.info(
            "snapshot built", snapshot=snapshot.folder.name, addresses=len(snapshot), changes=changes, seconds=seconds
        )
        return snapshot


def keep_building(folder: Path, store: MongoIndex, stop: Stop) -> None:
    """
    Build whenever a snapshot is due, until somebody asks to stop.

    :raises FolderIsBusy: when another process builds in the folder.
    """
    with only_builder(folder):
        builder = Builder(folder, store)
        while not stop.asked:
            try:
                builder.step()
            except Exception:
                # The store may be away, or the disk full: whoever searches goes on with what there is.
                log.exception("snapshot not built")
            stop.wait(LOOK_EVERY_SECONDS)
