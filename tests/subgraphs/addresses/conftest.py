"""The addresses service under its own settings, on a real MongoDB and Redis under a namespace of its own."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.subgraphs.service import COMMANDS, NAMESPACE, Commands, GraphQLOfService, drop_database, set_environment

set_environment("addresses")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import override_settings  # noqa: E402
from django_redis import get_redis_connection  # noqa: E402

from subgraphs.addresses.prepare import prepare  # noqa: E402
from subgraphs.chassis import mongo  # noqa: E402
from tests.subgraphs.addresses.entries import document  # noqa: E402

_KEPT = ("django_migrations", "django_content_type", "auth_permission")


@pytest.fixture(scope="session", autouse=True)
def _service() -> Iterator[None]:
    prepare()
    call_command("check")
    # Passwords are hashed slowly on purpose; not in a test.
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield
    drop_database("addresses")
    _forget()


@pytest.fixture(autouse=True)
def db(_service: None) -> mongo.Database[mongo.Document]:
    """The service's database, empty."""
    found = mongo.database("addresses")
    for name in found.list_collection_names():
        if name not in _KEPT:
            found[name].delete_many({})
    _forget()
    return found


@pytest.fixture
def ask() -> GraphQLOfService:
    """The service's GraphQL endpoint."""
    return GraphQLOfService("addresses")


@pytest.fixture
def commands(db: mongo.Database[mongo.Document]) -> Commands:
    """What MongoDB is asked from now on; ask for it after the fixtures that write."""
    COMMANDS.names.clear()
    return COMMANDS


@pytest.fixture
def known(db: mongo.Database[mongo.Document]) -> Any:
    """Puts addresses into the register as the worker would."""

    def put(*addresses: dict[str, Any]) -> list[str]:
        documents = [document(**address) for address in addresses]
        db["addresses"].insert_many(documents)
        COMMANDS.names.clear()
        return [address["_id"] for address in documents]

    return put


def _forget() -> None:
    redis = get_redis_connection("default")
    keys = list(redis.scan_iter(f"{NAMESPACE}:*"))
    if keys:
        redis.delete(*keys)
