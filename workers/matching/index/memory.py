"""The index in memory: for examples to learn from, and for tests."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from workers.matching.index import MOST_BEHIND_A_KEY, Known, ranked
from workers.matching.index.rows import Entry, entry
from workers.matching.matcher import Address, exact_key, keys_of


class MemoryIndex:
    """Known addresses in a dictionary by key."""

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self._addresses: dict[str, Address] = {}
        self._by_key: dict[str, list[str]] = defaultdict(list)
        self._exact: dict[str, list[str]] = defaultdict(list)
        for id, address in known:
            self.add(id, address)

    def add(self, id: str, address: Address) -> None:
        """Make an address known."""
        self._addresses[id] = address
        for key in keys_of(address):
            ids = self._by_key[key]
            # One more than is ever used: the key is known to be over-frequent, and need not grow.
            if len(ids) <= MOST_BEHIND_A_KEY:
                ids.append(id)
        self._exact[exact_key(address)].append(id)

    def near(self, typed: Sequence[Address]) -> list[list[Entry]]:
        """For each typed address, the known ones worth comparing."""
        return [self._near(address) for address in typed]

    def exactly(self, typed: Address) -> str | None:
        """The id of the one known address that is exactly this."""
        ids = self._exact.get(exact_key(typed), [])
        return ids[0] if len(ids) == 1 else None

    def _near(self, typed: Address) -> list[Entry]:
        ids = ranked([self._by_key.get(key, []) for key in keys_of(typed)])
        return [entry(id, 0, self._addresses[id]) for id in ids]
