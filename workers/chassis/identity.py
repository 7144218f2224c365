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
from workers.chassis.service_keys import PublicKeys, Secret

TOKEN_HEADER = "service-token"  # noqa: S105 - the name of a header
LEEWAY = 10
"""seconds two clocks may differ"""


class UnknownService(Exception):
    """A token is missing, expired, forged, or meant for somebody else; the message says which."""


@dataclass(frozen=True)
class Identity:
    """One service as it signs."""

    service: str
    key: str | Secret
    """private key as its setting carries it: Ed25519 seed, base64url without padding"""

    @classmethod
    def from_environment(cls, service: str) -> "Identity":
        """The identity whose key is in ``<SERVICE>_SERVICE_KEY``, or in the file that ``<SERVICE>_SERVICE_KEY_FILE`` names."""
        return cls(service, Secret.from_environment(Env(service), "SERVICE_KEY"))

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
        return jwt.encode(
            payload,
            _private_key(self.key if isinstance(self.key, str) else self.key()),
            algorithm="EdDSA",
            headers={"kid": self.service},
        )


def public_keys(service: str) -> PublicKeys:
    """Service → public keys, from ``SERVICE_PUBLIC_KEYS`` or the file that ``SERVICE_PUBLIC_KEYS_FILE`` names."""
    return PublicKeys.from_environment(Env(service))


def verify(
    token: object, *, audience: str, issuer: str, public_keys: Mapping[str, str | Sequence[str]]
) -> dict[str, Any]:
    """
    The claims of a token that ``issuer`` signed for ``audience``.

    :raises UnknownService: when it is anything else.
    """
    if not token or not isinstance(token, str | bytes):
        raise UnknownService(f"the service token is missing: send it in the header {TOKEN_HEADER}")
    if issuer not in public_keys:
        raise UnknownService(f"the public key of {issuer!r} is not in SERVICE_PUBLIC_KEYS")
    keys = public_keys[issuer]
    for key in (keys,) if isinstance(keys, str) else keys:
        try:
            return jwt.decode(
                token,
                _public_key(key),
                algorithms=["EdDSA"],
                audience=audience,
                issuer=issuer,
                leeway=LEEWAY,
                options={"require": ["iss", "aud", "iat", "exp"]},
            )
        except jwt.InvalidSignatureError:
            continue  # perhaps an older key of the same service signed it
        except (jwt.InvalidTokenError, ValueError) as wrong:
            raise UnknownService(f"the service token is refused: {wrong}") from wrong
    raise UnknownService("the service token is refused: Signature verification failed")


@lru_cache(maxsize=32)
def _private_key(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_raw(text))


@lru_cache(maxsize=32)
def _public_key(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_raw(text))


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
