"""MongoDB, Redis and RabbitMQ: used where they are given or run already, started here otherwise."""

import asyncio
import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from docker.local.keys import Keys
from docker.local.process import Process
from docker.local.settings import REPOSITORY, LocalSettings

# The script of Debian's package insists on a user of its own; the one beneath it runs as anybody.
RABBITMQ_SERVERS = ("/usr/lib/rabbitmq/bin/rabbitmq-server",)


class Missing(Exception):
    """A server is neither given, nor running, nor installed."""


@dataclass(frozen=True)
class Infrastructure:
    """Where the three servers answer, and which of them this system starts itself."""

    mongo_url: str
    redis_url: str
    rabbitmq_url: str
    processes: tuple[Process, ...]
    """what is to be started here; empty where all three are given"""

    @property
    def environment(self) -> dict[str, str]:
        """The variables that every process reads."""
        return {"MONGO_URL": self.mongo_url, "REDIS_URL": self.redis_url, "RABBITMQ_URL": self.rabbitmq_url}

    @property
    def ports(self) -> list[str]:
        """The port variables of the servers started here."""
        names = {
            "mongod": ["MONGO_PORT"],
            "redis": ["REDIS_PORT"],
            "rabbitmq": ["RABBITMQ_PORT"],
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
    if not mongo_url:
        mongo_url = f"mongodb://127.0.0.1:{settings.ports['MONGO_PORT']}/?replicaSet=doorstep"
        processes.append(_mongod(settings))
    if not redis_url and settings.adopt_running and await _redis_answers(6379):
        redis_url = "redis://127.0.0.1:6379/0"
    if not redis_url:
        redis_url = f"redis://127.0.0.1:{settings.ports['REDIS_PORT']}/0"
        processes.append(_redis(settings))
    if not rabbitmq_url and settings.adopt_running and await _rabbitmq_answers(5672):
        rabbitmq_url = "amqp://guest:guest@127.0.0.1:5672/%2F"
    if not rabbitmq_url:
        password = quote(keys.rabbitmq_password, safe="")
        rabbitmq_url = f"amqp://doorstep:{password}@127.0.0.1:{settings.ports['RABBITMQ_PORT']}/%2F"
        processes.extend(_rabbitmq(settings, keys))
    return Infrastructure(mongo_url, redis_url, rabbitmq_url, tuple(processes))


async def make_replica_set(settings: LocalSettings) -> None:
    """Change streams and transactions need a replica set; one node is enough."""
    address = f"127.0.0.1:{settings.ports['MONGO_PORT']}"
    client: AsyncMongoClient[dict[str, object]]
    async with AsyncMongoClient(f"mongodb://{address}/?directConnection=true") as client:
        try:
            await client.admin.command("replSetInitiate", {"_id": "doorstep", "members": [{"_id": 0, "host": address}]})
        except OperationFailure as refusal:
            if refusal.code == 23:  # AlreadyInitialized
                await _move_replica_set(client, address)
            else:
                raise
        while not (await client.admin.command("hello")).get("isWritablePrimary"):
            await asyncio.sleep(0.1)


async def _move_replica_set(client: AsyncMongoClient, address: str) -> None:
    """The port may have changed since the data was written: the set must name the new one."""
    config = (await client.admin.command("replSetGetConfig"))["config"]
    if config["members"][0]["host"] != address:
        config["members"][0]["host"] = address
        config["version"] += 1
        await client.admin.command("replSetReconfig", config, force=True)


def _mongod(settings: LocalSettings) -> Process:
    bundled = settings.state if (settings.state / "mongod").exists() else REPOSITORY / ".doorstep"
    program = shutil.which("mongod") or next((str(p) for p in bundled.glob("mongod/**/bin/mongod")), None)
    if not program:
        raise Missing("no mongod here: run `make install`, or set MONGO_URL to a MongoDB replica set")
    port, folder = settings.ports["MONGO_PORT"], _folder(settings, "mongo")
    command = (
        program,
        "--dbpath",
        str(folder),
        "--replSet",
        "doorstep",
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


def _redis(settings: LocalSettings) -> Process:
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if not program:
        raise Missing("no redis-server here: run `make install`, or set REDIS_URL")
    port, folder = settings.ports["REDIS_PORT"], _folder(settings, "redis")
    command = (
        program,
        "--bind",
        "127.0.0.1",
        "--port",
        str(port),
        "--dir",
        str(folder),
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
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.default = 127.0.0.1:{port}\n"
        f"default_user = doorstep\ndefault_pass = {keys.rabbitmq_password}\nlog.console.level = warning\n"
        "disk_free_limit.absolute = 200MB\n"
    )
    (folder / "rabbitmq.conf").chmod(0o600)
    (folder / "enabled_plugins").write_text("[].\n")
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
        "RABBITMQ_DIST_PORT": str(epmd_port + 1),
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
