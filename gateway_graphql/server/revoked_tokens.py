"""
Access tokens that an issuer has called back before they end: its list, fetched every few seconds while anybody shows one.

The list is JSON, ``{"revoked": ["…"]}``, of the SHA-256 (hexadecimal) of each token that was revoked and has not ended. Nobody
can make a token of that, so it may be open to all, as revocation lists of certificates are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from weakref import WeakValueDictionary

import aiohttp

from gateway_graphql.server.access_log import log
from gateway_graphql.server.http_answer import AnswerTooLarge, whole_body
from gateway_graphql.server.json_text import loads

__all__ = ["RevokedTokens"]

LARGEST = 32 * 1024 * 1024
"""bytes of a list: half a million tokens"""
TIMEOUT = aiohttp.ClientTimeout(total=10)


class RevokedTokens:
    """The list of one issuer. While it cannot be reached, what was known stays so."""

    def __init__(self, url: str, session: Callable[[], aiohttp.ClientSession], every: float) -> None:
        """``every``: seconds between two looks."""
        self._url = url
        self._session = session
        self._every = every
        self._revoked: frozenset[str] = frozenset()
        self._version: str | None = None
        self._ended: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()
        self._looking: asyncio.Task[None] | None = None
        self._looked = asyncio.Event()

    async def includes(self, credential: str) -> bool:
        """Whether this token was revoked. The first who asks waits for the list."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_for_ever())
        if not self._looked.is_set():
            await self._looked.wait()
        return credential in self._revoked

    def ended(self, credential: str) -> asyncio.Event:
        """Set as soon as this token is revoked."""
        event = self._ended.get(credential)
        if event is None:
            event = self._ended[credential] = asyncio.Event()
        return event

    async def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def _look_for_ever(self) -> None:
        while True:
            try:
                await self._look()
            except (aiohttp.ClientError, AnswerTooLarge, TimeoutError, OSError, ValueError) as problem:
                said = str(problem) or type(problem).__name__
                log.warning("revoked tokens not fetched", url=self._url, problem=said)
            self._looked.set()
            await asyncio.sleep(self._every)

    async def _look(self) -> None:
        headers = {"If-None-Match": self._version} if self._version else {}
        async with self._session().get(self._url, headers=headers, timeout=TIMEOUT, allow_redirects=False) as answer:
            if answer.status == 304:
                return
            answer.raise_for_status()
            revoked = _listed(loads(await whole_body(answer, LARGEST)))
            self._version = answer.headers.get("ETag")
        for credential in revoked - self._revoked:
            if (ended := self._ended.get(credential)) is not None:
                ended.set()
        self._revoked = revoked


def _listed(document: Any) -> frozenset[str]:
    revoked = document.get("revoked") if isinstance(document, dict) else None
    if not isinstance(revoked, list) or not all(isinstance(one, str) for one in revoked):
        raise ValueError("this is no list of revoked tokens: it has no list of texts `revoked`")
    return frozenset(revoked)
