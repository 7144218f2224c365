"""The entrance through Celery, and when a task is tried again."""

from typing import Any

import structlog
from celery import Task
from celery.exceptions import Reject
from pymongo.errors import PyMongoError

from workers.chassis.celery import make_app
from workers.suggestions import wiring
from workers.suggestions.thank_reader import NoSuchSuggestion, thank_reader

log = structlog.get_logger("suggestions")

app = make_app(wiring.SERVICE, ["suggestions"])

LONGEST_PAUSE = 300


def pause_before(retry: int) -> int:
    """Seconds before a try: each pause twice the one before."""
    return int(min(2**retry, LONGEST_PAUSE))


@app.task(bind=True, name="suggestions.thank_reader", max_retries=None)  # type: ignore[untyped-decorator]
def thank_reader_task(task: "Task[Any, Any]", suggestion_id: str) -> None:
    """Thank for one suggestion."""
    try:
        thank_reader(suggestion_id, suggestions=wiring.suggestions())
    except NoSuchSuggestion as nobody:
        log.error("task refused", reason=str(nobody))
        # Rejected messages go to the dead letters with everything they carry.
        raise Reject(str(nobody), requeue=False) from nobody
    except PyMongoError as problem:
        log.warning("database away", suggestion_id=suggestion_id, problem=repr(problem))
        raise task.retry(countdown=pause_before(task.request.retries)) from problem
