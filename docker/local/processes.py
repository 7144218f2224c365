"""Every process of the system: the table that ``make up`` starts, in the order of one request."""

import asyncio
from collections.abc import Mapping

import aiohttp
import pika

from docker.local.infrastructure import Infrastructure
from docker.local.keys import Keys
from docker.local.measured import broker_measured, measured
from docker.local.process import Process, Ready
from docker.local.settings import REPOSITORY, LocalSettings

PYTHON = str(REPOSITORY / ".venv/bin/python")
APPLICATION = REPOSITORY / "frontend/dist"
"""the built application, where there is one"""
PYTHON_GRAPHENE = str(REPOSITORY / ".venv-graphene/bin/python")

SUBGRAPHS = {
    "subscribers": PYTHON,
    "addresses": PYTHON_GRAPHENE,
    "matching": PYTHON,
    "notifications": PYTHON_GRAPHENE,
    "accounts": PYTHON,
    "suggestions": PYTHON,
    "monolith": PYTHON_GRAPHENE,
    "discounts": PYTHON_GRAPHENE,
    "logs": PYTHON_GRAPHENE,
    "operations": PYTHON,
}
"""service → the interpreter of its environment"""


def preparations(keys: Keys, common: Mapping[str, str], servers: Infrastructure) -> list[Process]:
    """What must have run before anything starts: indexes, validators, migrations."""
    return [
        Process(
            f"prepare {service}",
            (python, "-m", f"subgraphs.{service}", "prepare"),
            {**subgraph_environment(service, keys, common), **servers.environment_of(service)},
        )
        for service, python in SUBGRAPHS.items()
    ]


def taking_over(keys: Keys, common: Mapping[str, str], servers: Infrastructure) -> Process:
    """
    What the monolith has of customers, purchases and claims, brought to the service that takes over from it.

    A purchase that was claimed here and there is said and left as it is: that is no reason not to start.
    """
    of_both = {
        **subgraph_environment("monolith", keys, common),
        **subgraph_environment("discounts", keys, common),
        **servers.environment_of("discounts"),
    }
    pipe = '"$0" -m subgraphs.monolith export | "$0" -m subgraphs.discounts import; exit 0'
    return Process("take over discounts", ("sh", "-c", pipe, PYTHON_GRAPHENE), of_both)


def services(settings: LocalSettings, keys: Keys, common: Mapping[str, str], servers: Infrastructure) -> list[Process]:
    """The processes of the product itself."""
    ours = [
        *_subgraphs(settings, keys, common, servers),
        _realtime(settings, keys, {**common, **servers.environment_of("realtime")}),
        *_workers(settings, keys, common, servers),
        gateway(settings, keys, servers),
    ]
    is_ours = any(server.name == "rabbitmq" for server in servers.processes)
    broker_measured(settings.ports["RABBITMQ_METRICS_PORT"] if is_ours else None, settings.state)
    return [_mailbox(settings), *measured(ours, settings.state)]


def common_environment(settings: LocalSettings, keys: Keys) -> dict[str, str]:
    """The variables that every service and worker reads."""
    return {
        "DOORSTEP_NAMESPACE": settings.namespace,
        "SHIP_LOGS": "true",
        "SERVICE_PUBLIC_KEYS_FILE": str(keys.public_file),
        "SMTP_URL": f"smtp://127.0.0.1:{settings.ports['MAILBOX_SMTP_PORT']}",
        "MATCHING_DOWNLOAD_URL": settings.url("matching", ""),
        "ACCOUNTS_PUBLIC_URL": settings.url("accounts", ""),
        "ACCOUNTS_DATABASE_URL": settings.accounts_database_url or f"sqlite:///{settings.state / 'accounts.sqlite3'}",
        "ACCOUNTS_HTTP_CLIENTS": "true",
        "APPLICATION_ORIGINS": " ".join(settings.origins),
        "DISCOUNTS_DOWNLOAD_URL": settings.url("discounts", ""),
        "MONOLITH_PUBLIC_URL": settings.url("monolith", ""),
        "MONOLITH_DATABASE_FILE": str(settings.state / "monolith.sqlite3"),
        "MONOLITH_DEMO_DATA": "true",
        **settings.extra,
    }


