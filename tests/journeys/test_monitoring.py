"""What dashboards and alerts ask is there to be asked on the running system; and a real Prometheus asks it."""

import os
import signal
from collections import defaultdict
from pathlib import Path
from urllib.request import urlopen

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from docker.local.demo.client import GraphQLClient
from docker.local.up import RunningSystem
from tests.journeys.prometheus import Prometheus, prometheus
from tests.journeys.register import ADDRESSES, mistyped
from tests.journeys.scraped import scrape
from tests.journeys.steps import letters, subscribe, until, verdict_live
from tests.local.monitoring import needs_prometheus, questions

# The system lives as long as the session, and so does the event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")

OF_PROMETHEUS = {"process", "le"}
"""labels that a target gives, and those of a histogram's buckets"""


async def everything_has_happened(system: RunningSystem, client: GraphQLClient, email: str) -> None:
    """A counter with labels says nothing before it counts: let a letter go its whole way."""
    payload = await subscribe(client, mistyped(ADDRESSES[12], id="q", seed=3), email=email)
    await verdict_live(client, payload["matchTask"]["id"])

    async def delivered() -> bool:
        return any(email in str(letter["to"]) for letter in letters(system))

    await until(delivered, what="the letter")


def of_the_broker(system: RunningSystem) -> dict[str, set[str]]:
    """Metric → its labels, as RabbitMQ tells them."""
    port = system.settings.ports["RABBITMQ_METRICS_PORT"]
    families = "family=queue_coarse_metrics&family=queue_consumer_count"
    with urlopen(f"http://127.0.0.1:{port}/metrics/detailed?{families}", timeout=10) as answer:
        found = text_string_to_metric_families(answer.read().decode())
        return {sample.name: set(sample.labels) for family in found for sample in family.samples}


def unknown(system: RunningSystem) -> list[str]:
    """What is asked for and does not exist."""
    labels: dict[str, set[str]] = defaultdict(set, of_the_broker(system))
    for sample in scrape(system):
        labels[sample.name] |= set(sample.labels)
    labels["up"] = set()
    found = []
    for asked in questions():
        found += [f"{asked.where}: there is no {name}" for name in asked.metrics - set(labels)]
        known = OF_PROMETHEUS.union(*(labels[name] for name in asked.metrics))
        found += [f"{asked.where}: none of its metrics has {label}" for label in asked.labels - known]
    return found


async def test_every_metric_and_label_that_is_asked_for_exists(system: RunningSystem, client: GraphQLClient) -> None:
    await everything_has_happened(system, client, "asked@example.com")

    async def all_known() -> bool:
        return not unknown(system)

    try:
        await until(all_known, seconds=20, what="all metrics")
    except AssertionError:
        assert unknown(system) == []


@needs_prometheus
async def test_prometheus_reaches_every_process_and_answers_every_panel(
    system: RunningSystem, client: GraphQLClient, tmp_path: Path
) -> None:
    async with prometheus(system, tmp_path) as running:
        await up(running, system)
        await everything_has_happened(system, client, "panels@example.com")

        for asked in questions():
            await running.ask("query", query=asked.expression)
        (verdicts,) = await until(lambda: scraped(running, "sum(matching_verdicts_total)"), what="verdicts")
        assert float(verdicts["value"][1]) > 0


@needs_prometheus
async def test_an_alert_fires_on_a_fault_and_ends_with_it(system: RunningSystem, tmp_path: Path) -> None:
    process = "live updates"
    async with prometheus(system, tmp_path) as running:
        await up(running, system)
        stopped = system.supervisor.pid(process)
        assert stopped
        os.kill(stopped, signal.SIGSTOP)
        try:
            await until(lambda: fires(running), what="the alert")
        finally:
            os.kill(stopped, signal.SIGCONT)

        async def ended() -> bool:
            return not await fires(running)

        await until(ended, what="the end of the alert")


async def fires(running: Prometheus) -> bool:
    """Whether the process that is stopped is missed."""
    return ("ProcessDown", "live-updates") in await running.firing()


async def scraped(running: Prometheus, expression: str) -> list[dict[str, list[str]]]:
    """The series of an expression."""
    return list((await running.ask("query", query=expression))["result"])


async def up(running: Prometheus, system: RunningSystem) -> None:
    """Wait until all that run are reached."""
    servers = {process.name for process in system.infrastructure.processes} - {"rabbitmq"}
    ours = {name.replace(" ", "-") for name in system.supervisor.names} - servers - {"mailbox"}

    async def all_up() -> bool:
        try:
            return await running.targets() == dict.fromkeys(ours, "up")
        except aiohttp.ClientError:
            return False  # it is starting

    await until(all_up, what=f"all of {sorted(ours)} to be reached by Prometheus")
