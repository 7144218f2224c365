"""The tasks of this worker, and when they are tried again."""

from typing import Any

import structlog
from celery import Task
from pymongo.errors import PyMongoError

from workers.chassis.celery import make_app
from workers.notifications import wiring
from workers.notifications.listener import write_when_still_in_review
from workers.notifications.metrics import LETTERS
from workers.notifications.send_letter import NotNow, send_letter

log = structlog.get_logger("letters")

app = make_app(wiring.SERVICE, ["notifications"])

LONGEST_PAUSE = 900


def pause_before(retry: int) -> int:
    """Seconds before a try: each pause twice the one before."""
    return int(min(2 * 2**retry, LONGEST_PAUSE))


@app.task(bind=True, name="notifications.send_letter", max_retries=None)  # type: ignore[untyped-decorator]
def send_letter_task(task: "Task[Any, Any]", notification_id: str) -> None:
    """Send one letter."""
    retries = task.request.retries
    try:
        send_letter(
            notification_id,
            notifications=wiring.notifications(),
            post=wiring.post(),
            sender=wiring.sender(),
            patience=wiring.patience(),
        )
    except NotNow as later:
        if retries + 1 >= wiring.tries() and later.seconds is None:
            wiring.notifications().give_up(notification_id, later.reason)
            LETTERS.labels("given_up").inc()
            log.error("letter given up", notification_id=notification_id, problem=later.reason)
            return
        log.warning("letter comes again", notification_id=notification_id, problem=later.reason)
        raise task.retry(countdown=later.seconds or pause_before(retries)) from later
    except PyMongoError as problem:
        # Also after the letter was sent: the next try finds SENDING, and calls it unknown rather than sending again.
        log.warning("database away", notification_id=notification_id, problem=repr(problem))
        raise task.retry(countdown=pause_before(retries)) from problem


@app.task(bind=True, name="notifications.look_again", max_retries=None)  # type: ignore[untyped-decorator]
def look_again_task(task: "Task[Any, Any]", match_task_id: str) -> None:
    """Write to whoever is still waiting for a review."""
    try:
        write_when_still_in_review(
            match_task_id,
            recipients=wiring.recipients(),
            notifications=wiring.notifications(),
            send_letter=send_letter_task.delay,
        )
    except PyMongoError as problem:
        raise task.retry(countdown=pause_before(task.request.retries)) from problem
