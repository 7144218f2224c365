"""A namespace of its own for every test that needs the real MongoDB and RabbitMQ; nothing of it is left behind."""

import base64
import json
from collections.abc import Callable, Iterator
from uuid import uuid4

import pika
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pika.adapters.blocking_connection import BlockingChannel

from tests.workers.servers import MONGO_URL, RABBITMQ_URL, Server, drop_databases, drop_queues

SERVICES = (
    "gateway",
    "subscribers",
    "addresses",
    "matching",
    "notifications",
    "suggestions",
    "discounts",
    "logs",
    "realtime",
    "live_updates",
    "caches",
)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture(scope="session")
def service_keys() -> dict[str, str]:
    """The variables with fresh keys of all services."""
    private = {name: Ed25519PrivateKey.generate() for name in SERVICES}
    public = {name: _text(key.public_key().public_bytes_raw()) for name, key in private.items()}
    return {
        **{f"{name.upper()}_SERVICE_KEY": _text(key.private_bytes_raw()) for name, key in private.items()},
        "SERVICE_PUBLIC_KEYS": json.dumps(public),
    }


@pytest.fixture
def server(service_keys: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The real servers under a random namespace, and the environment that leads to it."""
    namespace = f"test_{uuid4().hex[:10]}"
    environment = {
        "MONGO_URL": MONGO_URL,
        "RABBITMQ_URL": RABBITMQ_URL,
        "DOORSTEP_NAMESPACE": namespace,
        "RETRY_SECONDS": "0.05,0.1",
        **service_keys,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield Server(namespace, environment)
    drop_queues(namespace)
    drop_databases(namespace)


@pytest.fixture
def channel(server: Server) -> Iterator[BlockingChannel]:
    """A channel of the test's own."""
    connection = pika.BlockingConnection(pika.URLParameters(RABBITMQ_URL))
    channel = connection.channel()
    channel.confirm_delivery()
    yield channel
    if connection.is_open:
        connection.close()


@pytest.fixture
def eventually() -> Callable[..., object]:
    """Ask until the answer is true, or the deadline is over."""
    from tests.workers.servers import eventually

    return eventually
