"""The token that says whose log lines these are."""

import base64
import time
from collections.abc import Callable

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

AUDIENCE = "log_lines"
"""no service of that name is asked anything: the token is good for nothing else"""
LIFETIME = 24 * 3600
"""seconds: lines may wait that long for somebody to keep them"""


def sign_lines(service: str, key: Callable[[], str]) -> str:
    """
    A token for batches of lines; it says whose they are, so that nobody writes in the name of another.

    :param key: gives the service's private key as its setting carries it: Ed25519 seed, base64url without padding
    """
    now = int(time.time())
    claims = {"iss": service, "aud": AUDIENCE, "iat": now, "exp": now + LIFETIME}
    text = key()
    seed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return jwt.encode(claims, Ed25519PrivateKey.from_private_bytes(seed), algorithm="EdDSA", headers={"kid": service})
