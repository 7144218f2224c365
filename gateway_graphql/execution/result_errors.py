"""The errors of one result, and which of them are about what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway_graphql.planning.operation import INITIAL

__all__ = ["ResultErrors"]

_Path = tuple[str | int, ...]


class ResultErrors:
    """
    The errors of one result; knows which nulls they explain already.

    A long list may have as many errors as items, so nothing here looks through all of them.
    """

    def __init__(self) -> None:
        self.errors: list[dict[str, Any]] = []
        self._blocks: list[frozenset[int]] = []
        self._at: dict[_Path | None, list[int]] = {}
        """the numbers of the errors by their path"""
        self._below: dict[_Path, list[int]] = {}
        """the numbers of the errors at a path or below it"""

    def add(
        self,
        message: str,
        path: _Path | None,
        extensions: Mapping[str, Any] | None = None,
        blocks: frozenset[int] = frozenset({INITIAL}),
    ) -> None:
        """Add an error; one with the same message and path is not repeated."""
        error: dict[str, Any] = {"message": message}
        if path is not None:
            error["path"] = list(path)
        if extensions:
            error["extensions"] = dict(extensions)
        if not any(self.errors[number] == error for number in self._at.get(path, ())):
            self.keep(error, blocks)

    def keep(self, error: dict[str, Any], blocks: frozenset[int] = frozenset({INITIAL})) -> None:
        """Add an error as it is."""
        number = len(self.errors)
        self.errors.append(error)
        self._blocks.append(blocks)
        path = None if error.get("path") is None else tuple(error["path"])
        self._at.setdefault(path, []).append(number)
        for length in range(len(path or ()) + 1):
            if path is not None:
                self._below.setdefault(path[:length], []).append(number)

    def by_block(self) -> list[tuple[dict[str, Any], frozenset[int]]]:
        """Every error with the blocks of ``@defer`` that its request was made for."""
        return list(zip(self.errors, self._blocks, strict=True))

    def of_block(self, block: int, place: _Path) -> list[dict[str, Any]]:
        """The errors of a block of ``@defer`` that are at or below a place, or about a request for it and others."""
        numbers = {*self._at.get(None, ()), *self._below.get(place, ()), *self._above(place)}
        return [self.errors[number] for number in sorted(numbers) if block in self._blocks[number]]

    def explain(self, path: _Path, *, missing: bool) -> bool:
        """
        Whether an error says already why there is a null.

        Any error at the path or below it does. What is ``missing`` (no subgraph said null) is explained by an error
        above it as well: the request that should have brought it failed.
        """
        return path in self._below or (missing and (None in self._at or bool(self._above(path))))

    def _above(self, path: _Path) -> list[int]:
        """The errors at the path or above it; a failed request names the fields without the positions in lists."""
        found: list[int] = []
        for way in {path, _names(path)}:
            for length in range(len(way) + 1):
                found += self._at.get(way[:length], ())
        return found


def _names(path: Sequence[str | int]) -> _Path:
    return tuple(part for part in path if not isinstance(part, int))
