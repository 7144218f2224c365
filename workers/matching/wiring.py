"""What matching is made of in production."""

from functools import cache

from workers.chassis import mongo
from workers.matching import settings
from workers.matching.batch_store import BatchStore
from workers.matching.index.mongo import MongoIndex
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
def index() -> MongoIndex:
    """Known addresses."""
    return MongoIndex(mongo.database(settings.SERVICE))
