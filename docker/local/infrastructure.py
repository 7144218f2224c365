"""MongoDB, Redis and RabbitMQ: used where they are given or run already, started here otherwise."""

import asyncio
import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pymongo import AsyncMongoClient

from docker.local import server_users
from docker.local.keys import Keys
from docker.local.process import Process
from docker.local.replica_set import prepare_replica_set
from docker.local.settings import REPOSITORY, LocalSettings

# The script of Debian's package insists on a user of its own; the one beneath it runs as anybody.
RABBITMQ_SERVERS = ("/usr/lib/rabbitmq/bin/rabbitmq-server",)


_STARTED_AS = {
    "MONGO_URL": "mongod",
    "REDIS_URL": "redis",
    "RABBITMQ_URL": "rabbitmq",
}


class Missing(Exception):
    """A server is neither given, nor running, nor installed."""


@dataclass(frozen=True)
class Infrastructure:
    """Where the three servers answer, and which of them this system starts itself."""

    mongo_url: str
    redis_url: str
    rabbitmq_url: str
    rabbitmq_management_url: str
    """where the broker tells of its queues"""
    processes: tuple[Process, ...]
    """what is to be started here; empty where all three are given"""
    passwords: Mapping[str, str] = field(default_factory=dict)
    """of the services' own users, on the servers started here"""
    namespace: str = "doorstep"
    """what names on the servers begin with"""

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead to the servers with every right that there is."""
        return {
            "MONGO_URL": self.mongo_url,
            "REDIS_URL": self.redis_url,
            "RABBITMQ_URL": self.rabbitmq_url,
            "RABBITMQ_MANAGEMENT_URL": self.rabbitmq_management_url,
        }

    def environment_of(self, service: str) -> dict[str, str]:
        """The variables of one service: its own users, on the servers that it needs."""
        used = server_users.uses(service)
        urls = {name: url for name, url in self.environment.items() if name in used} | self.broker_of(service)
        return {
            name: server_users.url_for(service, url, self.passwords) if self._starts(name) else url
            for name, url in urls.items()
        }

    def broker_of(self, service: str) -> dict[str, str]:
        """The variables that lead a service to RabbitMQ, with every right that there is."""
        vhosts = server_users.vhosts_of(service, self.namespace)
        if not self._starts("RABBITMQ_URL"):
            # A broker of others has one virtual host for us: what is not set leads there too.
            return {"RABBITMQ_URL": self.rabbitmq_url} if vhosts else {}
        return {name: server_users.in_vhost(self.rabbitmq_url, vhost) for name, vhost in vhosts.items()}

    @property
    def tasks_vhosts(self) -> list[str]:
        """The virtual hosts of RabbitMQ that are for tasks alone."""
        if not self._starts("RABBITMQ_URL"):
            return []
        return [server_users.tasks_vhost(service, self.namespace) for service in server_users.TASKS]

    def _starts(self, variable: str) -> bool:
        """Whether what a variable leads to is started here, and has a user for each service."""
        server = "RABBITMQ_URL" if variable.startswith("RABBITMQ_") else variable
        return any(process.name == _STARTED_AS[server] for process in self.processes)

    @property
    def ports(self) -> list[str]:
        """The port variables of the servers started here."""
        names = {
            "mongod": ["MONGO_PORT"],
            "redis": ["REDIS_PORT"],
            "rabbitmq": [
                "RABBITMQ_PORT",
                "RABBITMQ_DIST_PORT",
                "RABBITMQ_METRICS_PORT",
                "RABBITMQ_MANAGEMENT_PORT",
            ],
            "epmd": ["EPMD_PORT"],
        }
        return [port for process in self.processes for port in names[process.name]]


async def find(settings: LocalSettings, keys: Keys) -> Infrastructure:
    """
    Decide for each server whether it is used or started.

    :raises Missing: saying what to install or to set.
    """
    mongo_url, redis_url, rabbitmq_url = settings.mongo_url, settings.redis_url, settings.rabbitmq_url
    processes: list[Process] = []

    def as_admin(url: str) -> str:
        return server_users.url_for(server_users.ADMIN, url, keys.server_passwords)

    if not mongo_url:
        mongo_url = as_admin(f"mongodb://127.0.0.1:{settings.ports['MONGO_PORT']}/?replicaSet=doorstep")
        processes.append(_mongod(settings, keys))
    if not redis_url and settings.adopt_running and await _redis_answers(6379):
        redis_url = "redis://127.0.0.1:6379/0"
    if not redis_url:
        redis_url = as_admin(f"redis://127.0.0.1:{settings.ports['REDIS_PORT']}/0")
        processes.append(_redis(settings, keys))
    if not rabbitmq_url and settings.adopt_running and await _rabbitmq_answers(5672):
        rabbitmq_url = "amqp://guest:guest@127.0.0.1:5672/%2F"
    management_url = settings.rabbitmq_management_url or "http://guest:guest@127.0.0.1:15672"
    if not rabbitmq_url:
        rabbitmq_url = as_admin(f"amqp://127.0.0.1:{settings.ports['RABBITMQ_PORT']}/%2F")
        management_url = as_admin(f"http://127.0.0.1:{settings.ports['RABBITMQ_MANAGEMENT_PORT']}")
        processes.extend(_rabbitmq(settings, keys))
    return Infrastructure(
        mongo_url,
        redis_url,
        rabbitmq_url,
        management_url,
        tuple(processes),
        keys.server_passwords,
        settings.namespace,
    )


async def prepare_mongo(settings: LocalSettings, keys: Keys) -> None:
    """
    The replica set and the users of all services, on the MongoDB that was started here.

    :raises Missing: saying what is in the way.
    """
    address = f"127.0.0.1:{settings.ports['MONGO_PORT']}"
    url = f"mongodb://{address}/?directConnection=true"
    try:
        await prepare_replica_set(url, address, keys.server_passwords, settings.namespace)
    except TimeoutError:
        raise Missing(
            f"MongoDB does not become the primary of its replica set. Was {settings.state / 'mongo'} written on another "
            "port, before there were users? Start once with that MONGO_PORT, or remove the folder"
        ) from None


def _mongod(settings: LocalSettings, keys: Keys) -> Process:
    bundled = settings.state if (settings.state / "mongod").exists() else REPOSITORY / ".doorstep"
    program = shutil.which("mongod") or next((str(p) for p in bundled.glob("mongod/**/bin/mongod")), None)
    if not program:
        raise Missing("no mongod here: run `make install`, or set MONGO_URL to a MongoDB replica set")
    port, folder = settings.ports["MONGO_PORT"], _folder(settings, "mongo")
    key_file = _secret_file(folder / "members.key", keys.mongo_key)
    command = (
        program,
        "--dbpath",
        str(folder),
        "--replSet",
        "doorstep",
        "--keyFile",
        str(key_file),
        "--bind_ip",
        "127.0.0.1",
        "--port",
        str(port),
        "--wiredTigerCacheSizeGB",
        "0.5",
        "--unixSocketPrefix",
        str(folder),
        "--quiet",
        "--logpath",
        str(folder / "mongod.log"),
        "--logappend",
    )
    return Process(
        "mongod",
        command,
        ready=lambda: _mongod_answers(port),
        log_file=folder / "start.log",
        stop_seconds=20,
    )


def _redis(settings: LocalSettings, keys: Keys) -> Process:
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if not program:
        raise Missing("no redis-server here: run `make install`, or set REDIS_URL")
    port, folder = settings.ports["REDIS_PORT"], _folder(settings, "redis")
    users = "\n".join(server_users.redis_users(keys.server_passwords, settings.namespace))
    users_file = _secret_file(folder / "users.acl", users + "\n")
    command = (
        program,
        "--bind",
        "127.0.0.1",
        "--port",
        str(port),
        "--dir",
        str(folder),
        "--aclfile",
        str(users_file),
        "--appendonly",
        "yes",
        "--logfile",
        str(folder / "redis.log"),
    )
    return Process(
        "redis",
        command,
        ready=lambda: _redis_answers(port),
        log_file=folder / "start.log",
        stop_seconds=20,
    )


def _rabbitmq(settings: LocalSettings, keys: Keys) -> list[Process]:
    program = next((p for p in RABBITMQ_SERVERS if Path(p).exists()), None) or shutil.which("rabbitmq-server")
    epmd = shutil.which("epmd")
    if not program or not epmd:
        raise Missing("no rabbitmq-server here: run `make install`, or set RABBITMQ_URL")
    port, epmd_port, folder = (
        settings.ports["RABBITMQ_PORT"],
        settings.ports["EPMD_PORT"],
        _folder(settings, "rabbitmq"),
    )
    definitions = server_users.rabbitmq_definitions(keys.server_passwords, settings.namespace)
    users_file = _secret_file(folder / "users.json", definitions)
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.default = 127.0.0.1:{port}\nload_definitions = {users_file}\nlog.console.level = warning\n"
        "disk_free_limit.absolute = 200MB\n"
        f"prometheus.tcp.ip = 127.0.0.1\nprometheus.tcp.port = {settings.ports['RABBITMQ_METRICS_PORT']}\n"
        f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {settings.ports['RABBITMQ_MANAGEMENT_PORT']}\n"
    )
    (folder / "enabled_plugins").write_text("[rabbitmq_prometheus,rabbitmq_management].\n")
    # Erlang starts an epmd that outlives the broker unless there is one: ours, which is stopped like all others.
    node = f"doorstep-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}@localhost"
    environment = {
        "HOME": str(folder),
        "RABBITMQ_NODENAME": node,
        "RABBITMQ_MNESIA_BASE": str(folder),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
        "RABBITMQ_DIST_PORT": str(settings.ports["RABBITMQ_DIST_PORT"]),
        "ERL_EPMD_PORT": str(epmd_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
    }
    return [
        Process(
            "epmd",
            (epmd, "-address", "127.0.0.1", "-port", str(epmd_port)),
            stop_seconds=20,
            log_file=folder / "epmd.log",
            ready=lambda: _listens(epmd_port),
        ),
        Process(
            "rabbitmq",
            (program,),
            environment,
            ready=lambda: _rabbitmq_answers(port),
            log_file=folder / "start.log",
            stop_seconds=20,
        ),
    ]


def _secret_file(file: Path, text: str) -> Path:
    """For its owner alone."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    return file


def _folder(settings: LocalSettings, name: str) -> Path:
    folder = settings.state / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def _mongod_answers(port: int) -> bool:
    client: AsyncMongoClient[dict[str, object]]
    async with AsyncMongoClient(
        f"mongodb://127.0.0.1:{port}/?directConnection=true", serverSelectionTimeoutMS=500
    ) as client:
        return bool((await client.admin.command("ping"))["ok"])


async def _redis_answers(port: int) -> bool:
    return (await _exchange(port, b"PING\r\n")).startswith((b"+PONG", b"-NOAUTH"))


async def _rabbitmq_answers(port: int) -> bool:
    return (await _exchange(port, b"AMQP\x00\x00\x09\x01")).startswith(b"\x01\x00\x00")


async def _listens(port: int) -> bool:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    return True


async def _exchange(port: int, said: bytes) -> bytes:
    """The first bytes a server answers; empty when there is none."""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 1)
        writer.write(said)
        answer = await asyncio.wait_for(reader.read(8), 1)
        writer.close()
    except (OSError, TimeoutError):
        return b""
    return answer


def host_and_port(url: str) -> str:
    """The part of an address that may be shown: without user and password."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
