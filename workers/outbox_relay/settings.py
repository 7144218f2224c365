"""The outbox relay. Every setting it has is on this page."""

from workers.chassis.env import Env

env = Env("OUTBOX_RELAY")

OUTBOXES: dict[str, tuple[str, ...]] = {
    "subscribers": ("subscribers",),
    "addresses": ("outbox", "import_chunks", "address_imports"),
    "matching": ("match_tasks", "match_batches", "duplicate_searches"),
    "notifications": ("outbox", "notifications"),
    "discounts": ("discount_claims",),
    "suggestions": ("suggestions",),
    "logs": ("alerts",),
}
"""service → the collections of its database whose documents may hold facts"""

EMPTIED = "outbox"
"""documents of a collection with this name are only an outbox: they go when they are empty"""


def poll_seconds() -> int:
    """How often the outboxes are looked at even when the change stream says nothing."""
    return env.number("POLL_SECONDS", 5)


def token_seconds() -> int:
    """How long a listener may be away and still hear what was told meanwhile."""
    return env.number("TOKEN_SECONDS", 7 * 24 * 60 * 60)


def batch() -> int:
    """How many documents are read from an outbox at a time."""
    return env.number("BATCH", 200)


def services() -> list[str]:
    """The services whose facts are relayed."""
    return env.items("SERVICES", ",".join(OUTBOXES))
