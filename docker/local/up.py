"""``make up``: the whole system, until Ctrl-C."""

import asyncio
import fcntl
import signal
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from docker.local import infrastructure, processes
from docker.local.console import Console
from docker.local.infrastructure import Infrastructure, Missing, host_and_port
from docker.local.keys import load_or_make
from docker.local.leftovers import Leftovers
from docker.local.move_tasks import move_tasks
from docker.local.ports import PortInUse, refuse_taken
from docker.local.settings import PORTS, SERVER_PORTS, LocalSettings
from docker.local.supervisor import NotReady, Supervisor

OWN_PORTS = [name for name in PORTS if name not in SERVER_PORTS]


@dataclass(frozen=True)
class RunningSystem:
    """A system that is ready."""

    settings: LocalSettings
    infrastructure: Infrastructure
    supervisor: Supervisor


class AlreadyUp(Exception):
    """Another runner uses this state folder."""


async def up(settings: LocalSettings) -> int:
    """Run the system until Ctrl-C or SIGTERM; 0 when it was stopped, 1 when it could not start."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    console = Console(["notifications listener"])
    try:
        with only_one(settings):
            await _start_and_wait(settings, console, stop)
    except (AlreadyUp, PortInUse, Missing, NotReady) as problem:
        console.plain(f"\n{problem}")
        return 1
    return 0


async def _start_and_wait(settings: LocalSettings, console: Console, stop: asyncio.Event) -> None:
    async with running_system(settings, console, stop) as system:
        if system:
            console.plain(_table(settings, system.infrastructure))
        await stop.wait()
        console.say("stopping")
    console.say("stopped; everything written is in " + str(settings.state))


@asynccontextmanager
async def running_system(
    settings: LocalSettings, console: Console, stop: asyncio.Event | None = None
) -> AsyncIterator[RunningSystem | None]:
    """
    The system, ready; stopped when left.

    :param stop: set while starting, it ends the start at once, and ``None`` is what there is.
    :raises PortInUse, Missing, NotReady: when it cannot start; what was started is stopped again.
    """
    leftovers = Leftovers(settings.state)
    settings.state.mkdir(parents=True, exist_ok=True)
    if ended := leftovers.end():
        console.say(f"ended {len(ended)} processes that an earlier run left behind")
    supervisor = Supervisor(console, leftovers)
    try:
        found = await _or_stopped(start(settings, supervisor, console), stop)
        yield RunningSystem(settings, found, supervisor) if found else None
    finally:
        await supervisor.stop()


async def start(settings: LocalSettings, supervisor: Supervisor, console: Console) -> Infrastructure:
    """Start everything in its order and wait until all of it is ready."""
    keys = load_or_make(settings.state)
    found = await infrastructure.find(settings, keys)
    refuse_taken(settings.ports, [*OWN_PORTS, *found.ports])
    names = ", ".join(process.name for process in found.processes)
    console.say(f"starting {names}" if names else "using the servers that are there")
    await supervisor.start(found.processes, patience=60)
    if any(process.name == "mongod" for process in found.processes):
        await infrastructure.prepare_mongo(settings, keys)
    if any(process.name == "rabbitmq" for process in found.processes):
        moved = await asyncio.to_thread(move_tasks, found.rabbitmq_url, settings.namespace)
        if moved:
            console.say(f"moved {moved} tasks of an earlier version to the virtual hosts of their services")
    common = processes.common_environment(settings, keys)
    console.say("preparing indexes, validators and migrations")
    await supervisor.run_once(processes.preparations(keys, common, found))
    await supervisor.run_once([processes.taking_over(keys, common, found)])
    console.say("starting the services")
    await supervisor.start(processes.services(settings, keys, common, found), patience=120)
    return found


@contextmanager
def only_one(settings: LocalSettings) -> Iterator[None]:
    """
    Keep a second runner away from the same state folder.

    The lock is the kernel's: it is gone with the process, however that ends.
    """
    settings.state.mkdir(parents=True, exist_ok=True)
    with (settings.state / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyUp(
                f"the system is already up with this state folder ({settings.state}): stop that one first, "
                "or set DOORSTEP_STATE and other ports for a second one"
            ) from None
        yield


async def _or_stopped(work: Awaitable[Infrastructure], stop: asyncio.Event | None) -> Infrastructure | None:
    task = asyncio.ensure_future(work)
    if stop is None:
        return await task
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if task.done():
        return task.result()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return None


def _table(settings: LocalSettings, found: Infrastructure) -> str:
    rows = [
        ("Application", settings.url("gateway", "/"), "the pages: subscribe, review"),
        ("GraphQL", settings.url("gateway"), "HTTP, uploads, and WebSocket (graphql-transport-ws)"),
        ("Playground", settings.url("gateway", "/graphiql"), "GraphiQL over the whole graph"),
        ("Sign in", settings.url("accounts", "/login/"), "users by role; access tokens below /o/"),
        ("Mailbox", settings.url("mailbox", "/"), "the letters that were sent"),
        ("Discounts", settings.url("monolith", "/discounts/"), "the old pages to claim a discount"),
        ("Register admin", settings.url("addresses", "/admin/"), "make admin creates a user for it"),
        ("MongoDB", host_and_port(found.mongo_url), ""),
        ("Redis", host_and_port(found.redis_url), ""),
        ("RabbitMQ", host_and_port(found.rabbitmq_url), ""),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    lines = [f"  {name:<{widths[0]}}  {where:<{widths[1]}}  {what}".rstrip() for name, where, what in rows]
    return "\n".join(
        [
            "",
            "Doorstep is up.",
            "",
            *lines,
            "",
            "In another terminal, `make demo` shows what it does, and `make token ROLE=admin` prints an access token",
            "(subscriber, reviewer, operator, admin; for people, passwords are in keys.json of the state folder).",
            'In the playground it goes under Headers: {"Authorization": "Bearer …"}.',
            "Ctrl-C stops it.",
            "",
        ]
    )
