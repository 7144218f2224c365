"""
Who may do what on MongoDB, Redis and RabbitMQ: each service has a user of its own, with what it needs and nothing else.

A subgraph and its workers are one service. The tables below are all there is; the functions write them as each server
wants them. The user ``doorstep`` may do everything and belongs to those who run the servers.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

ADMIN = "doorstep"
SERVICES = (
    "subscribers",
    "addresses",
    "matching",
    "notifications",
    "suggestions",
    "discounts",
    "logs",
    "live_updates",
    "caches",
    "realtime",
    "outbox_relay",
    "gateway",
    "accounts",
    "monolith",
)

_OWNERS = ("subscribers", "addresses", "matching", "notifications", "suggestions", "discounts", "logs")
"""services with a database of their own, which they fill, index and validate"""

_REDIS: Mapping[str, str] = {
    "addresses": "~{ns}:addresses:* ~{ns}:register_generation +get +set +incrby",
    "live_updates": "~{ns}:updates:* ~{ns}:snapshot:* ~{ns}:told:* &{ns}* "
    "+get +set +xadd +expire +eval +evalsha +script|load +publish",
    "logs": "~{ns}:log_lines ~{ns}:log_tail +xadd +xgroup|create +xreadgroup +xautoclaim +xack +xdel",
    "realtime": "%R~{ns}:updates:* %R~{ns}:snapshot:* %R~{ns}:log_tail %W~{ns}:log_lines &{ns}* "
    "+get +xrange +xrevrange +xread +xadd +subscribe +unsubscribe",
    "monolith": "~{ns}:monolith:* +get +set +del +eval +exists +incrby +pttl",
    "caches": "~{ns}:answers:tag:* +set",
    "gateway": "~{ns}:rate-limits:* ~{ns}:answers:* %W~{ns}:log_lines "
    "+get +mget +set +incrby +exists +pttl +rename +eval +evalsha +script|load +xadd",
}
"""service → keys, channels and commands, as an access list of Redis says it"""

_DECLARED = r"{ns}\.(facts|dead|dead_letters|log_lines)"
"""what whoever reads or tells facts declares again at its start"""
_OWN = r"{ns}\.{service}(\..+)?"
_TASKS: Mapping[str, str] = {
    "matching": r"|{ns}\.search|{ns}\.tasks(\.(matching|batches))?|celery_delayed.*",
    "addresses": r"|{ns}\.tasks(\.addresses)?|celery_delayed.*",
    "notifications": r"|{ns}\.tasks(\.notifications)?|celery_delayed.*",
    "suggestions": r"|{ns}\.tasks(\.suggestions)?|celery_delayed.*",
}
"""the queues of a service's tasks, their exchange, and where tasks wait for a later try"""

_LISTENERS = (*_OWNERS, "live_updates", "caches")
_ONLY_LOG = ("accounts", "monolith")
"""services that say on RabbitMQ what they log, and nothing else"""
_ASKS = r"|amq\.default"
"""the exchange that leads to a queue by its name: for what comes again later, for questions and their answers"""


def redis_users(passwords: Mapping[str, str], namespace: str) -> list[str]:
    """The access list, a user on each line. Nobody gets in without a name."""
    users = {service: f"-@all +ping {rule}" for service, rule in _REDIS.items()}
    return [
        # Nobody can be this user. Redis reads its own file as it, though, and would leave out what it may not do.
        "user default off resetpass ~* &* +@all",
        f"user {ADMIN} on >{passwords[ADMIN]} ~* &* +@all",
        *(
            f"user {service} on >{passwords[service]} resetchannels {rule.format(ns=namespace)}"
            for service, rule in users.items()
        ),
    ]


def rabbitmq_definitions(passwords: Mapping[str, str], namespace: str) -> str:
    """Users and their permissions as the broker imports them at its start."""
    users = [ADMIN, *_LISTENERS, *_ONLY_LOG, "outbox_relay"]
    definitions = {
        "vhosts": [{"name": "/"}],
        "users": [
            {
                "name": name,
                "password_hash": _hash(passwords[name]),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": "administrator" if name == ADMIN else "",
            }
            for name in users
        ],
        "permissions": [{"user": name, "vhost": "/", **_permissions(name, namespace)} for name in users],
    }
    return json.dumps(definitions)


def mongo_commands(passwords: Mapping[str, str], namespace: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """For each role and user of the database ``admin``: how to make it, and how to bring one that is there up to date."""
    relayed = {
        "privileges": [
            {
                "resource": {"db": f"{namespace}_{service}", "collection": ""},
                "actions": ["find", "update", "remove", "changeStream"],
            }
            for service in _OWNERS
        ],
        "roles": [],
    }
    relay = f"{namespace}_outbox_relay"
    yield {"createRole": relay, **relayed}, {"updateRole": relay, **relayed}
    for service in (*_OWNERS, "outbox_relay"):
        roles = (
            [{"role": relay, "db": "admin"}]
            if service == "outbox_relay"
            else [{"role": role, "db": f"{namespace}_{service}"} for role in ("readWrite", "dbAdmin")]
        )
        said = {"pwd": passwords[service], "roles": roles}
        yield {"createUser": service, **said}, {"updateUser": service, **said}


def url_for(service: str, url: str, passwords: Mapping[str, str]) -> str:
    """The address of a server as this service uses it; ``url`` may name another user."""
    scheme, rest = url.split("://", 1)
    return f"{scheme}://{service}:{quote(passwords[service], safe='')}@{rest.rsplit('@', 1)[-1]}"


def uses(service: str) -> Mapping[str, bool]:
    """Which servers a service has a user of."""
    return {
        "MONGO_URL": service in (*_OWNERS, "outbox_relay"),
        "REDIS_URL": service in _REDIS,
        "RABBITMQ_URL": service in (*_LISTENERS, *_ONLY_LOG, "outbox_relay"),
    }


def _permissions(name: str, namespace: str) -> dict[str, str]:
    if name == ADMIN:
        return dict.fromkeys(("configure", "write", "read"), ".*")
    if name == "outbox_relay":
        # It makes the queues of listeners that were never there, so that no fact is lost; RabbitMQ wants it to be able
        # to read what has a way to the dead letters.
        queues = rf"{{ns}}\.({'|'.join(_LISTENERS)})"
        said = {
            "configure": f"{_DECLARED}|{queues}",
            "write": f"{_DECLARED}|{queues}",
            "read": rf"{{ns}}\.(facts|dead)|{queues}",
        }
    elif name in _ONLY_LOG:
        said = {"configure": r"{ns}\.log_lines", "write": r"{ns}\.log_lines", "read": ""}
    else:
        own = _OWN + _TASKS.get(name, "")
        said = {
            "configure": f"{_DECLARED}|{own}",
            # Facts are told by the relay alone: whoever hears them may not write to their exchange.
            "write": rf"{{ns}}\.(dead|dead_letters|log_lines)|{own}{_ASKS}",
            "read": rf"{{ns}}\.(facts|dead{'|log_lines' if name == 'logs' else ''})|{own}",
        }
    return {kind: f"^({rule.format(ns=namespace, service=name)})$" for kind, rule in said.items()}


def _hash(password: str) -> str:
    """As RabbitMQ keeps a password; the salt follows from it, so that the same password is the same definition."""
    salt = hashlib.sha256(b"salt" + password.encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
