"""The accounts service, started once on each database for all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.subgraphs.accounts.postgres import find_postgres, postgres
from tests.subgraphs.accounts.system import Accounts, Browser, signing_key


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def accounts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    """The running service."""
    folder: Path = tmp_path_factory.mktemp("accounts")
    if request.param == "sqlite":
        with Accounts(folder, [signing_key()]).running() as running:
            yield running
        return
    programs = find_postgres()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine: apt-get install postgresql")
    with (
        postgres(programs) as server,
        Accounts(folder, [signing_key()], more={"ACCOUNTS_DATABASE_URL": server.url}).running() as running,
    ):
        yield running


@pytest.fixture
def browser(accounts: Accounts) -> Browser:
    """Somebody who is not logged in yet."""
    return Browser(accounts)
