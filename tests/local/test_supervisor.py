"""Processes are started, watched, started again, and stopped together."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from docker.local.console import Console
from docker.local.leftovers import Leftovers
from docker.local.process import Process
from docker.local.supervisor import NotReady, Supervisor

WRITES_AND_WAITS = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text('here'); time.sleep(600)"
IGNORES_SIGTERM = "import signal, pathlib, sys, time; signal.signal(15, signal.SIG_IGN); pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"


def supervisor(state: Path) -> Supervisor:
    return Supervisor(Console(["p"], colour=False), Leftovers(state))


def waiting(file: Path, code: str = WRITES_AND_WAITS, **options: float) -> Process:
    async def ready() -> bool:
        return file.exists()

    return Process("p", (sys.executable, "-c", code, str(file)), ready=ready, **options)  # type: ignore[arg-type]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_process_is_ready_when_it_says_so_and_gone_when_stopped(tmp_path: Path) -> None:
    running = supervisor(tmp_path)
    await running.start([waiting(tmp_path / "mark")], patience=10)
    pid = running.pid("p")
    assert pid
    assert alive(pid)

    await running.stop()

    assert not alive(pid)


async def test_a_killed_process_is_started_again(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    running = supervisor(tmp_path)
    await running.start([waiting(mark)], patience=10)
    former = running.pid("p")
    assert former
    mark.unlink()

    os.killpg(former, signal.SIGKILL)

    async with asyncio.timeout(10):
        while not mark.exists():
            await asyncio.sleep(0.02)
    assert running.pid("p") != former
    await running.stop()


async def test_one_that_does_not_stop_is_killed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    running = supervisor(tmp_path)
    await running.start([waiting(tmp_path / "mark", IGNORES_SIGTERM, stop_seconds=0.2)], patience=10)

    await running.stop()

    assert "killing it" in capsys.readouterr().out
    assert running.pid("p") is None


async def test_one_that_never_gets_ready_is_named(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    running = supervisor(tmp_path)
    with pytest.raises(NotReady, match="slow"):
        await running.start([Process("slow", ("sleep", "600"), ready=never)], patience=0.1)
    await running.stop()


async def test_a_preparation_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="prepare it failed with exit code 3"):
        await supervisor(tmp_path).run_once([Process("prepare it", ("sh", "-c", "exit 3"))])


async def test_the_next_start_ends_what_a_killed_runner_left(tmp_path: Path) -> None:
    left = await asyncio.create_subprocess_exec("sleep", "600", start_new_session=True)
    Leftovers(tmp_path).note(left.pid)

    ended = Leftovers(tmp_path).end(patience=5)

    assert ended == [left.pid]
    assert await left.wait() == -signal.SIGTERM


async def test_another_process_with_a_noted_number_is_let_alone(tmp_path: Path) -> None:
    other = await asyncio.create_subprocess_exec("sleep", "600", start_new_session=True)
    (tmp_path / "processes.json").write_text(f'{{"{other.pid}": 1}}')

    assert Leftovers(tmp_path).end() == []
    assert alive(other.pid)
    other.kill()
    await other.wait()
