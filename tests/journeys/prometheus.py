"""A real Prometheus beside the running system, with the product's own configuration and less patience."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from docker.local.measured import BROKER, TARGETS
from docker.local.ports import pick_free
from docker.local.settings import REPOSITORY
from docker.local.up import RunningSystem

MONITORING = REPOSITORY / "docker/monitoring"


@dataclass(frozen=True)
class Prometheus:
    """Asks its HTTP API."""

    url: str
    session: aiohttp.ClientSession

    async def ask(self, path: str, **parameters: str) -> Any:
        """The data of an answer. :raises AssertionError: when it is an error."""
        async with self.session.get(f"{self.url}/api/v1/{path}", params=parameters) as answer:
            said = await answer.json()
        assert said["status"] == "success", said
        return said["data"]

    async def targets(self) -> dict[str, str]:
        """Process → whether it answers."""
        found = (await self.ask("targets", state="active"))["activeTargets"]
        return {one["labels"]["process"]: one["health"] for one in found}

    async def firing(self) -> set[tuple[str, str]]:
        """Alert and process of what fires now."""
        alerts = (await self.ask("alerts"))["alerts"]
        return {
            (one["labels"]["alertname"], one["labels"].get("process", "")) for one in alerts if one["state"] == "firing"
        }


@asynccontextmanager
async def prometheus(system: RunningSystem, folder: Path) -> AsyncIterator[Prometheus]:
    """Started on a free port, stopped when left."""
    text = (MONITORING / "prometheus.local.yml").read_text().replace(": 5s", ": 2s")
    for file in (TARGETS, BROKER):
        text = text.replace(f"../../.doorstep/{file}", str(system.settings.state / file))
    (folder / "prometheus.yml").write_text(text)
    (folder / "alerts.yml").write_text(re.sub(r"for: \d+m", "for: 2s", (MONITORING / "alerts.yml").read_text()))
    (port,) = pick_free(1)
    process = await asyncio.create_subprocess_exec(
        "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
    )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as session:
            yield Prometheus(f"http://127.0.0.1:{port}", session)
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()
