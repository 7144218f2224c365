"""The public keys of an issuer of tokens (JWKS, RFC 7517): fetched when first needed, kept, and fetched anew."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import jwt

from gateway_graphql.server.access_log import log
from gateway_graphql.server.http_answer import AnswerTooLarge, whole_body
from gateway_graphql.server.json_text import loads

__all__ = ["KeysMissing", "PublicKeys"]

LARGEST = 1024 * 1024
"""bytes of a key set"""
PAUSE = 5.0
"""seconds between two attempts: tokens with keys that nobody has must not make us ask all the time"""
TIMEOUT = aiohttp.ClientTimeout(total=10)


class KeysMissing(Exception):
    """The issuer's keys could not be fetched, ever."""


class PublicKeys:
    """
    The keys at one URL.

    A key that is not known makes it look once more: the issuer may have begun to use a new one. When the URL cannot be
    reached, what is known stays good.
    """

    def __init__(
        self, url: str, session: Callable[[], aiohttp.ClientSession], every: float, changed: Callable[[], None]
    ) -> None:
        """``every``: seconds after which the keys are fetched again; ``changed`` hears when they are others."""
        self._url = url
        self._session = session
        self._every = every
        self._changed = changed
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, kid: str | None) -> jwt.PyJWK | None:
        """
        The key of this id; a token without an id means the only key there is.

        :raises KeysMissing: there was no answer yet.
        """
        now = time.monotonic()
        found = self._known(kid)
        if found is None and now - self._tried >= PAUSE:
            await asyncio.shield(self._fetch())
            found = self._known(kid)
        elif now - self._fetched >= self._every and now - self._tried >= PAUSE:
            self._fetch()  # nobody has to wait for it
        if found is None and not self._keys:
            raise KeysMissing(f"the keys at {self._url} cannot be fetched")
        return found

    def _known(self, kid: str | None) -> jwt.PyJWK | None:
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid)

    def _fetch(self) -> asyncio.Task[None]:
        """One attempt for all who want it now."""
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._try())
        return self._fetching

    async def _try(self) -> None:
        try:
            async with self._session().get(self._url, timeout=TIMEOUT, allow_redirects=False) as answer:
                answer.raise_for_status()
                keys = _keys_in(loads(await whole_body(answer, LARGEST)))
        except (aiohttp.ClientError, AnswerTooLarge, TimeoutError, OSError, ValueError, jwt.PyJWTError) as problem:
            log.warning("public keys not fetched", url=self._url, problem=str(problem) or type(problem).__name__)
        else:
            if {kid: key.key for kid, key in keys.items()} != {kid: key.key for kid, key in self._keys.items()}:
                self._keys = keys
                self._changed()
            self._fetched = time.monotonic()
        finally:
            self._tried = time.monotonic()


def _keys_in(document: Any) -> dict[str | None, jwt.PyJWK]:
    """The keys that sign; one that we cannot read is none of ours."""
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("this is no key set: it has no list `keys`")
    found: dict[str | None, jwt.PyJWK] = {}
    for one in document["keys"]:
        if isinstance(one, dict) and one.get("kty") != "oct" and one.get("use", "sig") == "sig":
            try:
                found[one.get("kid")] = jwt.PyJWK(one)
            except jwt.PyJWTError:
                continue
    if not found:
        raise ValueError("there is no key in it that could sign tokens")
    return found