def _subgraphs(
    settings: LocalSettings, keys: Keys, common: Mapping[str, str], servers: Infrastructure
) -> list[Process]:
    return [
        Process(
            service,
            (
                python,
                "-m",
                f"subgraphs.{service}",
                "serve",
                "--host",
                "127.0.0.1",
                "--port",
                str(settings.ports[f"{service.upper()}_PORT"]),
            ),
            {
                **subgraph_environment(service, keys, common),
                **servers.environment_of(service),
                **(_looked_at(settings, servers) if service == "operations" else {}),
            },
            ready=_http(settings.url(service, "/ready")),
        )
        for service, python in SUBGRAPHS.items()
    ]


def _looked_at(settings: LocalSettings, servers: Infrastructure) -> dict[str, str]:
    """What operations looks at."""
    services = {service: settings.url(service, "/ready") for service in (*SUBGRAPHS, "realtime", "gateway")}
    return {
        "OPERATIONS_SERVICES": ",".join(f"{name}={url}" for name, url in services.items()),
        "OPERATIONS_CONSOLES": f"RabbitMQ={_without_user(servers.rabbitmq_management_url)}",
        "OPERATIONS_TASK_VHOSTS": ",".join(servers.tasks_vhosts),
    }


def _without_user(url: str) -> str:
    scheme, rest = url.split("://", 1)
    return f"{scheme}://{rest.rsplit('@', 1)[-1]}"


def subgraph_environment(service: str, keys: Keys, common: Mapping[str, str]) -> dict[str, str]:
    """What a subgraph is started with: its own keys and nobody else's."""
    own = {**keys.of(service), f"{service.upper()}_SECRET_KEY": keys.django[service]}
    if service == "accounts":
        own |= keys.of_accounts(*common["APPLICATION_ORIGINS"].split())
    return {**common, **own}


def _realtime(settings: LocalSettings, keys: Keys, common: Mapping[str, str]) -> Process:
    return Process(
        "realtime",
        (PYTHON, "-m", "realtime", "serve", "--host", "127.0.0.1", "--port", str(settings.ports["REALTIME_PORT"])),
        {**common, **keys.of("realtime"), "REALTIME_SECRET_KEY": keys.django["realtime"]},
        ready=_http(settings.url("realtime", "/ready")),
    )


def _workers(settings: LocalSettings, keys: Keys, common: Mapping[str, str], servers: Infrastructure) -> list[Process]:
    common = {**common, "MATCHING_INDEX_FOLDER": str(settings.state / "matching-index")}

    def environment(service: str, *signs_for: str) -> dict[str, str]:
        return {**common, **servers.environment_of(service), **keys.of(*(signs_for or (service,)))}

    def consumed(service: str, queue: str, variable: str) -> Ready:
        broker = servers.broker_of(service)
        return _consumed(broker.get(variable, servers.rabbitmq_url), f"{settings.namespace}.{queue}")

    def listener(name: str, *arguments: str, service: str, queue: str = "", variable: str = "RABBITMQ_URL") -> Process:
        command = (PYTHON, "-m", f"workers.{service}", *arguments)
        return Process(name, command, environment(service), ready=consumed(service, queue or service, variable))

    def celery(name: str, *, service: str, queue: str, children: int) -> Process:
        command = (
            PYTHON,
            # Celery warns a root user at every start; nothing of ours is unpickled.
            "-W",
            "ignore:You're running the worker",
            "-m",
            "celery",
            "--quiet",
            "-A",
            f"workers.{service}.tasks",
            "worker",
            "-Q",
            f"{settings.namespace}.{queue}",
            "-n",
            f"{name.replace(' ', '-')}@{settings.namespace}",
            "-c",
            str(children),
            "--loglevel",
            "WARNING",
            "--without-gossip",
            "--without-mingle",
            # Not the broker's heartbeats: an event every two seconds, to whom no user may speak.
            "--without-heartbeat",
        )
        # Its children measure too, and the parent tells for all.
        folder = {"PROMETHEUS_MULTIPROC_DIR": str(settings.state / "metrics" / name.replace(" ", "-"))}
        return Process(
            name, command, {**environment(service), **folder}, ready=consumed(service, queue, "RABBITMQ_TASKS_URL")
        )

    relayed = ("subscribers", "addresses", "matching", "notifications", "suggestions", "discounts", "logs")
    return [
        Process(
            "outbox relay",
            (PYTHON, "-m", "workers.outbox_relay"),
            environment("outbox_relay", "outbox_relay", *relayed),
        ),
        listener("matching listener", "listen", service="matching"),
        Process("matching index", (PYTHON, "-m", "workers.matching", "index"), environment("matching")),
        listener("matching search", "search", service="matching", queue="search", variable="RABBITMQ_QUESTIONS_URL"),
        celery("matching tasks", service="matching", queue="tasks.matching", children=1),
        celery("matching batches", service="matching", queue="tasks.batches", children=2),
        listener("live updates", "listen", service="live_updates"),
        listener("caches", "listen", service="caches"),
        listener("subscribers listener", "listen", service="subscribers"),
        listener("addresses listener", "listen", service="addresses"),
        celery("addresses tasks", service="addresses", queue="tasks.addresses", children=1),
        listener("notifications listener", "listen", service="notifications"),
        celery("notifications tasks", service="notifications", queue="tasks.notifications", children=1),
        listener("suggestions listener", "listen", service="suggestions"),
        listener("discounts listener", "listen", service="discounts"),
        celery("suggestions tasks", service="suggestions", queue="tasks.suggestions", children=1),
        listener("logs writer", "write", service="logs", queue="logs"),
        Process("logs shipper", (PYTHON, "-m", "workers.logs", "ship"), environment("logs")),
        Process("logs watcher", (PYTHON, "-m", "workers.logs", "watch"), environment("logs")),
    ]


