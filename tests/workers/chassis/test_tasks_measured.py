"""The children of a Celery worker do the work, its first process tells Prometheus of it."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workers.scraped import free_port, scraped
from tests.workers.servers import Server, eventually

SEND = "from workers.suggestions.tasks import thank_reader_task as task; [task.delay('nothing') for _ in range({})]"
REFUSED = 'worker_task_seconds_count{outcome="refused",task="suggestions.thank_reader"}'
FAILED = 'worker_task_seconds_count{outcome="failed",task="suggestions.thank_reader"}'
WAITED = 'worker_task_waited_seconds_count{task="suggestions.thank_reader"}'
SECONDS = 'worker_task_waited_seconds_sum{task="suggestions.thank_reader"}'


@pytest.fixture
def worker(server: Server, tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The process and the port of a worker with two children, which found what an earlier run left behind."""
    port = free_port()
    (tmp_path / "counter_1.db").write_bytes(b"left behind by a process that is no more")
    process = server.process(
        *("-m", "celery", "-A", "workers.suggestions.tasks", "worker", "-Q", f"{server.namespace}.tasks.suggestions"),
        *("-c", "2", "-l", "WARNING"),
        METRICS=f"127.0.0.1:{port}",
        PROMETHEUS_MULTIPROC_DIR=str(tmp_path),
    )
    yield process.pid, port
    process.terminate()
    process.wait(20)


def send(server: Server, count: int) -> None:
    sender = server.process("-c", SEND.format(count))
    assert sender.wait(30) == 0, sender.stdout and sender.stdout.read()


def children(parent: int) -> list[int]:
    """The processes beneath this one."""
    return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def test_what_all_children_did_is_one_number_that_outlives_them(server: Server, worker: tuple[int, int]) -> None:
    parent, port = worker
    eventually(lambda: "process_cpu_seconds_total" in scraped(port), within=30)
    assert scraped(port)[FAILED] == 0  # before any has: an alert sees the first one rise
    send(server, 6)
    eventually(lambda: scraped(port).get(REFUSED) == 6)
    assert scraped(port)[WAITED] == 6
    assert 0 < scraped(port)[SECONDS] < 60

    before = children(parent)
    assert len(before) == 2
    for child in before:
        os.kill(child, signal.SIGKILL)
    send(server, 3)

    eventually(lambda: scraped(port).get(REFUSED) == 9, within=30)
    assert set(children(parent)).isdisjoint(before)
