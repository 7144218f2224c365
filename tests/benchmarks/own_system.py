"""A whole system on free ports with a state folder of its own, for measurements."""

import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from docker.local.console import Console
from docker.local.demo.client import GraphQLClient
from docker.local.ports import pick_free
from docker.local.settings import LocalSettings
from docker.local.token import AccessTokens
from docker.local.up import RunningSystem, running_system

TOKEN_SECONDS = 24 * 3600
"""a live subscription ends with its token; one of these is watched for hours"""

NO_RATE_LIMITS = dict.fromkeys(("RATE_LIMIT_REQUESTS", "RATE_LIMIT_ANONYMOUS", "RATE_LIMIT_COST"), "0")
"""a benchmark is one caller who asks as much as the system can answer"""


def operator_of(system: RunningSystem) -> GraphQLClient:
    """A client that may do what an operator may."""
    return GraphQLClient(system.settings.url("gateway"), AccessTokens(system.settings, "operator"))


class Silent(Console):
    """Shows the runner's own lines only, so that printing costs nothing while measuring."""

    def __init__(self, lines: Path | None = None) -> None:
        """Say nothing of what processes say, or write it to a file."""
        super().__init__([])
        self._lines = lines.open("w") if lines else None

    def line(self, name: str, text: str) -> None:
        """Keep or drop what a process says."""
        if self._lines:
            print(name, text, file=self._lines, flush=True)

    def say(self, text: str) -> None:
        """Keep standard output for the figures."""
        print(text, file=sys.stderr)


@asynccontextmanager
async def own_system(lines: Path | None = None) -> AsyncIterator[RunningSystem]:
    """
    A system with nothing in it, stopped when left.

    :param lines: the file for what its processes say
    """
    here = LocalSettings.from_environment()
    state = here.state / "bench"
    shutil.rmtree(state, ignore_errors=True)
    ports = dict(zip(here.ports, pick_free(len(here.ports)), strict=True))
    extra = {**here.extra, "ACCOUNTS_ACCESS_TOKEN_SECONDS": str(TOKEN_SECONDS), **NO_RATE_LIMITS}
    settings = replace(here, state=state, ports=ports, namespace="bench", adopt_running=False, extra=extra)
    async with running_system(settings, Silent(lines)) as system:
        if system is None:
            raise RuntimeError("the system was stopped before it was ready")
        yield system
