"""The tasks of this worker, and when they are tried again."""

from datetime import UTC, datetime
from typing import Any

import structlog
from celery import Task
from pymongo.errors import PyMongoError

from workers.addresses import wiring
from workers.addresses.import_chunk import import_chunk
from workers.addresses.register import RegisterKeepsChanging
from workers.chassis.celery import make_app

log = structlog.get_logger("imports")

app = make_app(wiring.SERVICE, ["addresses"])

PASSING = (PyMongoError, RegisterKeepsChanging)
"""what may be over in a moment"""
TRIES = 12
LONGEST_PAUSE = 60


class ImportTask(app.Task):  # type: ignore[name-defined,misc]
    """A task without which its import cannot end well: when it is given up, the import says so."""

    abstract = True

    def on_failure(self, exc: Exception, _task_id: str, args: Any, _kwargs: Any, _einfo: Any) -> None:
        """Say in the import that it failed, and why."""
        import_id = args[0]
        log.error("import failed", import_id=import_id, problem=repr(exc))
        wiring.imports().fail(import_id, f"{type(exc).__name__}: {exc}"[:500], datetime.now(UTC))


def pause_before(retry: int) -> int:
    """Seconds before a try: each pause twice the one before."""
    return int(min(2**retry, LONGEST_PAUSE))


@app.task(base=ImportTask, bind=True, name="addresses.begin_import", max_retries=TRIES)  # type: ignore[untyped-decorator]
def begin_import_task(task: "Task[Any, Any]", import_id: str) -> None:
    """Send a task for every chunk that is still to be done."""
    try:
        open_chunks = wiring.imports().begin(import_id)
    except PASSING as problem:
        raise task.retry(exc=problem, countdown=pause_before(task.request.retries)) from problem
    if open_chunks is None:
        log.error("import unknown", import_id=import_id)
        return
    log.info("import begins", import_id=import_id, chunks=len(open_chunks))
    for number in open_chunks:
        import_chunk_task.delay(import_id, number)


@app.task(base=ImportTask, bind=True, name="addresses.import_chunk", max_retries=TRIES)  # type: ignore[untyped-decorator]
def import_chunk_task(task: "Task[Any, Any]", import_id: str, number: int) -> None:
    """Bring one chunk into the register."""
    try:
        counted = import_chunk(
            import_id,
            number,
            imports=wiring.imports(),
            register=wiring.register(),
            register_has_changed=wiring.register_has_changed,
        )
    except PASSING as problem:
        raise task.retry(exc=problem, countdown=pause_before(task.request.retries)) from problem
    if counted:
        log.info("chunk imported", import_id=import_id, chunk=number)
