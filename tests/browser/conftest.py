"""The whole system in processes of its own, once for all pages, and a browser."""

import asyncio
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from selenium.webdriver import Chrome

from docker.local.demo.client import GraphQLClient
from docker.local.keys import load_or_make
from docker.local.ports import pick_free
from docker.local.processes import APPLICATION, PYTHON
from docker.local.settings import REPOSITORY, LocalSettings
from docker.local.token import AccessTokens
from tests.browser import places
from tests.browser.page import DESKTOP, Page, browser
from tests.journeys.steps import import_addresses

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
IS_UP = "Ctrl-C stops it"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say what is missing where nothing can be tried."""
    missing = (
        "no Chromium with its driver: apt-get install chromium chromium-driver" if not (CHROMIUM and DRIVER) else ""
    )
    if not (APPLICATION / "index.html").is_file():
        missing = "the application is not built: docker/local/install.sh application"
    for item in items if missing else ():
        item.add_marker(pytest.mark.skip(reason=missing))


@pytest.fixture(scope="session")
def settings() -> LocalSettings:
    """A state folder, a namespace and ports that nobody else has."""
    environment = LocalSettings.from_environment()
    ports = dict(zip(environment.ports, pick_free(len(environment.ports)), strict=True))
    state = REPOSITORY / os.environ.get("DOORSTEP_STATE", ".doorstep") / "test" / "browser"
    return replace(environment, state=state, namespace="browser", ports=ports)


@pytest.fixture(scope="session")
def system(settings: LocalSettings) -> Iterator[LocalSettings]:
    """The running system with a register; in a process of its own, so that a test may wait without holding it up."""
    # What an earlier run has taught the register would no longer be doubtful.
    shutil.rmtree(settings.state, ignore_errors=True)
    environment = {
        **os.environ,
        "DOORSTEP_STATE": str(settings.state),
        "DOORSTEP_NAMESPACE": settings.namespace,
        **{name: str(port) for name, port in settings.ports.items()},
    }
    command = (PYTHON, "-m", "docker.local", "up")
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        try:
            said = []
            for line in process.stdout:
                said.append(line)
                if IS_UP in line:
                    break
            else:
                pytest.fail("the system did not start:\n" + "".join(said[-40:]))
            # What nobody reads would fill the pipe, and hold up who writes.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            asyncio.run(_import_register(settings))
            yield settings
        finally:
            process.terminate()


async def _import_register(settings: LocalSettings) -> None:
    async with GraphQLClient(settings.url("gateway"), AccessTokens(settings, "operator")) as client:
        await import_addresses(client, places.register(), source="browser")


@pytest.fixture(scope="session")
def driver() -> Iterator[Chrome]:
    """The browser."""
    assert CHROMIUM
    assert DRIVER
    opened = browser(CHROMIUM, DRIVER)
    yield opened
    opened.quit()


@pytest.fixture
def page(system: LocalSettings, driver: Chrome) -> Iterator[Page]:
    """A tab of somebody who has never been here; at the end its console must hold no error."""
    tab = Page(driver, system.url("gateway", ""))
    tab.forget()
    tab.look_with(DESKTOP)
    yield tab
    assert tab.console() == []


@pytest.fixture
def passwords(system: LocalSettings) -> dict[str, str]:
    """Role → password of its user."""
    return dict(load_or_make(system.state).passwords)
