"""
The index of a running process: the snapshot on disk, and what changed since, never older than a moment.

It asks the store a few times a second what has changed, and looks whether there is another snapshot. Where there is no
snapshot that fits, or too much has changed since, every question goes to the store itself.
"""

import threading
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import structlog

from workers.matching.index import Index, Near
from workers.matching.index.delta import Delta
from workers.matching.index.mapped import MappedIndex
from workers.matching.index.mongo import Moment, MongoIndex
from workers.matching.index.snapshot import Snapshot, UnusableSnapshot, current
from workers.matching.matcher import Address

ASKED_EVERY_SECONDS = 0.2
_SHARE_OF_TIME = 4
"""asking takes at most one part in so many of the time"""
OVERLAP_SECONDS = 10
"""how long a write may take from its stamp until others see it; so much is asked for again now and then"""
_USUAL_OVERLAP_SECONDS = 1
"""how long it takes but for the rarest writes; so much is asked for again each time"""
_LOOKS_BACK_EVERY_SECONDS = 5
_TOGETHER = 10_000
"""changes that are taken in together, so that a great many need no more memory than what is kept of them"""
_MOST_AGAIN = 100_000
"""changes that may be heard again, beside those that are new"""
MOST_CHANGES = 200_000
"""changes since the snapshot that a process keeps in memory; a builder at work never lets it come to that"""

log = structlog.get_logger("index")


class LiveIndex:
    """Known addresses as they are now."""

    def __init__(self, folder: Path, store: MongoIndex, *, most_changes: int = MOST_CHANGES) -> None:
        """
        Know nothing yet; :meth:`refresh` or :meth:`follow` it.

        :param folder: where snapshots are built
        :param most_changes: with more changes than these the store is asked instead
        """
        self._folder = folder
        self._store = store
        self._most = most_changes
        self._index: Index = store
        self._delta: Delta | None = None
        self._opened: Path | None = None
        """the snapshot that is searched, or was found unusable"""
        self._since: Moment = (0, 0)
        self._recent: Moment = (0, 0)
        """up to this moment all but the slowest writes were heard"""
        self._looked_back = 0.0
        self.before_it_is_searched: Callable[[MappedIndex], None] = lambda _: None
        """called with each state of the index before anybody can search it"""

    def near(self, typed: Sequence[Address]) -> Sequence[Sequence[Near]]:
        """For each typed address, the known ones worth comparing."""
        return self._index.near(typed)

    def exactly(self, typed: Address) -> str | None:
        """The id of the one known address that is exactly this; ``None`` for none or several."""
        return self._index.exactly(typed)

    @property
    def delta(self) -> Delta | None:
        """What changed since the snapshot; ``None`` where the store is asked."""
        return self._delta

    @property
    def mapped(self) -> MappedIndex | None:
        """Snapshot and delta; ``None`` where the store is asked."""
        return self._index if isinstance(self._index, MappedIndex) else None

    @property
    def since(self) -> Moment:
        """From when on changes are asked for next."""
        return self._since

    def refresh(self) -> None:
        """Take in what changed, and another snapshot if there is one; who is searching goes on with what was."""
        found = current(self._folder)
        if found != self._opened:
            self._open(found)
        elif self._delta is not None and self.mapped is not None:
            snapshot = self.mapped.snapshot
            looks_back = time.monotonic() - self._looked_back > _LOOKS_BACK_EVERY_SECONDS
            until = self._take_in(self._delta, self._since if looks_back else self._recent)
            if until is None:
                self._ask_the_store("too much has changed since the snapshot")
            else:
                self._heard(until, looks_back=looks_back)
                self._search(MappedIndex(snapshot, self._delta.fresh))

    def follow(self) -> None:
        """Refresh now and from now on, in a thread of its own that ends with the process."""
        self._refresh_whatever_happens()
        threading.Thread(target=self._follow, name="index", daemon=True).start()

    def _follow(self) -> None:
        pause = ASKED_EVERY_SECONDS
        while True:
            time.sleep(pause)
            began = time.monotonic()
            self._refresh_whatever_happens()
            pause = max(ASKED_EVERY_SECONDS, (_SHARE_OF_TIME - 1) * (time.monotonic() - began))

    def _refresh_whatever_happens(self) -> None:
        try:
            self.refresh()
        except Exception as problem:
            # Without its follower a process would never hear of a change: it asks the store, and tries again.
            self._opened = None
            self._ask_the_store(f"{problem.__class__.__name__}: {problem}")

    def _open(self, found: Path | None) -> None:
        """Search another snapshot, once everything that changed since is known."""
        self._opened = found
        if found is None:
            return self._ask_the_store("no snapshot was built yet")
        try:
            snapshot = Snapshot(found)
        except UnusableSnapshot as wrong:
            return self._ask_the_store(str(wrong))
        if snapshot.manifest.source != self._store.identity():
            return self._ask_the_store(f"{found} was built from {snapshot.manifest.source or 'a file'}")
        delta = Delta(snapshot)
        until = self._take_in(delta, snapshot.manifest.changed)
        if until is None:
            return self._ask_the_store("too much has changed since the snapshot")
        self._heard(until, looks_back=True)
        self._delta = delta
        self._search(MappedIndex(snapshot, delta.fresh))
        log.info("snapshot opened", snapshot=found.name, addresses=len(snapshot), changes=len(delta))
        return None

    def _take_in(self, delta: Delta, since: Moment) -> Moment | None:
        """Add to a delta what changed; the moment up to which that is so, or ``None`` when it is too much."""
        left = self._most + _MOST_AGAIN
        with self._store.changed_since(since, left) as (changed, until):
            while some := list(islice(changed, _TOGETHER)):
                left -= len(some)
                for kept in self._store.kept([id for id, version in some if version != delta.version(id)]):
                    delta.add(kept)
                if not left or len(delta) > self._most:
                    return None
        return until

    def _heard(self, until: Moment, *, looks_back: bool) -> None:
        self._recent = max(until[0] - _USUAL_OVERLAP_SECONDS, 0), 0
        if looks_back:
            self._since = max(until[0] - OVERLAP_SECONDS, 0), 0
            self._looked_back = time.monotonic()

    def _search(self, index: MappedIndex) -> None:
        self.before_it_is_searched(index)
        self._index = index

    def _ask_the_store(self, reason: str) -> None:
        if self._index is not self._store:
            log.warning("the store is asked from here on", reason=reason)
        self._index, self._delta = self._store, None
