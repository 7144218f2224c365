"""What matching is made of in production."""

from functools import cache

from workers.chassis import mongo
from workers.matching import settings
from workers.matching.batch_store import BatchStore
from workers.matching.duplicate_store import DuplicateStore
from workers.matching.index import Index
from workers.matching.index.live import LiveIndex
from workers.matching.index.mongo import MongoIndex
from workers.matching.index.suggest import Suggestions
from workers.matching.task_store import TaskStore


@cache
def tasks() -> TaskStore:
    """Single matches."""
    return TaskStore(mongo.database(settings.SERVICE))


@cache
def batches() -> BatchStore:
    """Files of addresses."""
    return BatchStore(mongo.database(settings.SERVICE))


@cache
def duplicates() -> DuplicateStore:
    """Searches for duplicates."""
    return DuplicateStore(mongo.database(settings.SERVICE))


@cache
def store() -> MongoIndex:
    """Known addresses as they are recorded."""
    return MongoIndex(mongo.database(settings.SERVICE))


@cache
def live_index() -> LiveIndex | None:
    """Known addresses in files and memory, followed from the first use on; ``None`` where no folder is set."""
    folder = settings.index_folder()
    if folder is None:
        return None
    live = LiveIndex(folder, store())
    live.follow()
    return live


def suggestions() -> Suggestions | None:
    """What fits a text; ``None`` where no folder is set."""
    live = live_index()
    if live is None:
        return None
    suggestions = Suggestions(lambda: live.mapped)
    live.before_it_is_searched = suggestions.catch_up
    return suggestions


def index() -> Index:
    """Where to look for known addresses."""
    return live_index() or store()
