"""
Automatic persisted queries: a client sends the SHA-256 of its document, and the document itself only when it is not known.

The protocol is Apollo's: ``extensions.persistedQuery`` is ``{"version": 1, "sha256Hash": "…"}``.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from gateway_graphql.server.asgi import Refused

__all__ = ["PersistedDocuments"]

NOT_STORED = ((b"cache-control", b"private, no-cache, must-revalidate"),)
"""no cache between us may remember that a document was missing: the client's next request brings it"""


class PersistedDocuments:
    """Documents by their hash; the ones used last, as long as all of them have at most ``limit`` characters."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._texts: OrderedDict[str, str] = OrderedDict()

    def text_of(self, given: str | None, extensions: Mapping[str, Any]) -> str | None:
        """
        The document of a request with these ``extensions``, which gave this ``query`` or none.

        :raises Refused: the hash is unknown, or it is another document's.
        """
        persisted = extensions.get("persistedQuery")
        if persisted is None:
            return given
        if not isinstance(persisted, Mapping) or persisted.get("version") != 1:
            raise _wrong("extensions.persistedQuery must be an object with version 1 and a sha256Hash.")
        digest = persisted.get("sha256Hash")
        if not isinstance(digest, str) or len(digest) != 64:
            raise _wrong("extensions.persistedQuery.sha256Hash must be the SHA-256 of the document in hexadecimal.")
        digest = digest.lower()
        if self._limit == 0:
            raise Refused(200, "PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported", NOT_STORED)
        if given is None:
            if digest not in self._texts:
                raise Refused(200, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound", NOT_STORED)
            self._texts.move_to_end(digest)
            return self._texts[digest]
        if hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest() != digest:
            raise _wrong("extensions.persistedQuery.sha256Hash is not the SHA-256 of the parameter `query`.")
        self._keep(digest, given)
        return given

    def _keep(self, digest: str, text: str) -> None:
        if digest in self._texts or len(text) > self._limit:
            return
        self._texts[digest] = text
        self._size += len(text)
        while self._size > self._limit:
            _, dropped = self._texts.popitem(last=False)
            self._size -= len(dropped)


def _wrong(message: str) -> Refused:
    return Refused(400, "BAD_REQUEST", message)
