"""
Who may do what on MongoDB, Redis and RabbitMQ: each service has a user of its own, with what it needs and nothing else.

A subgraph and its workers are one service. The tables below are all there is; the functions write them as each server
wants them. The user ``doorstep`` may do everything and belongs to those who run the servers.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

ADMIN = "doorstep"
FLOWER = "flower"
"""who hears what becomes of the tasks of all services, and may change nothing"""
WATCHER = "watcher"
"""who looks at RabbitMQ's own pages, at all there is, and may neither read a message nor change anything"""
FACTS_VHOST = "/"
"""where on RabbitMQ facts are"""
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
    FLOWER,
    "operations",
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

_HEARD_OF_MATCHES = ("address.matched.v1", "address.review_requested.v1", "address.review_resolved.v1")
_HEARD_OF_SUBSCRIBERS = ("address.submitted.v1", "address.changed.v1", "subscriber.unsubscribed.v1")
HEARS: Mapping[str, tuple[str, ...]] = {
    "subscribers": _HEARD_OF_MATCHES,
    "addresses": ("import.requested.v1", *_HEARD_OF_MATCHES),
    "matching": (
        *_HEARD_OF_SUBSCRIBERS,
        "match.requested.v1",
        "batch.requested.v1",
        "duplicates.requested.v1",
        "register.changed.v1",
    ),
    "notifications": (
        *_HEARD_OF_SUBSCRIBERS,
        *_HEARD_OF_MATCHES,
        "address.match_failed.v1",
        "letter.requested.v1",
        "suggestion.thanked.v1",
        "voucher.issued.v1",
        "alert.opened.v1",
        "alert.cleared.v1",
    ),
    "suggestions": ("suggestion.received.v1",),
    "discounts": ("discount.claimed.v1",),
    "live_updates": (
        *_HEARD_OF_MATCHES,
        "address.match_failed.v1",
        "batch.progressed.v1",
        "batch.finished.v1",
        "import.progressed.v1",
        "voucher.issued.v1",
        "discount.refused.v1",
        "letter.sent.v1",
        "letter.failed.v1",
    ),
    "caches": ("register.changed.v1",),
}
"""service with a listener → the facts it may hear; no other can be led into its queue by it"""

_LOGS = "logs"
"""who keeps the log lines of all"""
_ONLY_LOG = ("accounts", "monolith")
"""services that say on RabbitMQ what they log, and nothing else"""

_EVENTS = "celeryev"
"""the exchange on which Celery tells what becomes of tasks; with a dot after it, the queues of those who want to know"""

TASKS = ("addresses", "matching", "notifications", "suggestions")
"""services with tasks of Celery, each in a virtual host of its own"""

OPERATIONS = "operations"
"""the service that may look at every queue, and read what was set aside"""

QUESTIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {"search": ("matching", ("subscribers", "addresses"))}
"""queue of questions → the service that answers, and those that ask; each queue is alone in a virtual host"""


@dataclass(frozen=True)
class Rights:
    """What a user may do in one virtual host of RabbitMQ: names of queues and exchanges as a pattern; empty: none."""

    user: str
    vhost: str
    configure: str = ""
    """what it may make and delete"""
    write: str = ""
    """exchanges it may publish to, and queues it may bind"""
    read: str = ""
    """queues it may read, and exchanges it may bind to"""
    hears: tuple[str, ...] | None = None
    """types of the facts that it may bind a queue to; ``None``: any"""


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


