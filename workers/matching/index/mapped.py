"""The index of a snapshot: known addresses on disk, found by their keys and already taken apart."""

from workers.matching.index.postings import hash_of
from workers.matching.index.shortlist import shortlist
from workers.matching.index.snapshot import Snapshot, same_key
from workers.matching.matcher import Address, exact_key, keys_of
from workers.matching.matcher.parse import Parsed


class MappedIndex:
    """Known addresses of a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def candidates(self, typed: Address) -> list[tuple[str, Parsed]]:
        """The known addresses worth comparing with a typed one, the most promising first."""
        rows = shortlist(self.snapshot.postings, [hash_of(key) for key in keys_of(typed)], len(self.snapshot))
        return [(entry.id, entry.parsed) for entry in map(self.snapshot.entry, rows)]

    def exactly(self, typed: Address) -> str | None:
        """The id of the one known address that is exactly this; ``None`` for none or several."""
        exact = exact_key(typed)
        entries = map(self.snapshot.entry, self.snapshot.postings.rows_of(same_key(exact)))
        ids = [entry.id for entry in entries if exact_key(entry.address) == exact]
        return ids[0] if len(ids) == 1 else None
