"""
The updates of a topic: snapshot, then what was missed, then what comes.

The order of the steps is what makes it safe: join the wake-ups first, read after. Whatever is written between the two
is read, whatever is written later wakes us, and a wake-up that gets lost is made good by reading again.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import structlog
from graphql import GraphQLError
from redis.exceptions import RedisError

from realtime.live_results.streams import Streams
from realtime.live_results.update import BEGINNING, Update
from realtime.live_results.wake_ups import WakeUps

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

JUST_JOINED = 0.1
"""seconds after which a new watcher reads once more: Redis may have taken our joining after our first reading"""


@dataclass(frozen=True)
class Pace:
    """How patient a watcher is."""

    read_again_after: float
    """seconds between readings when nothing wakes us"""
    redis_patience: float
    """seconds Redis may be away before the subscription ends with an error"""


class LiveUpdatesUnavailable(GraphQLError):
    """Redis has been away for too long; the client knows where to go on."""

    def __init__(self, position: str) -> None:
        super().__init__(
            f'live updates are not available at the moment; subscribe again with after: "{position}" and nothing is lost',
            extensions={"code": "LIVE_UPDATES_UNAVAILABLE", "after": position},
        )


@dataclass(frozen=True)
class _Position:
    """The last update a watcher knows."""

    id: str
    number: int


_START = _Position(BEGINNING, 0)


async def updates_of(
    topic: str,
    *,
    after: str | None,
    streams: Streams,
    wake_ups: WakeUps,
    pace: Pace,
    unheard_of: Update | None = None,
    snapshot_first: bool = True,
) -> AsyncGenerator[Update, None]:
    """
    Every update of a topic once, in order, for as long as somebody listens.

    `unheard_of` stands in for the snapshot of a topic that has none yet. With `snapshot_first` off, somebody without
    `after` gets only what comes from now on.
    """
    async with wake_ups.watching(topic) as woken:
        position, first = await _patiently(pace, after or BEGINNING, _where_to_begin, streams, topic, after)
        if after is None and first is None:
            first = unheard_of
        if first and (snapshot_first or after is not None):
            yield first

        wait = JUST_JOINED
        while True:
            # Cleared before reading: what is written from here on sets it again.
            woken.clear()
            page = await _patiently(pace, position.id, streams.following, topic, position.id)
            for update in page:
                if _some_are_missing(position, update):
                    latest = await _patiently(pace, position.id, streams.latest, topic)
                    if latest is not None:
                        yield latest
                        position = _Position(latest.id, latest.number)
                    break
                yield update
                position = _Position(update.id, update.number)
            if page:
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), wait)
            await wake_ups.join(topic)
            wait = pace.read_again_after


async def _where_to_begin(streams: Streams, topic: str, after: str | None) -> tuple[_Position, Update | None]:
    """The place to read on from, and the snapshot when the client has to be given one."""
    if after == BEGINNING:
        return _START, None
    if after is not None:
        if seen := await streams.exactly(topic, after):
            return _Position(seen.id, seen.number), None
        first = await streams.first(topic)
        if first is None or (first.number == 1 and _is_earlier(after, first.id)):
            # What the client saw has expired as a whole; everything there is now came later.
            return _START, None
    latest = await streams.latest(topic)
    return (_Position(latest.id, latest.number), latest) if latest else (_START, None)


def _some_are_missing(position: _Position, update: Update) -> bool:
    """Whether the stream dropped updates between the two; number 1 begins a stream anew after it expired."""
    return update.number not in (position.number + 1, 1)


def _is_earlier(one: str, other: str) -> bool:
    return tuple(map(int, one.split("-"))) < tuple(map(int, other.split("-")))


async def _patiently(
    pace: Pace, position: str, read: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Read, and read again while Redis is away, until patience ends."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + pace.redis_patience
    pause = 0.05
    while True:
        try:
            return await read(*args, **kwargs)
        except (RedisError, OSError) as problem:
            log.warning("redis does not answer", problem=str(problem) or type(problem).__name__)
            if clock() + pause > deadline:
                raise LiveUpdatesUnavailable(position) from problem
        await asyncio.sleep(pause)
        pause = min(pause * 2, 1.0)
