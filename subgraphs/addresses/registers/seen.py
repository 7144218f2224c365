"""Which references of a file have come already, in a dozen bytes each."""

from array import array

_FIRST_SIZE = 1 << 12


class Seen:
    """
    Hashes of references with the rows they came in: an open table, half full at most.

    A million references take some 25 MB; a ``dict`` would take five times that. Two different references with one hash
    meet once in tens of millions of files.
    """

    def __init__(self) -> None:
        self._count = 0
        self._hashes, self._rows = _table(_FIRST_SIZE)

    def first(self, reference: str, row: int) -> int:
        """The row in which the reference came first: ``row`` when it has not come yet; rows count from 1."""
        if self._count * 2 >= len(self._hashes):
            self._grow()
        hashed = hash(reference) & 0xFFFF_FFFF_FFFF_FFFF
        place = self._place(hashed)
        if not self._rows[place]:
            self._hashes[place], self._rows[place] = hashed, row
            self._count += 1
        return self._rows[place]

    def _place(self, hashed: int) -> int:
        mask = len(self._hashes) - 1
        place = hashed & mask
        while self._rows[place] and self._hashes[place] != hashed:
            place = (place + 1) & mask
        return place

    def _grow(self) -> None:
        hashes, rows = self._hashes, self._rows
        self._hashes, self._rows = _table(len(hashes) * 2)
        for hashed, row in zip(hashes, rows, strict=True):
            if row:
                place = self._place(hashed)
                self._hashes[place], self._rows[place] = hashed, row


def _table(size: int) -> tuple["array[int]", "array[int]"]:
    return array("Q", bytes(8 * size)), array("I", bytes(4 * size))
