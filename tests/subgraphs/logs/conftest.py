"""The logs service under its own settings, on a real MongoDB under a namespace of its own."""

from collections.abc import Callable, Iterator

import pytest

from tests.subgraphs.service import COMMANDS, Commands, GraphQLOfService, drop_database, set_environment

set_environment("logs")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from subgraphs.chassis import mongo  # noqa: E402
from subgraphs.logs.prepare import prepare  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def _service() -> Iterator[None]:
    prepare()
    prepare()
    call_command("check")
    yield
    drop_database("logs")


@pytest.fixture(autouse=True)
def db(_service: None) -> mongo.Database[mongo.Document]:
    """The service's database, empty."""
    found = mongo.database("logs")
    for name in ("entries", "alerts", "sources"):
        found[name].delete_many({})
    return found


@pytest.fixture
def ask() -> GraphQLOfService:
    """The service's GraphQL endpoint."""
    return GraphQLOfService("logs")


@pytest.fixture
def commands(db: mongo.Database[mongo.Document]) -> Commands:
    """What MongoDB is asked from now on."""
    COMMANDS.names.clear()
    return COMMANDS


@pytest.fixture
def settings_of() -> Iterator[Callable[..., None]]:
    """Change settings of the service for one test."""
    from django.test import override_settings

    changed: list[override_settings] = []

    def change(**settings: object) -> None:
        changed.append(override_settings(**settings))
        changed[-1].enable()

    yield change
    for one in changed:
        one.disable()