def rabbitmq_rights(namespace: str) -> Iterator[Rights]:
    """
    Who may do what in which virtual host.

    ``/`` is for facts. Publishing to the default exchange, which leads into every queue of its virtual host, is for
    questions alone, whose answers go by direct reply-to: in their virtual host there is one queue.
    """
    facts, dead, lines = (re.escape(f"{namespace}.{name}") for name in ("facts", "dead", "log_lines"))
    for vhost in vhosts(namespace):
        yield Rights(ADMIN, vhost, ".*", ".*", ".*")
    for listener, hears in HEARS.items():
        own = rf"{re.escape(f'{namespace}.{listener}')}(\.again(\.\d+)?)?"
        yield Rights(listener, FACTS_VHOST, own, f"{own}|{dead}|{lines}", f"{own}|{facts}", hears)
    # It leads facts into queues that their listeners have not bound yet, and reads none of them.
    queues = "|".join(re.escape(f"{namespace}.{listener}") for listener in HEARS)
    yield Rights("outbox_relay", FACTS_VHOST, write=f"{facts}|{queues}|{lines}", read=facts)
    own = re.escape(f"{namespace}.{_LOGS}")
    yield Rights(_LOGS, FACTS_VHOST, own, f"{own}|{lines}", f"{own}|{lines}")
    for service in _ONLY_LOG:
        yield Rights(service, FACTS_VHOST, write=lines)
    for service in TASKS:
        vhost, own = tasks_vhost(service, namespace), rf"{re.escape(f'{namespace}.tasks')}(\..+)?|celery_delayed_.+"
        yield Rights(service, vhost, f"{own}|{_EVENTS}", f"{own}|{dead}|{_EVENTS}", own)
        heard = rf"{_EVENTS}(\..+)?"
        yield Rights(FLOWER, vhost, heard, heard, heard)
    # It looks at what was set aside, and sends it back to who did that; from what it may write to nothing leads anywhere else.
    dead_letters = re.escape(f"{namespace}.dead_letters")
    again = "|".join(re.escape(f"{namespace}.{listener}.again") for listener in HEARS)
    yield Rights(OPERATIONS, FACTS_VHOST, write=f"{again}|{lines}", read=dead_letters)
    for service in TASKS:
        tasks = re.escape(f"{namespace}.tasks")
        yield Rights(OPERATIONS, tasks_vhost(service, namespace), write=tasks, read=dead_letters)
    for queue in QUESTIONS:
        yield Rights(OPERATIONS, questions_vhost(queue, namespace))
    for queue, (answering, asking) in QUESTIONS.items():
        vhost, own, default = questions_vhost(queue, namespace), re.escape(f"{namespace}.{queue}"), r"amq\.default"
        yield Rights(answering, vhost, own, default, own)
        for service in asking:
            yield Rights(service, vhost, write=default, read=r"amq\.rabbitmq\.reply-to(\..+)?")


def rabbitmq_definitions(passwords: Mapping[str, str], namespace: str) -> str:
    """
    What the broker imports at its start: users, virtual hosts, rights, and what several services share.

    Nobody but whoever runs the broker can delete what is made here: the exchanges and the dead letters. Queues of
    listeners are made here so that they are there before the first fact.
    """
    rights = list(rabbitmq_rights(namespace))
    facts, lines, dead, dead_letters = (
        f"{namespace}.{name}" for name in ("facts", "log_lines", "dead", "dead_letters")
    )
    set_aside = [FACTS_VHOST, *(tasks_vhost(service, namespace) for service in TASKS)]
    definitions = {
        "vhosts": [{"name": vhost} for vhost in vhosts(namespace)],
        "users": [
            {
                "name": name,
                "password_hash": _hash(passwords[name]),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": {ADMIN: "administrator", WATCHER: "monitoring", OPERATIONS: "monitoring"}.get(name, ""),
            }
            for name in dict.fromkeys((*(one.user for one in rights), WATCHER))
        ],
        "permissions": [
            {
                "user": one.user,
                "vhost": one.vhost,
                **{kind: f"^({said})$" if said else "^$" for kind, said in _kinds(one).items()},
            }
            for one in rights
        ],
        "topic_permissions": [
            {
                "user": one.user,
                "vhost": one.vhost,
                "exchange": facts,
                "write": "^$",
                "read": f"^({'|'.join(map(re.escape, one.hears))})$",
            }
            for one in rights
            if one.hears is not None
        ],
        "exchanges": [
            _exchange(facts, "topic", FACTS_VHOST),
            _exchange(lines, "fanout", FACTS_VHOST),
            *(_exchange(dead, "fanout", vhost) for vhost in set_aside),
        ],
        "queues": [
            *(_queue(dead_letters, vhost, {"x-queue-type": "quorum"}) for vhost in set_aside),
            *(_queue(f"{namespace}.{name}", FACTS_VHOST, queue_arguments(namespace)) for name in HEARS),
        ],
        # To look at a message and put it back counts as a delivery; after twenty of them a newer RabbitMQ would drop it.
        "policies": [
            {
                "vhost": vhost,
                "name": "what was set aside stays, however often it is looked at",
                "pattern": f"^{re.escape(dead_letters)}$",
                "apply-to": "queues",
                "definition": {"delivery-limit": 1_000_000},
                "priority": 0,
            }
            for vhost in set_aside
        ],
        "bindings": [
            {
                "source": dead,
                "vhost": vhost,
                "destination": dead_letters,
                "destination_type": "queue",
                "routing_key": "",
                "arguments": {},
            }
            for vhost in set_aside
        ],
    }
    return json.dumps(definitions)


