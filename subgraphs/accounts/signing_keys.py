"""
The keys that sign tokens: several at once, so that one can follow another while tokens of both are in use.

They may lie in a file that changes while the service runs; what it holds now counts.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, overload

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.utils.functional import lazy

from subgraphs.chassis.env import Env, WrongSetting
from subgraphs.chassis.service_keys import Secret

LEAST_BITS = 2048


class SigningKeys(Sequence[str]):
    """RSA private keys (PEM): the first signs, the others are known until what they signed has ended."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self._text = ""
        self._keys: list[str] = []

    @classmethod
    def from_environment(cls, env: Env) -> "SigningKeys":
        """
        Those in ``ACCOUNTS_SIGNING_KEYS``, or in the file that ``ACCOUNTS_SIGNING_KEYS_FILE`` names.

        :raises MissingSetting: when there are none.
        :raises WrongSetting: saying which cannot sign; never what it holds.
        """
        keys = cls(Secret.from_environment(env, "SIGNING_KEYS"))
        keys._current()
        return keys

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> list[str]: ...
    def __getitem__(self, number: int | slice) -> str | list[str]:
        return self._current()[number]

    def __len__(self) -> int:
        return len(self._current())

    def _current(self) -> list[str]:
        text = self._secret()
        if text != self._text:
            self._keys, self._text = readable_keys(text), text
        return self._keys


class Older(Sequence[str]):
    """All but the first, as they are at the moment they are asked for."""

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys[1:])

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> list[str]: ...
    def __getitem__(self, number: int | slice) -> str | list[str]:
        return self._keys[1:][number]

    def __len__(self) -> int:
        return len(self._keys) - 1


def newest(keys: SigningKeys) -> Any:
    """The first, as it is at the moment it is used: a text for a library that reads its settings once."""
    return lazy(lambda: keys[0], str)()


def readable_keys(text: str) -> list[str]:
    """
    The keys of the setting, when all of them can sign.

    :raises WrongSetting: saying which cannot; never what it holds.
    """
    try:
        keys = json.loads(text)
    except ValueError as wrong:
        raise WrongSetting(f"ACCOUNTS_SIGNING_KEYS is not JSON: {wrong}") from None
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
