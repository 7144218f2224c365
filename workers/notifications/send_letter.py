"""
Use case: a letter that is intended is sent, once.

SMTP cannot promise exactly once. So the document says SENDING before the server hears anything; whoever finds that
left behind by a process that died calls the outcome unknown, and a person decides.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

import structlog

from workers.notifications.envelope import CannotBeAddressed, envelope
from workers.notifications.metrics import LETTERS
from workers.notifications.post import PerhapsSent, Post, Rejected, TryLater
from workers.notifications.store import Notifications

log = structlog.get_logger("letters")

DIED = "the process that sent it ended before the outcome was known"


class NotNow(Exception):
    """The letter is to be tried again."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.seconds = seconds
        """not before so many; none: as usual"""


def send_letter(
    notification_id: str, *, notifications: Notifications, post: Post, sender: str, patience: timedelta
) -> None:
    """
    Send the letter if it is still to be sent, and record how that ended.

    :param patience: after so long without a word, whoever is sending it is taken for dead
    :raises NotNow: when it should be tried again.
    """
    letter = notifications.begin_sending(notification_id, _now())
    if letter is None:
        _look_after(notification_id, notifications, patience)
        return
    try:
        post.send(envelope(letter, sender), parseaddr(sender)[1], letter["recipient"]["email"])
    except TryLater as problem:
        notifications.put_back(letter, str(problem))
        LETTERS.labels("again").inc()
        raise NotNow(str(problem)) from problem
    except (Rejected, CannotBeAddressed) as problem:
        notifications.failed(letter, str(problem))
        LETTERS.labels("failed").inc()
        log.error("letter failed", notification_id=notification_id, problem=str(problem))
    except PerhapsSent as problem:
        notifications.unknown(letter, str(problem))
        LETTERS.labels("unknown").inc()
        log.error("letter unknown", notification_id=notification_id, problem=str(problem))
    else:
        notifications.sent(letter, _now())
        LETTERS.labels("sent").inc()
        log.info("letter sent", notification_id=notification_id, kind=letter["kind"])


def _look_after(notification_id: str, notifications: Notifications, patience: timedelta) -> None:
    """The letter is not to be sent now. If somebody is at it, see to it that it does not stay that way for ever."""
    if notifications.left_behind(notification_id, _now(), patience, DIED):
        LETTERS.labels("unknown").inc()
        log.error("letter unknown", notification_id=notification_id, problem=DIED)
        return
    found = notifications.find(notification_id)
    if found is not None and found["status"] == "SENDING":
        silent = _now() - found["sendingSince"]
        raise NotNow("somebody is sending it", max(1.0, (patience - silent).total_seconds() + 1))


def _now() -> datetime:
    return datetime.now(UTC)
