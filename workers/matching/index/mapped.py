"""The index of a snapshot: known addresses on disk, found by their keys and already taken apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from workers.matching.index.delta import NOTHING, Fresh
from workers.matching.index.postings import Postings, hash_of
from workers.matching.index.rows import Entry
from workers.matching.index.shortlist import shortlist
from workers.matching.index.snapshot import Snapshot, same_key
from workers.matching.matcher import Address, exact_key, keys_of


@dataclass(frozen=True)
class MappedIndex:
    """Known addresses of a snapshot, and of what changed since; it stays as it is while somebody searches it."""

    snapshot: Snapshot
    fresh: Fresh = NOTHING

    def near(self, typed: Sequence[Address]) -> list[list[Entry]]:
        """For each typed address, the known ones worth comparing, the most promising first."""
        layers, total = self._layers, len(self.snapshot) + self.fresh.more
        hashes = [[hash_of(key) for key in keys_of(address)] for address in typed]
        # The keys of all at once: looking one up costs less than asking for it does.
        wanted = np.fromiter(chain.from_iterable(hashes), np.uint32)
        found = [(begins.tolist(), counts.tolist()) for begins, counts in (layer.find(wanted) for layer in layers)]
        near, start = [], 0
        for own in hashes:
            end = start + len(own)
            parts = [(begins[start:end], counts[start:end]) for begins, counts in found]
            near.append(list(map(self.entry, shortlist(layers, parts, total, self.fresh.hidden))))
            start = end
        return near

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
