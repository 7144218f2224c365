"""
Who is speaking: every message carries a short-lived token signed by the service that sends it.

A token is a JWT signed with Ed25519; ``iss`` names the service that signed it, ``aud`` the ones it is meant for.
Each process holds only the private keys it signs with, and the public keys of all.
"""

import base64
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from workers.chassis.env import Env

TOKEN_HEADER = "service-token"  # noqa: S105 - the name of a header
LEEWAY = 10
"""seconds two clocks may differ"""


class UnknownService(Exception):
    """A token is missing, expired, forged, or meant for somebody else; the message says which."""


@dataclass(frozen=True)
class Identity:
    """One service as it signs."""

    service: str
    key: str
    """private key as its setting carries it: Ed25519 seed, base64url without padding"""

    @classmethod
    def from_environment(cls, service: str) -> "Identity":
        """The identity whose key is in ``<SERVICE>_SERVICE_KEY``."""
        return cls(service, Env(service).text("SERVICE_KEY"))

    def sign(
        self,
        audience: str | Sequence[str],
        *,
        lifetime: int,
        subject: str | None = None,
        claims: Mapping[str, Any] | None = None,
    ) -> str:
        """A token that says this service is speaking to ``audience``."""
        now = int(time.time())
        payload: dict[str, Any] = {
            "iss": self.service,
            "aud": audience if isinstance(audience, str) else list(audience),
            "iat": now,
            "exp": now + lifetime,
            **(claims or {}),
        }
        if subject is not None:
            payload["sub"] = subject
        return jwt.encode(payload, _private_key(self.key), algorithm="EdDSA", headers={"kid": self.service})


def public_keys(service: str) -> dict[str, str]:
    """Service → public key, from ``SERVICE_PUBLIC_KEYS``."""
    return dict(Env(service).json("SERVICE_PUBLIC_KEYS"))


def verify(token: object, *, audience: str, issuer: str, public_keys: Mapping[str, str]) -> dict[str, Any]:
    """
    The claims of a token that ``issuer`` signed for ``audience``.

    :raises UnknownService: when it is anything else.
    """
    if not token or not isinstance(token, str | bytes):
        raise UnknownService(f"the service token is missing: send it in the header {TOKEN_HEADER}")
    if issuer not in public_keys:
        raise UnknownService(f"the public key of {issuer!r} is not in SERVICE_PUBLIC_KEYS")
    try:
        return jwt.decode(
            token,
            _public_key(public_keys[issuer]),
            algorithms=["EdDSA"],
            audience=audience,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": ["iss", "aud", "iat", "exp"]},
        )
    except (jwt.InvalidTokenError, ValueError) as wrong:
        raise UnknownService(f"the service token is refused: {wrong}") from wrong


@lru_cache(maxsize=32)
def _private_key(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_raw(text))


@lru_cache(maxsize=32)
def _public_key(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_raw(text))


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
