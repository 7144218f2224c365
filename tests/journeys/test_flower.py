"""Flower, as it is started in containers, on the tasks of the running system: it sees them and can do nothing to them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pika
import pika.exceptions
import pytest

from docker.local.demo.client import GraphQLClient
from docker.local.ports import pick_free
from docker.local.server_users import FLOWER, in_vhost, tasks_vhost, url_for
from docker.local.settings import REPOSITORY
from docker.local.up import RunningSystem
from tests.journeys.register import ADDRESSES, mistyped
from tests.journeys.steps import subscribe, until, verdict_live

# The system lives as long as the session, and so does the event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "only for this test"


def tasks_url(system: RunningSystem) -> str:
    """Where Flower finds matching's tasks, as Flower's user."""
    found = system.infrastructure
    as_flower = url_for(FLOWER, found.rabbitmq_url, found.passwords)
    return in_vhost(as_flower, tasks_vhost("matching", system.settings.namespace))


@pytest.fixture
def flower(system: RunningSystem, tmp_path: Path) -> Iterator[str]:
    """Where it answers."""
    (tmp_path / "password").write_text(PASSWORD)
    (port,) = pick_free(1)
    settings = {
        "CELERY_BROKER_URL": tasks_url(system),
        "FLOWER_PASSWORD_FILE": str(tmp_path / "password"),
        "FLOWER_ADDRESS": "127.0.0.1",
        "FLOWER_PORT": str(port),
    }
    process = subprocess.Popen(
        [sys.executable, str(REPOSITORY / "docker/monitoring/flower_app.py")], env={**os.environ, **settings}
    )
    yield f"http://127.0.0.1:{port}"
    process.send_signal(signal.SIGTERM)
    process.wait(20)


async def test_it_sees_what_becomes_of_tasks_and_does_nothing(
    system: RunningSystem, client: GraphQLClient, flower: str
) -> None:
    admin = aiohttp.BasicAuth("admin", PASSWORD)
    async with aiohttp.ClientSession() as session:

        async def status(method: str, path: str, auth: aiohttp.BasicAuth | None) -> int | None:
            try:
                async with session.request(method, flower + path, auth=auth, data="{}") as answer:
                    return answer.status
            except aiohttp.ClientConnectionError:
                return None  # it is starting

        async def starts() -> bool:
            return await status("GET", "/api/tasks", admin) == 200

        async def seen() -> list[str]:
            # What it begins to hear is told from now on: one more until one is seen.
            payload = await subscribe(client, mistyped(ADDRESSES[8], id="q", seed=4), email="flower@example.com")
            await verdict_live(client, payload["matchTask"]["id"])
            async with session.get(f"{flower}/api/tasks", auth=admin) as answer:
                said = (await answer.json()).values()
            return [one["name"] for one in said if one["state"] == "SUCCESS"]

        await until(starts, what="Flower")
        assert "matching.match_submission" in await until(seen, what="a task that Flower has seen")
        for nobody in (None, aiohttp.BasicAuth("admin", "guessed")):
            assert await status("GET", "/api/tasks", nobody) == 401
        for path in ("/api/worker/shutdown/any", "/api/task/send-task/matching.match_submission"):
            assert await status("POST", path, admin) == 403


async def test_its_user_may_read_events_and_nothing_else(system: RunningSystem) -> None:
    parameters = pika.URLParameters(tasks_url(system))
    namespace = system.settings.namespace
    attempts = {
        "read a task": lambda channel: channel.basic_get(f"{namespace}.tasks.matching"),
        "send a task": lambda channel: channel.basic_publish(
            f"{namespace}.tasks", f"{namespace}.tasks.matching", b"{}"
        ),
        "write into a queue": lambda channel: channel.basic_publish("", f"{namespace}.tasks.matching", b"{}"),
        "command a worker": lambda channel: channel.exchange_declare("celery.pidbox", "fanout"),
        "remove a queue": lambda channel: channel.queue_delete(f"{namespace}.tasks.matching"),
    }
    for what, attempt in attempts.items():
        with pika.BlockingConnection(parameters) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
                attempt(channel)
            assert not channel.is_open, what
    assert urlsplit(tasks_url(system)).username == FLOWER
