"""Which topics a fact has news for."""

from collections.abc import Callable, Mapping
from typing import Any

TopicsOf = Callable[[Mapping[str, Any]], tuple[str, ...]]

REVIEW_QUEUE = "review_queue"


def match_task(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Whoever watches the task."""
    return (f"match_task.{data['matchTaskId']}",)


def reviewed_task(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Whoever watches the task, and whoever works the review queue."""
    return (*match_task(data), REVIEW_QUEUE)


def match_batch(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Whoever watches the batch."""
    return (f"match_batch.{data['batchId']}",)


def address_import(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Whoever watches the import."""
    return (f"address_import.{data['importId']}",)


TOPICS: dict[str, TopicsOf] = {
    "address.matched.v1": match_task,
    "address.review_requested.v1": reviewed_task,
    "address.review_resolved.v1": reviewed_task,
    "address.match_failed.v1": match_task,
    "batch.progressed.v1": match_batch,
    "batch.finished.v1": match_batch,
    "import.progressed.v1": address_import,
}
"""every fact that is heard here, and the topics it is news for"""
