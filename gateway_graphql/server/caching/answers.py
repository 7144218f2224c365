"""
Answers that were kept, and whether they are still good.

Each is stored with the versions that its tags had before it was asked for. To call back what has a tag is to give the tag
another version: one write, whatever it concerns, and an answer that was on its way meanwhile is not taken for a new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gateway_graphql.server.json_text import dumps, loads

__all__ = ["MISSING", "AnswerStore", "KeptAnswers", "Wanted", "key_of"]

MISSING: Any = object()
"""there is no such answer, or it is no longer good"""


class AnswerStore(Protocol):
    """Where answers are kept, and the versions of their tags."""

    async def read(self, keys: Sequence[str], tags: Sequence[str]) -> tuple[list[bytes | None], list[str]]:
        """What is stored under these keys, and the version of each tag (empty: it has none yet), all at one moment."""
        ...

    async def write(self, entries: Sequence[tuple[str, bytes, int]]) -> None:
        """Store each under its key for so many seconds."""
        ...

    async def call_back(self, tags: Sequence[str]) -> None:
        """From now on, nothing that was stored with one of these tags is good."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...


@dataclass(slots=True)
class Wanted:
    """One answer that may have been kept."""

    key: str
    tags: list[str]
    max_age: int
    """seconds that it is good for when it is asked anew"""
    value: Any = MISSING
    versions: tuple[str, ...] | None = None
    """of its tags, as they were when it was looked for; None: that is not known, so it must not be kept"""


class KeptAnswers:
    """What one gateway keeps, or several together."""

    def __init__(self, store: AnswerStore, graph: str) -> None:
        """``graph``: names the supergraph; answers of another one are others."""
        self._store = store
        self._graph = graph

    def key(self, *parts: Any) -> str:
        """A short name for an answer: all that it depends on."""
        return key_of(self._graph, *parts)

    async def look(self, wanted: Sequence[Wanted]) -> None:
        """Find the values of these; those that are not there stay ``MISSING``."""
        tags = list(dict.fromkeys(tag for one in wanted for tag in one.tags))
        found, versions = await self._store.read([one.key for one in wanted], tags)
        if len(versions) != len(tags):
            return
        now = dict(zip(tags, versions, strict=True))
        for one, stored in zip(wanted, found, strict=True):
            one.versions = tuple(now[tag] for tag in one.tags)
            if stored is not None:
                told = loads(stored)
                if tuple(told["versions"]) == one.versions:
                    one.value = told["value"]

    async def keep(self, answered: Sequence[tuple[Wanted, Any]]) -> None:
        """Keep these values, which were asked for after they were looked for."""
        entries = [
            (one.key, dumps({"versions": one.versions, "value": value}), one.max_age)
            for one, value in answered
            if one.versions is not None
        ]
        if entries:
            await self._store.write(entries)

    async def call_back(self, *tags: str) -> None:
        """From now on, nothing that was kept with one of these tags is good."""
        await self._store.call_back(tags)


def key_of(*parts: Any) -> str:
    """A short name for all that an answer depends on."""
    return hashlib.blake2b(dumps(parts), digest_size=20).hexdigest()
