"""
What every worker measures of itself: facts, tasks, and how long they had to wait.

A Celery worker is several processes. Where ``PROMETHEUS_MULTIPROC_DIR`` names a folder, each of them keeps its numbers
there, and the one that was started first answers Prometheus for all. The folder belongs to one worker alone.
"""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from wsgiref.simple_server import WSGIServer

_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if _FOLDER:
    # The library opens files in it when the first metric is made, which is when the lines below are read.
    Path(_FOLDER).mkdir(parents=True, exist_ok=True)

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, Histogram  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402
from prometheus_client.process_collector import ProcessCollector  # noqa: E402

from workers.chassis.env import Env  # noqa: E402
from workers.chassis.metrics_port import serve_metrics  # noqa: E402

WORK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""seconds of work"""
WAITING = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
"""seconds in a queue"""

FACTS = Histogram(
    "worker_fact_seconds",
    "Facts that a listener worked on, by how that ended: handled, refused, again, given_up, ignored.",
    ["fact", "outcome"],
    buckets=WORK,
)
FACTS_WAITED = Histogram(
    "worker_fact_waited_seconds",
    "From the moment a fact came to be until its listener began with it for the first time.",
    ["fact"],
    buckets=WAITING,
)
FACT_IN_HAND = Gauge(
    "worker_fact_in_hand_timestamp_seconds",
    "When the fact that is being worked on came to be; 0 between two. Queues are read in order: none there is older.",
)
TASKS = Histogram(
    "worker_task_seconds",
    "Celery tasks that were run, by how that ended: done, again, refused, failed.",
    ["task", "outcome"],
    buckets=WORK,
)
TASKS_WAITED = Histogram(
    "worker_task_waited_seconds",
    "From the moment a Celery task could begin until it did.",
    ["task"],
    buckets=WAITING,
)


def serve(service: str) -> WSGIServer | None:
    """
    Let Prometheus ask this worker, where ``METRICS`` says so.

    :raises WrongSetting: when that is no place to listen at.
    """
    return serve_metrics(Env(service), _all_processes(Path(_FOLDER)) if _FOLDER else REGISTRY)


def _all_processes(folder: Path) -> CollectorRegistry:
    for left_behind in folder.glob("*.db"):
        # Of an earlier run: its numbers are not ours. A child that dies now leaves what it counted.
        if not left_behind.stem.endswith(f"_{os.getpid()}"):
            left_behind.unlink(missing_ok=True)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    ProcessCollector(registry=registry)
    return registry


def begin_at_zero(facts: Iterable[str] = (), tasks: Iterable[str] = ()) -> None:
    """
    Tell of these facts and tasks before there are any.

    Prometheus sees no rise in a number that it sees for the first time: an alert would miss the first failure.
    """
    for fact in facts:
        for outcome in ("handled", "refused", "given_up"):
            FACTS.labels(fact, outcome)
    for task in tasks:
        for outcome in ("done", "failed"):
            TASKS.labels(task, outcome)


@contextmanager
def in_hand(time_of_fact: str) -> Iterator[None]:
    """Around the work on a fact."""
    FACT_IN_HAND.set(_moment(time_of_fact) or 0)
    try:
        yield
    finally:
        FACT_IN_HAND.set(0)


def fact_waited(fact: str, time_of_fact: str) -> None:
    """A listener begins with a fact."""
    if came_to_be := _moment(time_of_fact):
        FACTS_WAITED.labels(fact).observe(max(0.0, time.time() - came_to_be))


def _moment(time_of_fact: str) -> float | None:
    try:
        return datetime.fromisoformat(time_of_fact).timestamp()
    except ValueError:
        return None