def _mailbox(settings: LocalSettings) -> Process:
    return Process(
        "mailbox",
        (
            PYTHON,
            "-m",
            "docker.local.mailbox",
            "--smtp-port",
            str(settings.ports["MAILBOX_SMTP_PORT"]),
            "--http-port",
            str(settings.ports["MAILBOX_PORT"]),
            "--folder",
            str(settings.state / "letters"),
        ),
        ready=_http(settings.url("mailbox", "/letters.json")),
    )


def gateway(settings: LocalSettings, keys: Keys, servers: Infrastructure) -> Process:
    """The gateway of the product's graph."""
    return Process(
        "gateway",
        (
            PYTHON,
            "-m",
            "gateway_graphql",
            "serve",
            "--config",
            "docker/graph.yaml",
            "--host",
            "127.0.0.1",
            "--port",
            str(settings.ports["GATEWAY_PORT"]),
        ),
        {
            "DOORSTEP_NAMESPACE": settings.namespace,
            **keys.of("gateway"),
            **servers.environment_of("gateway"),
            "LOG_LINES_REDIS_URL": servers.environment_of("gateway")["REDIS_URL"],
            **{f"{service.upper()}_URL": settings.url(service) for service in (*SUBGRAPHS, "realtime")},
            "REALTIME_WS_URL": settings.url("realtime", scheme="ws"),
            "ACCOUNTS_ISSUER": settings.url("accounts", "/o"),
            "ACCOUNTS_JWKS_URL": settings.url("accounts", "/o/.well-known/jwks.json"),
            "APPLICATION_FOLDER": str(APPLICATION) if (APPLICATION / "index.html").is_file() else "",
            "APPLICATION_SIGN_IN": settings.url("accounts", ""),
            "APPLICATION_DOWNLOADS": settings.url("matching", ""),
            "ACCOUNTS_REVOKED_URL": settings.url("accounts", "/o/revoked_tokens/"),
            **settings.extra,
        },
        ready=_http(settings.url("gateway", "/health")),
    )


def _http(url: str) -> Ready:
    async def ready() -> bool:
        timeout = aiohttp.ClientTimeout(total=5)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
            return answer.status == 200

    return ready


def _consumed(rabbitmq_url: str, queue: str) -> Ready:
    """A listener or Celery worker is ready when its queue has somebody who reads it."""

    def asked() -> bool:
        connection = pika.BlockingConnection(pika.URLParameters(rabbitmq_url))
        try:
            declared = connection.channel().queue_declare(queue, passive=True)
            return bool(declared.method.consumer_count)
        finally:
            if connection.is_open:
                connection.close()

    async def ready() -> bool:
        return await asyncio.to_thread(asked)

    return ready
