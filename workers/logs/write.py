"""Lines in from RabbitMQ, entries into MongoDB: many at a time, each once."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pika
import structlog
from pika.adapters.blocking_connection import BlockingChannel
from pymongo.errors import PyMongoError

from workers.chassis import broker
from workers.chassis.broker import Names
from workers.chassis.facts import Refused
from workers.chassis.identity import TOKEN_HEADER
from workers.chassis.loop import Stop
from workers.logs import metrics
from workers.logs.batch import Batch, Tellers
from workers.logs.store import LogStore
from workers.logs.tail import Tail

PREFETCH = 100
"""batches that are kept with one command"""
WAIT = 0.2
"""seconds that a batch waits for others"""
QUEUE_BYTES = 64 * 1024 * 1024
"""that wait on the broker while nobody writes; then the oldest go"""
CUT_EVERY = 60.0
"""seconds between two looks at the size of it all"""

log = structlog.get_logger("logs")


class MongoAway(OSError):
    """
    MongoDB cannot be written to.

    An `OSError`, so that what is in hand goes back to the broker, and the loop begins again after a pause.
    """


def declare(channel: BlockingChannel, names: Names) -> str:
    """The exchange of lines, and the queue of whoever keeps them. Harmless to repeat."""
    queue = names.queue("logs")
    broker.declare_log_lines(channel, names)
    # Lines are not worth a quorum: while nobody writes them down the oldest may go.
    limits = {"x-max-length-bytes": QUEUE_BYTES, "x-overflow": "drop-head"}
    channel.queue_declare(queue, durable=True, arguments=limits)
    channel.queue_bind(queue, names.log_lines)
    return queue


@dataclass
class Writer:
    """Keeps lines."""

    names: Names
    store: LogStore
    tail: Tail
    tellers: Tellers
    most_bytes: int
    _cut_at: float = field(default=0.0, init=False)

    def read(self, channel: BlockingChannel, stop: Stop) -> None:
        """Keep what comes until somebody asks to stop."""
        queue = declare(channel, self.names)
        channel.basic_qos(prefetch_count=PREFETCH)
        connected_since = datetime.now(UTC)
        try:
            kept = self.store.kept_for()
            log.info("keeping", queue=queue, for_days=kept.days)
            waiting: list[tuple[pika.BasicProperties, bytes]] = []
            last, since = 0, time.monotonic()
            for method, properties, body in channel.consume(queue, inactivity_timeout=WAIT):
                if method is not None:
                    waiting.append((properties, body))
                    last = method.delivery_tag
                is_due = method is None or len(waiting) >= PREFETCH or time.monotonic() - since >= WAIT
                if is_due:
                    self._keep(waiting, connected_since, kept)
                    if waiting:
                        channel.basic_ack(last, multiple=True)
                    waiting, since = [], time.monotonic()
                if stop.asked and not waiting:
                    return
        except PyMongoError as problem:
            raise MongoAway(repr(problem)[:300]) from problem

    def _keep(self, messages: list[tuple[pika.BasicProperties, bytes]], connected_since: datetime, kept: Any) -> None:
        now = datetime.now(UTC)
        batches = [batch for properties, body in messages if (batch := self._believed(properties, body, now))]
        documents = [entry.document for batch in batches for entry in batch.entries(now, kept=kept)]
        self.store.add(documents)
        for document in documents:
            metrics.ENTRIES.labels(document["service"], document["level"]).inc()
        self.tail.add(documents)
        self.store.heard(batches, now, connected_since=connected_since)
        if time.monotonic() >= self._cut_at:
            more = self.store.cut(self.most_bytes)
            self._cut_at = time.monotonic() + (0 if more else CUT_EVERY)

    def _believed(self, properties: pika.BasicProperties, body: bytes, now: datetime) -> Batch | None:
        try:
            batch = Batch.from_fact(body)
            self.tellers.check((properties.headers or {}).get(TOKEN_HEADER), batch.service, now)
        except Refused as refused:
            # Not into the dead letters: whoever forges lines could fill them.
            log.error("lines refused", reason=str(refused)[:500])
            metrics.REFUSED.inc()
            return None
        return batch
