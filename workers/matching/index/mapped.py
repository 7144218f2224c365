"""The index of a snapshot: known addresses on disk, found by their keys and already taken apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from workers.matching.index.at_sight import refused
from workers.matching.index.delta import NOTHING, Fresh
from workers.matching.index.postings import Postings, hash_of
from workers.matching.index.rows import Entry, Unopened
from workers.matching.index.shortlist import MOST_TOGETHER, shortlists
from workers.matching.index.snapshot import Snapshot, same_key
from workers.matching.matcher import Address, exact_key
from workers.matching.matcher.keys import keys_of_parsed as keys_of
from workers.matching.matcher.parse import Parsed, parse


@dataclass(frozen=True)
class MappedIndex:
    """Known addresses of a snapshot, and of what changed since; it stays as it is while somebody searches it."""

    snapshot: Snapshot
    fresh: Fresh = NOTHING

    def near(self, typed: Sequence[Address]) -> list[list[Entry | Unopened]]:
        """For each typed address, the known ones worth comparing, the most promising first."""
        total = len(self.snapshot) + self.fresh.more
        near: list[list[Entry | Unopened]] = []
        for start in range(0, len(typed), MOST_TOGETHER):
            parsed = list(map(parse, typed[start : start + MOST_TOGETHER]))
            hashes = [list(map(hash_of, keys_of(one))) for one in parsed]
            keys = list(map(len, hashes))
            wanted = np.fromiter(chain.from_iterable(hashes), np.uint32, sum(keys))
            near += self._entries(parsed, shortlists(self._layers, wanted, keys, total, self.fresh.hidden))
        return near

    def _entries(self, typed: Sequence[Parsed], lists: Sequence[Sequence[int]]) -> Iterator[list[Entry | Unopened]]:
        size = len(self.snapshot)
        kept = [[row for row in rows if row < size] for rows in lists] if self.fresh.rows else lists
        wanted = np.fromiter(chain.from_iterable(kept), np.int64)
        # For a single address numpy's calls take longer than the look at its few candidates.
        is_single = len(typed) == 1
        unopened = (
            np.zeros(len(wanted), bool)
            if is_single
            else refused(typed, list(map(len, kept)), self.snapshot.facts[wanted])
        )
        of_snapshot = self.snapshot.entries(wanted, unopened)
        for rows in lists:
            yield [next(of_snapshot) if row < size else self.fresh.entry(row - size) for row in rows]

    def exactly(self, typed: Address) -> str | None:
        """The id of the one known address that is exactly this; ``None`` for none or several."""
        exact = exact_key(typed)
        rows = [row for layer in self._layers for row in layer.rows_of(same_key(exact))]
        entries = [self.entry(row) for row in rows if not self.fresh.hides(row)]
        ids = [entry.id for entry in entries if exact_key(entry.address) == exact]
        return ids[0] if len(ids) == 1 else None

    def entry(self, row: int) -> Entry:
        """The address of a row; those that are fresh come after the snapshot's."""
        size = len(self.snapshot)
        return self.snapshot.entry(row) if row < size else self.fresh.entry(row - size)

    @property
    def _layers(self) -> tuple[Postings, ...]:
        return (self.snapshot.postings, *self.fresh.layers)
