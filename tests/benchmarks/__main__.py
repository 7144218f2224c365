"""``make bench``: measures planning and the gateway alone, then brings a system of its own up on free ports and measures that."""

import argparse
import asyncio
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from docker.local.console import Console
from docker.local.demo import febrl
from docker.local.demo.client import GraphQLClient
from docker.local.ports import pick_free
from docker.local.settings import LocalSettings
from docker.local.up import running_system
from tests.benchmarks.gateway.measure import measure_gateway
from tests.benchmarks.main_job import measure
from tests.benchmarks.planning import measure_planning


class Silent(Console):
    """Shows the runner's own lines only, so that printing costs nothing while measuring."""

    def line(self, name: str, text: str) -> None:
        """Drop what a process says."""

    def say(self, text: str) -> None:
        """Keep standard output for the figures."""
        print(text, file=sys.stderr)


async def _measured_system() -> dict[str, float]:
    """Start, measure, stop."""
    here = LocalSettings.from_environment()
    state = here.state / "bench"
    shutil.rmtree(state, ignore_errors=True)
    ports = dict(zip(here.ports, pick_free(len(here.ports)), strict=True))
    settings = replace(here, state=state, ports=ports, namespace="bench", adopt_running=False)
    data = febrl.load(here.state / "febrl")
    async with running_system(settings, Silent([])) as system:
        assert system
        async with GraphQLClient(settings.url("gateway")) as client:
            return await measure(client, data)


PARTS: dict[str, Callable[[], Any]] = {
    "planning": measure_planning,
    "gateway": measure_gateway,
    "system": lambda: asyncio.run(_measured_system()),
}


def main() -> None:
    """Measure all parts, or those that are named, and print the figures of each as it is done."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which; all if none is named")
    for part in parser.parse_args().parts or PARTS:
        print(json.dumps({part: PARTS[part]()}, indent=2), flush=True)


main()
