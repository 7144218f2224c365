"""Signs the token that tells a subgraph the request comes from this gateway."""

from __future__ import annotations

import base64
import binascii
import time

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway_graphql.server.settings import ServiceTokenSettings

__all__ = ["ServiceTokens", "WrongServiceKey"]

RENEW_BEFORE = 10
"""seconds before it expires, a token is no longer handed out"""


class WrongServiceKey(ValueError):
    """The key is not an Ed25519 seed in base64url."""


class ServiceTokens:
    """One signed token per subgraph, renewed shortly before it expires."""

    def __init__(self, settings: ServiceTokenSettings) -> None:
        self.header = settings.header
        self._issuer = settings.issuer
        self._lifetime = settings.lifetime
        self._key = _private_key(settings.key)
        self._tokens: dict[str, tuple[str, float]] = {}

    def token_for(self, audience: str) -> str:
        """The token to send to this subgraph."""
        now = time.time()
        known = self._tokens.get(audience)
        if known is not None and now < known[1] - RENEW_BEFORE:
            return known[0]
        issued = int(now)
        expires = issued + self._lifetime
        claims = {"iss": self._issuer, "aud": audience, "iat": issued, "exp": expires}
        token = jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._issuer})
        self._tokens[audience] = (token, expires)
        return token


def _private_key(seed: str) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(seed + "=" * (-len(seed) % 4)))
    except (binascii.Error, ValueError) as problem:
        raise WrongServiceKey(
            f"service_token.key is not an Ed25519 seed (32 bytes, base64url without padding): {problem}"
        ) from None
