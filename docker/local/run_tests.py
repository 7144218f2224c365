"""
``make test``: every test of the project, each Django service in a pytest process of its own.

The servers are private ones on free ports unless their addresses are given by the environment; every group of tests
gets a namespace of its own, so groups run beside each other.
"""

import asyncio
import os
import shutil
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from docker.local import infrastructure
from docker.local.console import Console
from docker.local.keys import load_or_make
from docker.local.leftovers import Leftovers
from docker.local.ports import pick_free
from docker.local.processes import PYTHON, PYTHON_GRAPHENE
from docker.local.settings import REPOSITORY, SERVER_PORTS, LocalSettings
from docker.local.supervisor import Supervisor
from docker.local.up import only_one


@dataclass(frozen=True)
class Group:
    """Tests that run in one pytest process."""

    name: str
    python: str = PYTHON
    lane: int = 0
    """groups of one lane run one after the other"""

    @property
    def folder(self) -> Path:
        """Where its tests are."""
        return REPOSITORY / "tests" / self.name


GROUPS = (
    Group("gateway_graphql"),
    Group("local"),
    Group("contracts"),
    Group("subgraphs/chassis"),
    Group("subgraphs/accounts", lane=1),
    Group("subgraphs/subscribers"),
    Group("subgraphs/matching"),
    Group("subgraphs/operations"),
    Group("subgraphs/suggestions"),
    Group("subgraphs/addresses", PYTHON_GRAPHENE, lane=1),
    Group("subgraphs/notifications", PYTHON_GRAPHENE, lane=1),
    Group("subgraphs/monolith", PYTHON_GRAPHENE, lane=1),
    Group("subgraphs/discounts", PYTHON_GRAPHENE, lane=1),
    Group("subgraphs/logs", PYTHON_GRAPHENE, lane=1),
    Group("workers", lane=1),
    Group("realtime", lane=1),
)
JOURNEYS = Group("journeys")
BROWSER = Group("browser")
ALONE = (JOURNEYS, BROWSER)
"""last, one after the other: they run the whole system, and journeys kill parts of it"""


async def run_tests(settings: LocalSettings, only: list[str]) -> int:
    """
    Run all groups, or those named.

    :returns: 0 when all passed, 1 when one failed, 2 when there is no such group.
    """
    known = [group.name for group in (*GROUPS, *ALONE)]
    if unknown := [name for name in only if name not in known]:
        print(f"no group of tests is called {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    state = settings.state / "test"
    shutil.rmtree(state, ignore_errors=True)
    ports = dict(settings.ports) | dict(zip(SERVER_PORTS, pick_free(len(SERVER_PORTS)), strict=True))
    private = replace(settings, state=state, ports=ports, adopt_running=_nothing_to_start())
    groups = [group for group in (*GROUPS, *ALONE) if not only or group.name in only]
    console = Console([group.name for group in groups])
    with only_one(private):
        leftovers = Leftovers(state)
        leftovers.end()
        supervisor = Supervisor(console, leftovers)
        try:
            environment = await _servers(private, supervisor)
            results = await _run(groups, environment, console)
        finally:
            await supervisor.stop()
    for group, (code, seconds) in results.items():
        console.plain(f"{'passed' if code == 0 else 'FAILED':<7} {group.name:<24} {seconds:6.1f} s")
    failed = [group.name for group, (code, _) in results.items() if code]
    console.plain(f"groups: {len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or not results else 0


def _nothing_to_start() -> bool:
    """Running servers are used only where no program is here to start private ones."""
    return not (shutil.which("redis-server") and shutil.which("epmd"))


async def _servers(settings: LocalSettings, supervisor: Supervisor) -> dict[str, str]:
    keys = load_or_make(settings.state)
    found = await infrastructure.find(settings, keys)
    await supervisor.start(found.processes, patience=60)
    if any(process.name == "mongod" for process in found.processes):
        await infrastructure.prepare_mongo(settings, keys)
    return found.environment


async def _run(groups: list[Group], environment: dict[str, str], console: Console) -> dict[Group, tuple[int, float]]:
    results: dict[Group, tuple[int, float]] = {}

    async def lane(members: list[Group]) -> None:
        for group in members:
            began = time.monotonic()
            code = await _pytest(group, environment, console)
            results[group] = (code, time.monotonic() - began)

    beside = [group for group in groups if group not in ALONE]
    await asyncio.gather(*(lane([group for group in beside if group.lane == number]) for number in (0, 1)))
    await lane([group for group in groups if group in ALONE])
    return results


async def _pytest(group: Group, environment: dict[str, str], console: Console) -> int:
    namespace = "test_" + group.name.replace("/", "_")
    process = await asyncio.create_subprocess_exec(
        group.python, "-m", "pytest", str(group.folder), "-q", "--color=no", "-p", "no:cacheprovider",
        cwd=REPOSITORY,
        env={**os.environ, **environment, "DOORSTEP_NAMESPACE": namespace},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=2**20,
    )  # fmt: skip
    assert process.stdout
    try:
        while line := await process.stdout.readline():
            console.line(group.name, line.decode(errors="replace").rstrip())
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            process.terminate()
        raise
    return await process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(run_tests(LocalSettings.from_environment(), sys.argv[1:])))
