"""Signs the token that tells a subgraph that the request comes from this gateway, and for whom it asks."""

from __future__ import annotations

import base64
import binascii
import time
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway_graphql.execution.caller import ANONYMOUS, Caller
from gateway_graphql.server.settings import ServiceTokenSettings

__all__ = ["ServiceTokens", "WrongServiceKey"]

RENEW_BEFORE = 10
"""seconds before it expires, a token is no longer handed out"""
REMEMBERED = 10_000
"""tokens; one for each subgraph and caller"""


class WrongServiceKey(ValueError):
    """The key, or what the file of the key holds, is not an Ed25519 seed in base64url."""


class ServiceTokens:
    """
    One signed token for each subgraph and caller, renewed shortly before it expires.

    ``sub`` and ``scope`` are the caller's, and so are the claims in ``forward_claims``; none of them for a caller whom
    nobody knows.
    """

    def __init__(self, settings: ServiceTokenSettings, forward_claims: tuple[str, ...] = ()) -> None:
        self.header = settings.header
        self._issuer = settings.issuer
        self._lifetime = settings.lifetime
        self._settings = settings
        self._key()
        self._forward_claims = forward_claims
        self._tokens: OrderedDict[tuple[str, Caller], tuple[str, float]] = OrderedDict()

    def token_for(self, audience: str, caller: Caller = ANONYMOUS) -> str:
        """The token to send to this subgraph for this caller."""
        now = time.time()
        known = self._tokens.get((audience, caller))
        if known is not None and now < known[1] - RENEW_BEFORE:
            return known[0]
        issued = int(now)
        expires = issued + self._lifetime
        claims = {**self._about(caller), "iss": self._issuer, "aud": audience, "iat": issued, "exp": expires}
        token = jwt.encode(claims, self._key(), algorithm="EdDSA", headers={"kid": self._issuer})
        self._tokens[audience, caller] = (token, expires)
        self._tokens.move_to_end((audience, caller))
        if len(self._tokens) > REMEMBERED:
            self._tokens.popitem(last=False)
        return token

    def _key(self) -> Ed25519PrivateKey:
        file = self._settings.key_file
        if file is None:
            return _private_key("service_token.key", self._settings.key or "")
        try:
            return _private_key(f"service_token.key_file: {file}", Path(file).read_text().strip())
        except (OSError, UnicodeDecodeError) as problem:
            raise WrongServiceKey(f"service_token.key_file: {file} cannot be read: {problem}") from None

    def _about(self, caller: Caller) -> dict[str, Any]:
        if not caller.known:
            return {}
        forwarded = {name: caller.claims[name] for name in self._forward_claims if name in caller.claims}
        return {**forwarded, "sub": caller.subject, "scope": " ".join(sorted(caller.scopes))}


@lru_cache(maxsize=4)
def _private_key(where: str, seed: str) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(seed + "=" * (-len(seed) % 4)))
    except (binascii.Error, ValueError) as problem:
        raise WrongServiceKey(
            f"{where} is not an Ed25519 seed (32 bytes, base64url without padding): {problem}"
        ) from None
