"""Use case: a fact becomes an update of each topic it has news for."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import structlog
from redis import exceptions

from workers.chassis.broker import Backoff
from workers.chassis.facts import Heard
from workers.live_updates.topics import TOPICS

log = structlog.get_logger("updates")


class Streams(Protocol):
    """Where updates are kept."""

    def append(self, topic: str, fact: Mapping[str, Any]) -> bool:
        """Keep what the fact says; say whether somebody should be woken for it."""
        ...


class RedisAway(OSError):
    """
    Redis has been away for too long.

    An `OSError`, so that the listener leaves the fact with the broker: it comes again in its place. Taking turns with
    the facts behind it would turn the order of the updates round.
    """


def add_update(
    heard: Heard,
    *,
    streams: Streams,
    wake: Callable[[str], None],
    pause: Callable[[float], bool],
    patience: float = 30,
) -> None:
    """
    Append the fact to the streams of its topics, and wake whoever watches them.

    :param pause: waits this many seconds and says whether the process was asked to stop
    :param patience: seconds to wait for Redis before the fact is left for later
    """
    for topic in TOPICS[heard.type](heard):
        if _appended(topic, heard.envelope, streams, pause, patience):
            wake(topic)


def _appended(
    topic: str, fact: Mapping[str, Any], streams: Streams, pause: Callable[[float], bool], patience: float
) -> bool:
    backoff = Backoff(longest=2)
    waited = 0.0
    while True:
        try:
            return streams.append(topic, fact)
        except (exceptions.ConnectionError, exceptions.TimeoutError) as problem:
            seconds = backoff.next()
            waited += seconds
            log.warning("redis away", problem=repr(problem), next_try_in=seconds)
            if waited > patience or pause(seconds):
                raise RedisAway(str(problem)) from problem
