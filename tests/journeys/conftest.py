"""The whole system on ports and servers of its own, once for all journeys."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import pytest_asyncio

from docker.local.console import Console
from docker.local.demo.client import GraphQLClient
from docker.local.ports import pick_free
from docker.local.settings import REPOSITORY, LocalSettings
from docker.local.token import AccessTokens
from docker.local.up import RunningSystem, only_one, running_system
from tests.journeys import register
from tests.journeys.otlp import Collector, collector
from tests.journeys.steps import import_addresses

OPERATOR = "operator@example.com"
SETTINGS = {
    # Two busy cores answer later than a real machine; the journeys are about what is said, not how fast.
    "SUBSCRIBERS_KNOWN_ADDRESS_WAIT_MS": "2000",
    "UPLOAD_FILE_BYTES": "1000000",
    "MATCHING_BATCH_FILE_BYTES": "500000",
    "NOTIFICATIONS_SMTP_TIMEOUT": "2",
    "TASK_EVENTS": "true",
    # Who is written to about alerts, which here come soon after a process was last heard.
    "LOGS_ALERT_LETTERS_TO": OPERATOR,
    "LOGS_ALIVE_SECONDS": "2",
    "LOGS_SILENCE_SECONDS": "10",
    "LOGS_CHECK_SECONDS": "1",
}


TRACES = {
    # Only what a caller wants traced is: other journeys need not wait for that.
    "OTEL_TRACES_SAMPLER": "parentbased_always_off",
    "OTEL_BSP_SCHEDULE_DELAY": "200",
}


@pytest.fixture(scope="session")
def traces() -> Iterator[Collector]:
    """Where every process sends its spans."""
    with collector() as taken:
        yield taken


@pytest.fixture(scope="session")
def settings(traces: Collector) -> LocalSettings:
    """A state folder and ports that nobody else has; servers of its own, since journeys restart them."""
    environment = LocalSettings.from_environment()
    ports = dict(zip(environment.ports, pick_free(len(environment.ports)), strict=True))
    # Kept after a failure: the log of what every process said is in it.
    state = REPOSITORY / os.environ.get("DOORSTEP_STATE", ".doorstep") / "test" / "journeys"
    return replace(
        environment, state=state, namespace="journeys", ports=ports, mongo_url=None, redis_url=None, rabbitmq_url=None,
        accounts_database_url=None, adopt_running=False,
        extra={**SETTINGS, **TRACES, "OTEL_EXPORTER_OTLP_ENDPOINT": traces.url},
    )  # fmt: skip


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def system(settings: LocalSettings) -> AsyncIterator[RunningSystem]:
    """The running system."""
    with only_one(settings):
        async with running_system(settings, Console(["notifications listener"], colour=False)) as running:
            assert running
            yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(system: RunningSystem) -> AsyncIterator[GraphQLClient]:
    """A client of the gateway, an operator's, with the register of the journeys imported."""
    async with GraphQLClient(system.settings.url("gateway"), AccessTokens(system.settings, "operator")) as opened:
        await import_addresses(opened, register.as_csv(register.ADDRESSES), source="journeys")
        yield opened
