"""The Celery tasks: when to try again, and when to give up. What to do is in the use cases."""

import contextlib
from collections.abc import Callable
from typing import Any

import celery
import pymongo
import pymongo.errors
from celery import signals

from workers.chassis.celery import make_app, task_queue
from workers.matching import settings, wiring
from workers.matching.find_duplicates import find_duplicates
from workers.matching.match_batch_chunk import give_up_chunk, match_batch_chunk
from workers.matching.match_submission import give_up, match_submission
from workers.matching.ready import get_ready

CHUNKS_AT_ONCE = 200
"""how many chunks of a batch are enqueued before the next ones are looked at"""

_ROUTES = {
    "matching.match_submission": settings.TASK_QUEUE,
    "matching.begin_match_batch": settings.BATCH_QUEUE,
    "matching.match_batch_chunk": settings.BATCH_QUEUE,
    "matching.find_duplicates": settings.BATCH_QUEUE,
}

app = make_app(
    settings.SERVICE,
    [settings.TASK_QUEUE, settings.BATCH_QUEUE],
    task_routes={name: {"queue": task_queue(settings.SERVICE, queue)} for name, queue in _ROUTES.items()},
)


@app.task(name="matching.match_submission", bind=True, max_retries=None)
def match_submission_task(self: celery.Task, task_id: str) -> None:
    """Match one address."""

    def attempt() -> None:
        match_submission(task_id, tasks=wiring.tasks(), index=wiring.index(), thresholds=settings.thresholds())

    _try(self, attempt, lambda problem: give_up(task_id, problem, tasks=wiring.tasks()))


@app.task(name="matching.begin_match_batch", bind=True, max_retries=None)
def begin_match_batch_task(self: celery.Task, batch_id: str, attempt: int, first: int = 0) -> None:
    """Enqueue the chunks of a batch, some at a time."""

    def begin() -> None:
        batch = wiring.batches().begin(batch_id, attempt)
        if batch is None:
            return
        finished, beyond = set(batch["finishedChunks"]), min(first + CHUNKS_AT_ONCE, batch["chunks"])
        for chunk in range(first, beyond):
            if chunk not in finished:
                match_batch_chunk_task.delay(batch_id, chunk, attempt)
        if beyond < batch["chunks"]:
            begin_match_batch_task.delay(batch_id, attempt, beyond)
        elif len(finished) >= batch["chunks"]:
            wiring.batches().finish_empty(batch_id, attempt)

    _try(self, begin, None)


@app.task(name="matching.match_batch_chunk", bind=True, max_retries=None)
def match_batch_chunk_task(self: celery.Task, batch_id: str, chunk: int, attempt: int) -> None:
    """Match the rows of one chunk."""
    batches = wiring.batches()

    def match() -> None:
        match_batch_chunk(
            batch_id, chunk, attempt, batches=batches, index=wiring.index(), thresholds=settings.thresholds()
        )

    _try(self, match, lambda problem: give_up_chunk(batch_id, chunk, attempt, problem, batches=batches))


@app.task(name="matching.find_duplicates", bind=True, max_retries=None)
def find_duplicates_task(self: celery.Task, search_id: str) -> None:
    """Compare some addresses with the others of the register, and leave the next ones to another task."""
    duplicates = wiring.duplicates()

    def find() -> None:
        if find_duplicates(search_id, duplicates=duplicates, index=wiring.index(), thresholds=settings.thresholds()):
            find_duplicates_task.delay(search_id)

    _try(self, find, lambda problem: duplicates.give_up(search_id, problem))


@signals.worker_process_init.connect
def warm_up(**_: Any) -> None:
    """Read the tables and meet the store before the first task waits for it; without a store, go on."""
    with contextlib.suppress(pymongo.errors.PyMongoError), pymongo.timeout(2):
        get_ready(wiring.index())


class CeleryQueue:
    """Where the listener leaves its tasks."""

    def match_submission(self, task_id: str) -> None:
        """Match one address."""
        match_submission_task.delay(task_id)

    def begin_match_batch(self, batch_id: str, attempt: int) -> None:
        """Enqueue the chunks of a batch."""
        begin_match_batch_task.delay(batch_id, attempt)

    def find_duplicates(self, search_id: str) -> None:
        """Begin to compare the addresses of the register with one another."""
        find_duplicates_task.delay(search_id)


def _try(task: celery.Task, attempt: Callable[[], None], give_up: Callable[[str], Any] | None) -> None:
    """Run an attempt; let it come again later when it fails, and give up when the fault is its own."""
    tries = task.request.retries + 1
    wait = min(60, 2 ** min(tries - 1, 6))
    try:
        try:
            attempt()
        except pymongo.errors.ConnectionFailure:
            raise
        except Exception as problem:
            if give_up is None or tries < settings.most_tries():
                raise
            give_up(f"{problem.__class__.__name__}: {problem}")
    except Exception as problem:
        # The store may be away for as long as it likes: that is no fault of the task.
        raise task.retry(exc=problem, countdown=wait) from problem
