"""
Documents that were listed when a client was built: the client sends an id, and in production nothing else is answered.

The file is an Apollo persisted query manifest (``operations``, each with ``id`` and ``body``), or an object of ids and
documents, as Relay and graphql-codegen write it.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import orjson

from gateway_graphql.server.access_log import log

__all__ = ["TrustedDocuments", "WrongManifest", "read_manifest"]

FORMS = 'an object of ids and documents, or a manifest with "operations", each with "id" and "body"'


class WrongManifest(ValueError):
    """The file cannot be used; the text says where, what, and what to do."""


def read_manifest(file: Path) -> dict[str, str]:
    """
    The documents of the file by their ids.

    :raises WrongManifest: this is no such file.
    """
    try:
        value = orjson.loads(file.read_bytes())
    except OSError as problem:
        raise WrongManifest(f"{file}: cannot be read: {problem.strerror or problem}") from None
    except orjson.JSONDecodeError as problem:
        raise WrongManifest(f"{file}: this is not JSON: {problem}; write {FORMS}") from None
    if isinstance(value, dict) and isinstance(value.get("operations"), list):
        value = {_field(file, one, "id"): _field(file, one, "body") for one in value["operations"]}
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise WrongManifest(f"{file}: there are no documents in it; write {FORMS}")
    return value


def _field(file: Path, entry: Any, name: str) -> str:
    found = entry.get(name) if isinstance(entry, dict) else None
    if not isinstance(found, str):
        raise WrongManifest(f"{file}: an operation has no {name}; write {FORMS}")
    return found


class TrustedDocuments:
    """The documents of a file, read again when it has changed."""

    def __init__(self, file: Path, look_every: float) -> None:
        """
        ``look_every``: seconds between two looks at the file; 0: only now.

        :raises WrongManifest: the file cannot be used.
        """
        self._file = file
        self._look_every = look_every
        self._stamp = _stamp(file)
        self._look_at = time.monotonic() + look_every
        self._take(read_manifest(file))

    def text(self, id: str) -> str | None:
        """The document of this id: as the file has it, or the SHA-256 of the document."""
        self._refresh()
        # Relay's newer clients name the hash function.
        bare = id.removeprefix("sha256:")
        return self._by_id.get(id) or self._by_id.get(bare) or self._by_hash.get(bare.lower())

    def has(self, text: str) -> bool:
        """Whether this document is one of them."""
        self._refresh()
        return text in self._texts

    def _take(self, by_id: dict[str, str]) -> None:
        self._by_id = by_id
        self._texts = frozenset(by_id.values())
        self._by_hash = {hashlib.sha256(text.encode()).hexdigest(): text for text in self._texts}

    def _refresh(self) -> None:
        now = time.monotonic()
        if not self._look_every or now < self._look_at:
            return
        self._look_at = now + self._look_every
        stamp = _stamp(self._file)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._take(read_manifest(self._file))
        except WrongManifest as problem:
            log.warning("trusted documents not reloaded, the old ones stay", problem=str(problem))
        else:
            log.info("trusted documents reloaded", documents=len(self._by_id))


def _stamp(file: Path) -> tuple[int, int, int]:
    try:
        found = os.stat(file)
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
