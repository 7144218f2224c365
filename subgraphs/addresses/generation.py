"""A number in Redis that grows with every change of the register: whoever remembers answers puts it into the key."""

import structlog
from django.conf import settings
from django_redis import get_redis_connection
from redis.exceptions import RedisError

log = structlog.get_logger("register")


def generation() -> int | None:
    """The present generation, ``None`` when Redis does not answer."""
    try:
        return int(get_redis_connection("default").get(_key()) or 0)
    except RedisError as problem:
        log.warning("generation unknown", problem=repr(problem))
        return None


def register_has_changed() -> None:
    """Begin a new generation; after the change is committed, never before."""
    try:
        get_redis_connection("default").incr(_key())
    except RedisError as problem:
        # What is remembered lives for seconds; no reason to refuse a change that is already made.
        log.warning("generation not raised", problem=repr(problem))


def ping() -> None:
    """Raise what is wrong when Redis does not answer."""
    get_redis_connection("default").ping()


def _key() -> str:
    return f"{settings.NAMESPACE}:register_generation"