def queue_arguments(namespace: str) -> dict[str, Any]:
    """What every queue of facts and tasks has, as workers declare it (``workers/chassis/broker.py``)."""
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": 20,
        "x-dead-letter-exchange": f"{namespace}.dead",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def vhosts(namespace: str) -> list[str]:
    """Every virtual host of RabbitMQ."""
    return [
        FACTS_VHOST,
        *(tasks_vhost(service, namespace) for service in TASKS),
        *(questions_vhost(queue, namespace) for queue in QUESTIONS),
    ]


def tasks_vhost(service: str, namespace: str) -> str:
    """Where the tasks of a service are."""
    return f"{namespace}.tasks.{service}"


def questions_vhost(queue: str, namespace: str) -> str:
    """Where a queue of questions is."""
    return f"{namespace}.{queue}"


def vhosts_of(service: str, namespace: str) -> dict[str, str]:
    """Variable → the virtual host that it leads this service to."""
    found = {}
    if service in (*HEARS, _LOGS, *_ONLY_LOG, OPERATIONS, "outbox_relay"):
        found["RABBITMQ_URL"] = FACTS_VHOST
    if service in TASKS:
        found["RABBITMQ_TASKS_URL"] = tasks_vhost(service, namespace)
    for queue, (answering, asking) in QUESTIONS.items():
        if service in (answering, *asking):
            found["RABBITMQ_QUESTIONS_URL"] = questions_vhost(queue, namespace)
    return found


def in_vhost(url: str, vhost: str) -> str:
    """The address of a broker, leading to this virtual host."""
    scheme, rest = url.split("://", 1)
    return f"{scheme}://{rest.split('/', 1)[0]}/{quote(vhost, safe='')}"


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


def uses(service: str) -> set[str]:
    """The variables by which a service finds the servers that it has a user of."""
    used = set(vhosts_of(service, ""))
    if service in (*_OWNERS, "outbox_relay"):
        used.add("MONGO_URL")
    if service in _REDIS:
        used.add("REDIS_URL")
    if service == OPERATIONS:
        used.add("RABBITMQ_MANAGEMENT_URL")
    return used


def _kinds(rights: Rights) -> dict[str, str]:
    return {"configure": rights.configure, "write": rights.write, "read": rights.read}


def _exchange(name: str, type: str, vhost: str) -> dict[str, Any]:
    said = {"durable": True, "auto_delete": False, "internal": False, "arguments": {}}
    return {"name": name, "vhost": vhost, "type": type, **said}


def _queue(name: str, vhost: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "vhost": vhost, "durable": True, "auto_delete": False, "arguments": dict(arguments)}


def _hash(password: str) -> str:
    """As RabbitMQ keeps a password; the salt follows from it, so that the same password is the same definition."""
    salt = hashlib.sha256(b"salt" + password.encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
