"""The keys that sign tokens: several at once, so that one can follow another while tokens of both are in use."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from subgraphs.chassis.env import WrongSetting

LEAST_BITS = 2048


def readable_keys(keys: Any) -> list[str]:
    """
    The keys of the setting, when all of them can sign.

    :raises WrongSetting: saying which cannot; never what it holds.
    """
    if not isinstance(keys, list) or not keys:
        raise WrongSetting(
            "ACCOUNTS_SIGNING_KEYS must be a JSON list of RSA private keys (PEM), the one that signs first"
        )
    for number, pem in enumerate(keys, 1):
        try:
            key = load_pem_private_key(str(pem).encode(), password=None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_BITS:
            raise WrongSetting(
                f"key {number} of ACCOUNTS_SIGNING_KEYS is no RSA private key of {LEAST_BITS} bits in PEM"
            )
    return keys
