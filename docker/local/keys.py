"""
The secrets of a local system: made once at install, kept in its state folder, readable by its owner alone.

Each service has an Ed25519 key of its own and every service knows the public half of all of them. A process is given
only the private key it signs with.
"""

import base64
import json
import os
import secrets
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ISSUERS = ("gateway", "subscribers", "addresses", "matching", "notifications", "realtime", "live_updates")
DJANGO_PROJECTS = ("subscribers", "addresses", "matching", "notifications", "realtime")


@dataclass(frozen=True)
class Keys:
    """Private and public keys by service, as the environment variables carry them."""

    private: Mapping[str, str]
    """service → Ed25519 seed, base64url without padding"""
    django: Mapping[str, str]
    """Django project → SECRET_KEY"""
    rabbitmq_password: str

    @property
    def public(self) -> str:
        """All public keys as the JSON of ``SERVICE_PUBLIC_KEYS``."""
        return json.dumps({service: _public_half(seed) for service, seed in self.private.items()}, sort_keys=True)

    def of(self, *services: str) -> dict[str, str]:
        """The environment variables with the private keys of these services."""
        return {f"{service.upper()}_SERVICE_KEY": self.private[service] for service in services}


def load_or_make(state: Path) -> Keys:
    """Read the keys of this state folder; make what is missing."""
    file = state / "keys.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    keys = Keys(
        private={name: known.get("private", {}).get(name) or _text(secrets.token_bytes(32)) for name in ISSUERS},
        django={name: known.get("django", {}).get(name) or secrets.token_urlsafe(50) for name in DJANGO_PROJECTS},
        rabbitmq_password=known.get("rabbitmq_password") or secrets.token_urlsafe(24),
    )
    text = json.dumps(
        {"private": keys.private, "django": keys.django, "rabbitmq_password": keys.rabbitmq_password}, indent=2
    )
    state.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
    return keys


def _public_half(seed: str) -> str:
    padded = seed + "=" * (-len(seed) % 4)
    private = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(padded))
    return _text(private.public_key().public_bytes_raw())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _environment_file(keys: Keys) -> str:
    lines = [f"{name}={value}" for name, value in keys.of(*keys.private).items()]
    lines += [f"{name.upper()}_SECRET_KEY={value}" for name, value in keys.django.items()]
    # Quoted: compose would take a `$` or a space of its own meaning otherwise.
    lines += [f"SERVICE_PUBLIC_KEYS='{keys.public}'", f"RABBITMQ_PASSWORD={keys.rabbitmq_password}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    # On its own, the file prints fresh keys as an environment file: `docker/up.sh` runs it inside an image.
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(_environment_file(load_or_make(Path(folder))))
