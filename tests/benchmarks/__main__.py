"""``make bench``: brings a system of its own up on free ports and measures it."""

import asyncio
import json
import shutil
import sys
from dataclasses import replace

from docker.local.console import Console
from docker.local.demo import febrl
from docker.local.demo.client import GraphQLClient
from docker.local.ports import pick_free
from docker.local.settings import LocalSettings
from docker.local.up import running_system
from tests.benchmarks.main_job import measure


class Silent(Console):
    """Shows the runner's own lines only, so that printing costs nothing while measuring."""

    def line(self, name: str, text: str) -> None:
        """Drop what a process says."""

    def say(self, text: str) -> None:
        """Keep standard output for the figures."""
        print(text, file=sys.stderr)


async def main() -> None:
    """Start, measure, print, stop."""
    here = LocalSettings.from_environment()
    state = here.state / "bench"
    shutil.rmtree(state, ignore_errors=True)
    ports = dict(zip(here.ports, pick_free(len(here.ports)), strict=True))
    settings = replace(here, state=state, ports=ports, namespace="bench", adopt_running=False)
    data = febrl.load(here.state / "febrl")
    async with running_system(settings, Silent([])) as system:
        assert system
        async with GraphQLClient(settings.url("gateway")) as client:
            print(json.dumps(await measure(client, data), indent=2))


asyncio.run(main())
