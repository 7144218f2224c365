"""What the relay measures: what it has told, and what waits in the outboxes for it."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import pymongo
import pymongo.errors
import structlog
from prometheus_client import Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from pymongo.collection import Collection
from pymongo.database import Database

from workers.chassis.mongo import Document

PATIENCE = 1.0
"""seconds MongoDB may take to say what waits in one outbox"""
COUNTED = 10_000
"""more than so many documents of one outbox are not counted: it is late enough to know that there are that many"""

TOLD = Counter("outbox_facts_told", "Facts that were published, by the service that tells them.", ["source", "fact"])
UNTELLABLE = Counter("outbox_facts_untellable", "Attempts to publish what can never be published.", ["source"])

log = structlog.get_logger("metrics")


class Waiting(Collector):
    """
    What waits in the outboxes, looked up whenever Prometheus asks: also while the broker is away, when it matters.

    :param outboxes: service → its database, and the collections in it whose documents may hold facts
    """

    def __init__(self, outboxes: Mapping[str, tuple[Database[Document], Sequence[str]]]) -> None:
        self._outboxes = outboxes

    def describe(self) -> Iterable[Metric]:
        """Nothing need be asked to know the names."""
        return self._families()

    def collect(self) -> Iterator[Metric]:
        """Ask each outbox; one that does not answer is left out."""
        waiting, oldest = self._families()
        for source, (database, collections) in self._outboxes.items():
            try:
                found = [_waiting(database[name]) for name in collections]
            except pymongo.errors.PyMongoError as problem:
                log.warning("outbox not looked at", source=source, problem=repr(problem))
                continue
            waiting.add_metric([source], sum(count for count, _ in found))
            oldest.add_metric([source], max(age for _, age in found))
        yield from (waiting, oldest)

    @staticmethod
    def _families() -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
        return (
            GaugeMetricFamily("outbox_waiting_documents", "Documents with facts that nobody was told yet.", labels=["source"]),
            GaugeMetricFamily("outbox_oldest_fact_age_seconds", "How long the oldest of these facts waits.", labels=["source"]),
        )  # fmt: skip


def _waiting(outbox: Collection[Document]) -> tuple[int, float]:
    unsent = {"unsent.id": {"$gt": ""}}
    with pymongo.timeout(PATIENCE):
        count = outbox.count_documents(unsent, limit=COUNTED)
        if not count:
            return 0, 0.0
        grouped = outbox.aggregate(
            [
                {"$match": unsent},
                {"$limit": COUNTED},
                {"$group": {"_id": None, "oldest": {"$min": {"$first": "$unsent.time"}}}},
            ]
        )
        oldest = [one["oldest"] for one in grouped]
    try:
        return count, max(0.0, time.time() - datetime.fromisoformat(oldest[0]).timestamp())
    except (IndexError, TypeError, ValueError):
        return count, 0.0  # told meanwhile, or no fact at all
