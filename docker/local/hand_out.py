"""
``python -m docker.local.hand_out FOLDER [--new]``: what the containers of ``compose.yaml`` are given to know one another.

Each container sees its own folder alone, and what is in it belongs to the user it runs as. Three authorities sign: one for
servers, whom everybody believes; one for callers, which has signed the gateway's certificate and no other; and one for
monitoring: where processes tell what they measure, they answer Prometheus's certificate and no other. Their keys, and
those of all services, stay in the folder ``store``, which no service sees.

Without ``--new`` only what is missing or about to end is made. With it everybody gets a new key and a new certificate;
what an older key signed stays good until it has expired.
"""

import os
import pwd
import secrets
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
    "operations": ("operations",),
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
    "operations",
    "realtime",
    *STORES,
)
"""folders of those who are connected to, by the names under which they are"""

MONITORS: Mapping[str, int] = {"prometheus": 65534, "grafana": 472, "flower": 900}
"""folders of those who watch, and the number of the user that each image of theirs runs as"""

MEASURED = "metrics"
"""the one name under which every process is asked what it measures"""

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
    servers, callers, monitoring = (
        Authority.load_or_make(store, name) for name in ("servers", "callers", "monitoring")
    )
    everybody = dict.fromkeys((*SIGNERS, *STORES, *MONITORS))
    for name in everybody:
        own = folder / name
        own.mkdir(exist_ok=True)
        # The public halves come first: nothing is signed by a key that nobody knows.
        write_private(own / "ca.pem", servers.pem, mode=0o644)
        if name not in MONITORS:
            write_private(own / "callers.pem", callers.pem, mode=0o644)
        if name in SIGNERS or name == "prometheus":
            write_private(own / "monitoring.pem", monitoring.pem, mode=0o644)
        if name in SIGNERS:
            write_private(own / "public.json", keys.public, mode=0o644)
    for name in everybody:
        belongs_to = None if name in STORES else MONITORS.get(name, owner) if os.geteuid() == 0 else owner
        _give(folder / name, _secrets(name, keys), belongs_to)
        if name in ("grafana", "flower"):
            _give(folder / name, {"password": _made_once(store / f"{name}.password")}, belongs_to)
        for file, (authority, hosts, calls) in _certificates(name, servers, callers, monitoring).items():
            known = folder / name / file
            if everything_new or not known.exists() or ends_soon(known.read_text()):
                _give(folder / name, {file: authority.issue(hosts, calls=calls)}, belongs_to)


def _certificates(
    name: str, servers: Authority, callers: Authority, monitoring: Authority
) -> dict[str, tuple[Authority, list[str], bool]]:
    """File → who signs it, for which names, and whether it is a caller's."""
    names = [name, "localhost", "127.0.0.1"]
    found: dict[str, tuple[Authority, list[str], bool]] = {}
    if name in SERVERS or name in MONITORS:
        found["own.pem"] = servers, names, False
    if name == "gateway":
        found["caller.pem"] = callers, names, True
    if name in SIGNERS:
        found["metrics.pem"] = monitoring, [MEASURED], False
    if name == "prometheus":
        found["scraper.pem"] = monitoring, names, True
    return found


def _made_once(file: Path) -> str:
    if not file.exists():
        write_private(file, secrets.token_urlsafe(18))
    return file.read_text()


def _secrets(name: str, keys: Keys) -> dict[str, str]:
    found = {f"{service}.key": keys.private[service] for service in SIGNERS.get(name, ())}
    if name == "accounts":
        found["access_tokens.key"] = keys.signing
    return found


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
