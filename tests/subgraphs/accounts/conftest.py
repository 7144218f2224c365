"""The accounts service, started once for all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.subgraphs.accounts.system import Accounts, Browser, signing_key


@pytest.fixture(scope="session")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    """The running service."""
    folder: Path = tmp_path_factory.mktemp("accounts")
    with Accounts(folder, [signing_key()]).running() as running:
        yield running


@pytest.fixture
def browser(accounts: Accounts) -> Browser:
    """Somebody who is not logged in yet."""
    return Browser(accounts)
