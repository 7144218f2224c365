"""The notifications service under its own settings, on a real MongoDB under a namespace of its own."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.subgraphs.service import COMMANDS, Commands, GraphQLOfService, drop_database, set_environment

set_environment("notifications")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from subgraphs.chassis import mongo  # noqa: E402
from subgraphs.notifications.prepare import prepare  # noqa: E402
from tests.subgraphs.notifications.letters import document  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def _service() -> Iterator[None]:
    prepare()
    prepare()
    call_command("check")
    yield
    drop_database("notifications")


@pytest.fixture(autouse=True)
def db(_service: None) -> mongo.Database[mongo.Document]:
    """The service's database, empty."""
    found = mongo.database("notifications")
    for name in ("notifications", "outbox"):
        found[name].delete_many({})
    return found


@pytest.fixture
def ask() -> GraphQLOfService:
    """The service's GraphQL endpoint."""
    return GraphQLOfService("notifications")


@pytest.fixture
def commands(db: mongo.Database[mongo.Document]) -> Commands:
    """What MongoDB is asked from now on."""
    COMMANDS.names.clear()
    return COMMANDS


@pytest.fixture
def written(db: mongo.Database[mongo.Document]) -> Any:
    """Writes letters as the worker would."""

    def put(*letters: dict[str, Any]) -> list[str]:
        documents = [document(**letter) for letter in letters]
        db["notifications"].insert_many(documents)
        COMMANDS.names.clear()
        return [letter["_id"] for letter in documents]

    return put
