"""
The secrets of a local system: made once at install, kept in its state folder, readable by its owner alone.

Each service has an Ed25519 key of its own and every service knows the public half of all of them. A process is given
only the private key it signs with. ``keys.json`` has everything; processes read their own files in ``keys/``, and read
them again when they change: ``make keys`` gives every service a new key while the system runs. What an older key signed
stays good until it has expired.
"""

import base64
import json
import secrets
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from docker.local.private_file import write_private
from docker.local.server_users import ADMIN, SERVICES, WATCHER, rabbitmq_definitions, redis_users

ISSUERS = (
    "gateway",
    "subscribers",
    "addresses",
    "matching",
    "notifications",
    "realtime",
    "live_updates",
    "caches",
    "accounts",
    "suggestions",
    "monolith",
    "discounts",
    "logs",
    "operations",
    "outbox_relay",
)
DJANGO_PROJECTS = (
    "subscribers",
    "addresses",
    "matching",
    "notifications",
    "realtime",
    "accounts",
    "suggestions",
    "monolith",
    "discounts",
    "logs",
    "operations",
)
ROLES = ("subscriber", "reviewer", "operator", "admin")
SERVER_USERS = (ADMIN, WATCHER, *SERVICES)
NAMESPACE = "doorstep"
"""what the names of databases, queues and keys begin with in containers"""
APPLICATION = "http://localhost:5173"
"""where a single-page application is developed"""
IN_CONTAINERS = ("https://127.0.0.1:8000", "https://localhost:8000")
"""where the gateway serves it, when it runs in containers"""

LONGEST_LIFE = 8 * 24 * 3600
"""seconds: no token lives longer, also that of a fact that waited a week for a listener"""
LONGEST_LOGIN = 24 * 3600
"""seconds: no access token lives longer"""


