"""The background half of matching. Every setting it has is on this page."""

from pathlib import Path

from workers.chassis.env import Env
from workers.matching.matcher import Thresholds

SERVICE = "matching"

env = Env(SERVICE)

TASK_QUEUE = "matching"
BATCH_QUEUE = "batches"


def thresholds() -> Thresholds:
    """From which probability on an address is a match, or worth a person's look; written in percent."""
    default = Thresholds()
    return Thresholds(
        match=env.number("MATCH_PERCENT", round(default.match * 100)) / 100,
        review=env.number("REVIEW_PERCENT", round(default.review * 100)) / 100,
    )


def most_tries() -> int:
    """How often a task is tried that fails for a reason of its own."""
    return env.number("TASK_TRIES", 4)


def index_folder() -> Path | None:
    """Where the snapshots are that all workers of a machine share; without it every question goes to MongoDB."""
    folder = env.text("INDEX_FOLDER", "")
    return Path(folder) if folder else None
