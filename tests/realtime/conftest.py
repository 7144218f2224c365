"""A realtime process on a free port, a Redis namespace of its own, and somebody who writes updates."""

import base64
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import jwt
import pytest
import redis as redis_package
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.realtime.client import LiveClient
from tests.realtime.writer import UpdateWriter

REPOSITORY = Path(__file__).parents[2]
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
KEYS = {name: Ed25519PrivateKey.generate() for name in ("gateway", "matching")}


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


EVERYTHING = "batches discounts register:write reviews subscribers:read"


def service_token(
    issuer: str = "gateway", audience: str = "realtime", age: int = 0, scope: str | None = EVERYTHING
) -> str:
    issued = int(time.time()) - age
    claims = {"iss": issuer, "aud": audience, "iat": issued, "exp": issued + 60, "scope": scope}
    return jwt.encode(claims, KEYS[issuer], algorithm="EdDSA", headers={"kid": issuer})


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@dataclass
class Server:
    """A running `python -m realtime serve`."""

    port: int
    process: subprocess.Popen[bytes]
    metrics_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def scraped(self) -> dict[str, float]:
        """What Prometheus is told: ``name{label="value"}`` → value."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        said = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in said}

    def client(self, scope: str | None = EVERYTHING) -> LiveClient:
        return LiveClient(f"ws://127.0.0.1:{self.port}/graphql", service_token(scope=scope))


@pytest.fixture(scope="session")
def namespace() -> Iterator[str]:
    name = f"{os.environ.get('DOORSTEP_NAMESPACE', 'test_realtime')}_{uuid4().hex[:8]}"
    yield name
    connection = redis_package.Redis.from_url(REDIS_URL)
    for key in connection.scan_iter(f"{name}:*"):
        connection.delete(key)
    connection.close()


def start(namespace: str, **more: str) -> Server:
    port, metrics_port = free_port(), free_port()
    environment = {
        **os.environ,
        "REALTIME_SECRET_KEY": "only for tests",
        "REDIS_URL": REDIS_URL,
        "DOORSTEP_NAMESPACE": namespace,
        "SERVICE_PUBLIC_KEYS": json.dumps(
            {name: base64url(key.public_key().public_bytes_raw()) for name, key in KEYS.items()}
        ),
        "METRICS": f"127.0.0.1:{metrics_port}",
        **more,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "realtime", "serve", "--port", str(port)], cwd=REPOSITORY, env=environment
    )
    server = Server(port, process, metrics_port)
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(f"{server.url}/live", timeout=5).close()
        except OSError:
            assert process.poll() is None, "realtime did not start"
            assert time.monotonic() < deadline, "realtime did not answer in time"
        else:
            return server


def stop(server: Server) -> None:
    server.process.terminate()
    try:
        server.process.wait(10)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()


@pytest.fixture(scope="session")
def server(namespace: str) -> Iterator[Server]:
    running = start(namespace)
    yield running
    stop(running)


@pytest.fixture
async def writer(namespace: str) -> AsyncIterator[UpdateWriter]:
    async with UpdateWriter(REDIS_URL, namespace) as writing:
        yield writing