@dataclass(frozen=True)
class Keys:
    """Private and public keys by service, as the environment variables carry them."""

    folder: Path
    """where the files are that processes read"""
    private: Mapping[str, str]
    """service → Ed25519 seed, base64url without padding"""
    django: Mapping[str, str]
    """Django project → SECRET_KEY"""
    server_passwords: Mapping[str, str]
    """user of MongoDB, Redis and RabbitMQ → password"""
    mongo_key: str
    """what the members of the replica set know one another by"""
    access_token_key: str
    """RSA private key (PEM) that signs access tokens"""
    older_access_token_keys: Sequence[tuple[str, float]]
    """those that did before, and until when they are good, in seconds since 1970"""
    passwords: Mapping[str, str]
    """role → password of the user that a system under development has for it"""
    client_secrets: Mapping[str, str]
    """role → secret of the API client that a system under development has for it"""
    older: Mapping[str, Sequence[tuple[str, float]]]
    """service → public keys that it signed with before, and until when they are good, in seconds since 1970"""

    @property
    def public(self) -> str:
        """All public keys as the JSON of ``SERVICE_PUBLIC_KEYS``, the newest of each service first."""
        now = time.time()
        by_service = {
            service: [_public_half(seed), *(key for key, until in self.older.get(service, ()) if until > now)]
            for service, seed in self.private.items()
        }
        return json.dumps(by_service, sort_keys=True)

    @property
    def public_file(self) -> Path:
        """Where processes find the public keys of all."""
        return self.folder / "public.json"

    def of(self, *services: str) -> dict[str, str]:
        """The environment variables that say where the private keys of these services are."""
        return {f"{service.upper()}_SERVICE_KEY_FILE": str(self._file(service)) for service in services}

    def of_accounts(self, *origins: str) -> dict[str, str]:
        """What the accounts service alone is told; browsers may be sent back to the application at these origins."""
        development = {
            "passwords": self.passwords,
            "secrets": self.client_secrets,
            "redirect_uris": [f"{origin}/signed-in" for origin in (APPLICATION, *origins)],
            "origins": [APPLICATION, *origins],
        }
        return {
            "ACCOUNTS_SIGNING_KEYS_FILE": str(self._file("access_tokens")),
            "ACCOUNTS_DEVELOPMENT": json.dumps(development),
        }

    @property
    def signing(self) -> str:
        """All keys of access tokens as the JSON of ``ACCOUNTS_SIGNING_KEYS``, the one that signs first."""
        now = time.time()
        return json.dumps([self.access_token_key, *(key for key, until in self.older_access_token_keys if until > now)])

    def write(self) -> None:
        """Write what processes read; the public halves first, so that nothing is signed by a key that nobody knows."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_private(self.public_file, self.public)
        write_private(self._file("access_tokens"), self.signing)
        for service, seed in self.private.items():
            write_private(self._file(service), seed)

    def _file(self, service: str) -> Path:
        return self.folder / f"{service}.key"


def load_or_make(state: Path) -> Keys:
    """Read the keys of this state folder; make what is missing."""
    known = _known(state)
    keys = Keys(
        folder=state / "keys",
        private={name: known.get("private", {}).get(name) or _text(secrets.token_bytes(32)) for name in ISSUERS},
        django={name: known.get("django", {}).get(name) or secrets.token_urlsafe(50) for name in DJANGO_PROJECTS},
        server_passwords={
            name: known.get("server_passwords", {}).get(name) or secrets.token_urlsafe(24) for name in SERVER_USERS
        },
        mongo_key=known.get("mongo_key") or secrets.token_hex(64),
        access_token_key=known.get("access_token_key") or _rsa_key(),
        older_access_token_keys=[(key, until) for key, until in known.get("older_access_token_keys", ())],
        passwords={role: known.get("passwords", {}).get(role) or secrets.token_urlsafe(18) for role in ROLES},
        client_secrets={role: known.get("client_secrets", {}).get(role) or secrets.token_urlsafe(32) for role in ROLES},
        older={name: [(key, until) for key, until in said] for name, said in known.get("older", {}).items()},
    )
    _save(state, keys)
    return keys


def change(state: Path) -> Keys:
    """Give every service a new key, and accounts one for tokens. Processes that run take them up, and lose nothing."""
    keys = load_or_make(state)
    now = time.time()
    older = {
        service: [
            (_public_half(seed), now + LONGEST_LIFE),
            *((key, until) for key, until in keys.older.get(service, ()) if until > now),
        ]
        for service, seed in keys.private.items()
    }
    older_access_token_keys = [
        (keys.access_token_key, now + LONGEST_LOGIN),
        *((key, until) for key, until in keys.older_access_token_keys if until > now),
    ]
    changed = replace(
        keys,
        private={name: _text(secrets.token_bytes(32)) for name in keys.private},
        older=older,
        access_token_key=_rsa_key(),
        older_access_token_keys=older_access_token_keys,
    )
    _save(state, changed)
    return changed


def _known(state: Path) -> dict[str, Any]:
    file = state / "keys.json"
    known: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return known


def _save(state: Path, keys: Keys) -> None:
    everything = {
        "private": keys.private,
        "django": keys.django,
        "server_passwords": keys.server_passwords,
        "mongo_key": keys.mongo_key,
        "access_token_key": keys.access_token_key,
        "older_access_token_keys": keys.older_access_token_keys,
        "passwords": keys.passwords,
        "client_secrets": keys.client_secrets,
        "older": keys.older,
    }
    state.mkdir(parents=True, exist_ok=True)
    write_private(state / "keys.json", json.dumps(everything, indent=2))
    keys.write()


def private_key(seed: str) -> Ed25519PrivateKey:
    """The key behind the text that a setting carries."""
    return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(seed + "=" * (-len(seed) % 4)))


def _public_half(seed: str) -> str:
    return _text(private_key(seed).public_key().public_bytes_raw())


def _rsa_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _environment_file(keys: Keys) -> str:
    """What does not change while containers run; what does is handed out in files (``hand_out.py``)."""
    lines = [f"{name.upper()}_SECRET_KEY={value}" for name, value in keys.django.items()]
    # Quoted: compose would take a `$` or a space of its own meaning otherwise.
    lines += [
        f"{name}='{value}'" for name, value in keys.of_accounts(*IN_CONTAINERS).items() if not name.endswith("_FILE")
    ]
    lines += [f"MONGO_KEY={keys.mongo_key}"]
    lines += [f"{name.upper()}_SERVER_PASSWORD={password}" for name, password in keys.server_passwords.items()]
    lines += [f"RABBITMQ_DEFINITIONS='{rabbitmq_definitions(keys.server_passwords, NAMESPACE)}'"]
    lines += [f"SERVER_PASSWORDS='{json.dumps(keys.server_passwords)}'"]
    lines += [f"REDIS_USERS='{';'.join(redis_users(keys.server_passwords, NAMESPACE))}'"]
    return "\n".join(lines) + "\n"


def _of_environment_file(text: str) -> dict[str, Any]:
    """What an environment file says, as a state folder keeps it."""
    said = {name: value.strip("'") for name, _, value in (line.partition("=") for line in text.splitlines())}
    development = json.loads(said.get("ACCOUNTS_DEVELOPMENT", "{}"))
    return {
        "django": {name: said.get(f"{name.upper()}_SECRET_KEY") for name in DJANGO_PROJECTS},
        "server_passwords": json.loads(said.get("SERVER_PASSWORDS", "{}")),
        "mongo_key": said.get("MONGO_KEY"),
        "passwords": development.get("passwords", {}),
        "client_secrets": development.get("secrets", {}),
    }


if __name__ == "__main__":
    # `python -m docker.local.keys <OLD >NEW` prints an environment file: `docker/up.sh` runs it inside an image. What the
    # old one says stays; what is missing is made, and who may do what on the servers is written anew.
    with tempfile.TemporaryDirectory() as folder:
        write_private(Path(folder) / "keys.json", json.dumps(_of_environment_file(sys.stdin.read())))
        sys.stdout.write(_environment_file(load_or_make(Path(folder))))
