"""Which topics a fact has news for."""

from collections.abc import Callable

from workers.chassis.facts import Heard

TopicsOf = Callable[[Heard], tuple[str, ...]]

REVIEW_QUEUE = "review_queue"


def match_task(heard: Heard) -> tuple[str, ...]:
    """Whoever watches the task."""
    heard.text("status")
    return (f"match_task.{heard.text('matchTaskId')}",)


def reviewed_task(heard: Heard) -> tuple[str, ...]:
    """Whoever watches the task, and whoever works the review queue."""
    return (*match_task(heard), REVIEW_QUEUE)


def match_batch(heard: Heard) -> tuple[str, ...]:
    """Whoever watches the batch."""
    _carries_counts(heard, "total", "done", "matched", "inReview", "new", "failed", "rejected")
    return (f"match_batch.{heard.text('batchId')}",)


def address_import(heard: Heard) -> tuple[str, ...]:
    """Whoever watches the import."""
    _carries_counts(heard, "total", "done", "added", "changed", "unchanged", "rejected")
    return (f"address_import.{heard.text('importId')}",)


def discount_claim(heard: Heard) -> tuple[str, ...]:
    """Whoever watches the claim."""
    heard.text("status")
    return (f"discount_claim.{heard.text('claimId')}",)


def letters(heard: Heard) -> tuple[str, ...]:
    """Whoever watches the letters of a subscriber."""
    heard.text("notificationId")
    heard.text("kind")
    return (f"letters.{heard.text('subscriberId')}",)


def _carries_counts(heard: Heard, *names: str) -> None:
    """Refuse what a watching client could not be shown."""
    heard.text("status")
    for name in names:
        heard.number(name)


TOPICS: dict[str, TopicsOf] = {
    "address.matched.v1": match_task,
    "address.review_requested.v1": reviewed_task,
    "address.review_resolved.v1": reviewed_task,
    "address.match_failed.v1": match_task,
    "batch.progressed.v1": match_batch,
    "batch.finished.v1": match_batch,
    "import.progressed.v1": address_import,
    "voucher.issued.v1": discount_claim,
    "discount.refused.v1": discount_claim,
    "letter.sent.v1": letters,
    "letter.failed.v1": letters,
}
"""every fact that is heard here, and the topics it is news for"""

_TOLD_BY = {
    "address": "matching",
    "batch": "matching",
    "import": "addresses",
    "discount": "discounts",
    "voucher": "discounts",
    "letter": "notifications",
}

TELLERS = {type: _TOLD_BY[type.split(".")[0]] for type in TOPICS}
"""every fact that is heard here, and the service that may tell it"""
