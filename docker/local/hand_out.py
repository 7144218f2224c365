"""
``python -m docker.local.hand_out FOLDER [--new]``: what the containers of ``compose.yaml`` are given to know one another.

Each container sees its own folder alone, and what is in it belongs to the user it runs as. Two authorities sign: one for
servers, whom everybody believes, and one for callers, which has signed the gateway's certificate and no other. Their
keys, and those of all services, stay in the folder ``store``, which no service sees.

Without ``--new`` only what is missing or about to end is made. With it everybody gets a new key and a new certificate;
what an older key signed stays good until it has expired.
"""

import os
import pwd
import sys
from collections.abc import Mapping
from pathlib import Path

from docker.local.certificates import Authority, ends_soon
from docker.local.keys import Keys, change, load_or_make
from docker.local.private_file import write_private

SIGNERS: Mapping[str, tuple[str, ...]] = {
    "gateway": ("gateway",),
    "subscribers": ("subscribers",),
    "addresses": ("addresses",),
    "matching": ("matching",),
    "notifications": ("notifications",),
    "accounts": ("accounts",),
    "suggestions": ("suggestions",),
    "monolith": ("monolith",),
    "discounts": ("discounts",),
    "logs": ("logs",),
    "realtime": ("realtime",),
    "live-updates": ("live_updates",),
    "caches": ("caches",),
    "outbox-relay": (
        "outbox_relay",
        "subscribers",
        "addresses",
        "matching",
        "notifications",
        "suggestions",
        "discounts",
        "logs",
    ),
}
"""folder → the services in whose name its containers sign; their workers use the folder of a service too"""

STORES = ("mongo", "redis", "rabbitmq")
"""their containers begin as root, and make what they find their own"""

SERVERS = (
    "gateway",
    "subscribers",
    "addresses",
    "matching",
    "notifications",
    "accounts",
    "suggestions",
    "monolith",
    "discounts",
    "logs",
    "realtime",
    *STORES,
)
"""folders of those who are connected to, by the names under which they are"""

USER = "doorstep"
"""whom the containers of services run as; the same number in all images"""


def hand_out(folder: Path, *, everything_new: bool, owner: int) -> None:
    """
    Fill the folders.

    :param owner: the number of the user whom the services' files belong to
    """
    store = folder / "store"
    store.mkdir(exist_ok=True)
    keys = change(store) if everything_new else load_or_make(store)
    servers, callers = (Authority.load_or_make(store, name) for name in ("servers", "callers"))
    for name in dict.fromkeys((*SIGNERS, *STORES)):
        own = folder / name
        own.mkdir(exist_ok=True)
        # The public halves come first: nothing is signed by a key that nobody knows.
        write_private(own / "ca.pem", servers.pem, mode=0o644)
        write_private(own / "callers.pem", callers.pem, mode=0o644)
        if name in SIGNERS:
            write_private(own / "public.json", keys.public, mode=0o644)
    for name in dict.fromkeys((*SIGNERS, *STORES)):
        _give(folder / name, _secrets(name, keys), None if name in STORES else owner)
        certificates = {"own.pem": servers} if name in SERVERS else {}
        if name == "gateway":
            certificates["caller.pem"] = callers
        for file, authority in certificates.items():
            known = folder / name / file
            if everything_new or not known.exists() or ends_soon(known.read_text()):
                issued = authority.issue([name, "localhost", "127.0.0.1"], calls=authority is callers)
                _give(folder / name, {file: issued}, None if name in STORES else owner)


def _secrets(name: str, keys: Keys) -> dict[str, str]:
    secrets = {f"{service}.key": keys.private[service] for service in SIGNERS.get(name, ())}
    if name == "accounts":
        secrets["access_tokens.key"] = keys.signing
    return secrets


def _give(folder: Path, files: Mapping[str, str], owner: int | None) -> None:
    for name, text in files.items():
        is_new = not (folder / name).exists()
        write_private(folder / name, text)
        if is_new and owner is not None:
            os.chown(folder / name, owner, -1)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [folder, *new] if new in ([], ["--new"]):
            hand_out(Path(folder), everything_new=bool(new), owner=pwd.getpwnam(USER).pw_uid)
        case _:
            print(__doc__, file=sys.stderr)
            sys.exit(2)
