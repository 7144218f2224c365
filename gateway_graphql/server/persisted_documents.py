"""
Documents that a client names in place of sending them.

Automatic persisted queries: a client sends the SHA-256 of its document, and the document itself only when it is not known.
The protocol is Apollo's: ``extensions.persistedQuery`` is ``{"version": 1, "sha256Hash": "…"}``. Trusted documents were
listed before; their id comes in the same place, or as ``documentId``.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from gateway_graphql.server.asgi import Refused
from gateway_graphql.server.trusted_documents import TrustedDocuments

__all__ = ["PersistedDocuments"]

NOT_STORED = ((b"cache-control", b"private, no-cache, must-revalidate"),)
"""no cache between us may remember that a document was missing: the client's next request brings it"""


class PersistedDocuments:
    """Documents by their hash; the ones used last, as long as all of them have at most ``limit`` characters."""

    def __init__(self, limit: int, trusted: TrustedDocuments | None = None, *, only_trusted: bool = False) -> None:
        """``only_trusted``: other documents than the trusted ones are refused."""
        self._limit = limit
        self._trusted = trusted
        self._only_trusted = only_trusted
        self._size = 0
        self._texts: OrderedDict[str, str] = OrderedDict()

    def text_of(self, given: str | None, extensions: Mapping[str, Any], document_id: object = None) -> str | None:
        """
        The document of a request with these ``extensions``, which gave this ``query`` or none.

        :raises Refused: the id or hash is unknown, or it is another document's, or the document is not trusted.
        """
        persisted = extensions.get("persistedQuery")
        if self._trusted is not None:
            if document_id is None and isinstance(persisted, Mapping):
                document_id = persisted.get("sha256Hash")
            text = self._trusted.text(document_id) if isinstance(document_id, str) else None
            if text is not None and given in (None, text):
                return text
            if self._only_trusted:
                return self._trusted_text(given, document_id)
        if persisted is None:
            if given is None and document_id is not None:
                raise Refused(200, "PERSISTED_QUERY_NOT_FOUND", "There is no document of this id.", NOT_STORED)
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

    def _trusted_text(self, given: str | None, document_id: object) -> str:
        assert self._trusted is not None  # noqa: S101 (asked only where there are any)
        if given is None:
            if document_id is None:
                raise _wrong("Send the id of a document as documentId, or as extensions.persistedQuery.sha256Hash.")
            raise Refused(200, "PERSISTED_QUERY_NOT_FOUND", "There is no trusted document of this id.", NOT_STORED)
        if not self._trusted.has(given):
            raise Refused(
                403,
                "QUERY_NOT_IN_SAFELIST",
                "This document is not one of those that the gateway trusts; it answers no others. "
                "They are those of its setting trusted_documents.",
            )
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
