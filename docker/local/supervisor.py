"""Start processes, keep them running, show what they say, stop them all."""

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress

from docker.local.console import Console
from docker.local.leftovers import Leftovers
from docker.local.process import Process, Ready
from docker.local.settings import REPOSITORY

PR_SET_PDEATHSIG = 1
LONGEST_PAUSE = 15.0
LONGEST_LINE = 2**20


class NotReady(Exception):
    """A process did not come up in time, or ended instead."""


class Supervisor:
    """
    Watches processes together.

    A process that ends by itself is started again, at once the first time and then with growing pauses: a worker that
    is killed must come back without anybody looking.
    """

    def __init__(self, console: Console, leftovers: Leftovers) -> None:
        self._console = console
        self._leftovers = leftovers
        self._watchers: list[tuple[Process, asyncio.Task[None]]] = []
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._stopping = False

    @property
    def names(self) -> list[str]:
        """Of the processes that run."""
        return list(self._running)

    def pid(self, name: str) -> int | None:
        """The process id (and group id) of a running process."""
        running = self._running.get(name)
        return running.pid if running else None

    async def start(self, processes: Sequence[Process], *, patience: float) -> None:
        """
        Start these together and wait until each is ready.

        :param patience: seconds until giving up.
        :raises NotReady: naming what is not.
        """
        for process in processes:
            self._watchers.append((process, asyncio.create_task(self._watch(process))))
        await self._all_ready(processes, patience)

    async def run_once(self, processes: Sequence[Process]) -> None:
        """
        Run these to their end, together.

        :raises NotReady: naming the one that failed.
        """
        codes = await asyncio.gather(*(self._run(process) for process in processes))
        for process, code in zip(processes, codes, strict=True):
            if code:
                raise NotReady(f"{process.name} failed with exit code {code}: see its lines above")

    async def stop(self) -> None:
        """Stop everything, the last started first, and leave nothing behind."""
        self._stopping = True
        stages: list[list[Process]] = [[], []]
        for process, _ in self._watchers:
            stages[0 if process.stop_seconds <= 10 else 1].append(process)
        for stage in stages:
            await asyncio.gather(*(self._end(process) for process in stage))
        for _, watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*(watcher for _, watcher in self._watchers), return_exceptions=True)

    async def _watch(self, process: Process) -> None:
        pause = 0.2
        while not self._stopping:
            began = time.monotonic()
            code = await self._run(process)
            if self._stopping:
                return
            pause = 0.2 if time.monotonic() - began > 30 else min(pause * 2, LONGEST_PAUSE)
            self._console.say(f"{process.name} {_how_it_ended(code)}; starting it again in {pause:.1f} s")
            await asyncio.sleep(pause)

    async def _run(self, process: Process) -> int:
        starting = asyncio.ensure_future(_started(process))
        try:
            started = await asyncio.shield(starting)
        except asyncio.CancelledError:
            # Stopped in the very moment of the start: the child must not stay behind.
            _signal_group((await starting).pid, signal.SIGKILL)
            raise
        self._running[process.name] = started
        self._leftovers.note(started.pid)
        try:
            if started.stdout:
                await self._show(process.name, started.stdout)
            code = await started.wait()
        finally:
            self._running.pop(process.name, None)
            _signal_group(started.pid, signal.SIGKILL)
            self._leftovers.forget(started.pid)
        return code

    async def _all_ready(self, processes: Sequence[Process], patience: float) -> None:
        waiting = {process.name: process.ready for process in processes if process.ready}
        deadline = time.monotonic() + patience
        while waiting:
            names = list(waiting)
            answers = await asyncio.gather(*(_asked(waiting[name]) for name in names))
            for name, answer in zip(names, answers, strict=True):
                if answer and name in self._running:
                    del waiting[name]
            if waiting and time.monotonic() > deadline:
                raise NotReady(
                    f"not ready after {patience:.0f} s: {', '.join(sorted(waiting))}; their lines above say why"
                )
            if waiting:
                await asyncio.sleep(0.2)

    async def _show(self, name: str, lines: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await lines.readline()
            except ValueError:
                # A line over the limit: its start is gone, the rest follows as lines of its own.
                continue
            if not line:
                return
            self._console.line(name, line.decode(errors="replace").rstrip())

    async def _end(self, process: Process) -> None:
        running = self._running.get(process.name)
        if not running:
            return
        _signal_group(running.pid, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(running.wait(), process.stop_seconds)
            return
        self._console.say(f"{process.name} did not stop in {process.stop_seconds:.0f} s: killing it")
        _signal_group(running.pid, signal.SIGKILL)
        await running.wait()


async def _started(process: Process) -> asyncio.subprocess.Process:
    with process.log_file.open("ab") if process.log_file else nullcontext(asyncio.subprocess.PIPE) as lines_go_to:
        return await asyncio.create_subprocess_exec(
            *process.command,
            cwd=REPOSITORY,
            env={**clean_environment(), **process.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=lines_go_to,
            stderr=asyncio.subprocess.STDOUT,
            limit=LONGEST_LINE,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )


async def _asked(ready: Ready) -> bool:
    try:
        return await ready()
    except Exception:
        # Whatever a half-started server answers, it is not ready.
        return False


def _how_it_ended(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def _die_with_parent() -> None:
    # Linux only: a child of a runner that was killed is asked to stop, even if the runner could not.
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def clean_environment() -> dict[str, str]:
    """What a process gets of ours: nothing that leads anywhere, and no secret."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "TMPDIR", "COVERAGE_PROCESS_START")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONUNBUFFERED": "1"}


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
