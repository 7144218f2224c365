"""Use case: look at all services, open and clear alerts, and call who is to know."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from pymongo.errors import PyMongoError

from workers.chassis.loop import Stop
from workers.logs import metrics
from workers.logs.alerts import Alerts
from workers.logs.look import Look
from workers.logs.rules import Judge, Reading, Rule
from workers.logs.webhook import NotTaken, Webhook

CALLS_AT_A_TIME = 20

log = structlog.get_logger("alerts")


@dataclass
class Watcher:
    """What one look does."""

    look: Look
    judge: Judge
    alerts: Alerts
    webhook: Webhook | None
    patience: timedelta
    """so long lines must have come all the time, before anybody's silence is their own"""

    def look_once(self, now: datetime) -> None:
        """Judge what is read, and tell of what has changed."""
        is_open = self.alerts.open_ones()
        readings, judged = self._readings(now)
        for reading in self.judge.opened(readings, frozenset(is_open)):
            if self.alerts.open(reading, now):
                log.warning("alert opened", rule=reading.rule.value, of=reading.service, why=reading.text)
        self.alerts.go_on({one.key: one for one in readings if one.key in is_open})
        read = {one.key for one in readings}
        in_view = frozenset(key for key in is_open if key in read or key.split(" ")[0] in judged)
        for key in self.judge.cleared(readings, in_view):
            if self.alerts.clear(is_open[key], now):
                log.info("alert cleared", alert=key)
        metrics.ALERTS.clear()
        for key in self.alerts.open_ones():
            rule, service, *_ = key.split(" ")
            metrics.ALERTS.labels(rule, service).inc()

    def call(self, now: datetime) -> None:
        """Call the webhook about what it has not taken yet."""
        for _ in range(CALLS_AT_A_TIME if self.webhook else 0):
            call = self.alerts.next_call(now)
            if call is None or self.webhook is None:
                return
            try:
                self.webhook.call(call)
            except NotTaken as problem:
                comes_again = self.alerts.not_called(call, str(problem), now)
                metrics.CALLS.labels("refused").inc()
                log.warning("webhook not called", delivery=call["id"], problem=str(problem), comes_again=comes_again)
            else:
                self.alerts.called(call)
                metrics.CALLS.labels("taken").inc()
                log.info("webhook called", delivery=call["id"])

    def _readings(self, now: datetime) -> tuple[list[Reading], frozenset[str]]:
        """What is read, and the rules that can be judged by it."""
        # While lines do not come nothing is known of anybody: neither that it is silent nor that it is well.
        writer, since = self.look.writer(now), self.look.heard_since(now)
        of_writer = [writer] if writer else []
        if since is None:
            return of_writer, frozenset()
        readings = [*of_writer, *self.look.readings(now)]
        if now - since < self.patience:
            return readings, frozenset(Rule) - {Rule.SILENCE}
        # Only who was not heard while everybody could be is silent.
        readings += [one for one in self.look.silences(now) if writer is None or one.key != writer.key]
        return readings, frozenset(Rule)


def watch_until(stop: Stop, watcher: Watcher, *, every: float) -> None:
    """Look now and then, until somebody asks to stop."""
    log.info("watching", every=every)
    while not stop.asked:
        now = datetime.now(UTC)
        try:
            watcher.look_once(now)
            watcher.call(now)
        except PyMongoError as problem:
            log.warning("database away", problem=repr(problem)[:300])
        stop.wait(every)
    log.info("stopped")
