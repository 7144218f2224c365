"""The suggestions service under its own settings, on a real MongoDB under a namespace of its own."""

from collections.abc import Callable, Iterator

import pytest

from tests.subgraphs.service import COMMANDS, Commands, GraphQLOfService, drop_database, set_environment

set_environment("suggestions")

import django  # noqa: E402

django.setup()

from subgraphs.chassis import mongo  # noqa: E402
from subgraphs.suggestions.store import prepare  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def _database() -> Iterator[None]:
    prepare()
    yield
    drop_database("suggestions")


@pytest.fixture(autouse=True)
def db(_database: None) -> mongo.Database[mongo.Document]:
    """The service's database, empty."""
    found = mongo.database("suggestions")
    for name in found.list_collection_names():
        found[name].delete_many({})
    return found


@pytest.fixture
def ask() -> GraphQLOfService:
    """The service's GraphQL endpoint."""
    return GraphQLOfService("suggestions")


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
