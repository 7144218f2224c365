"""What can be watched: one async generator per live field. Each stays open until the client leaves."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Annotated, Any

import strawberry
from django.conf import settings
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig

from realtime.live_results.guards import scoped
from realtime.live_results.log_tail import OnlyLines, log_tail
from realtime.live_results.metrics import measured
from realtime.live_results.streams import streams
from realtime.live_results.types import (
    AddressImportUpdate,
    DiscountClaimUpdate,
    LetterUpdate,
    LogLevel,
    LogTailLine,
    MatchBatchUpdate,
    MatchTaskUpdate,
    ReviewQueueUpdate,
)
from realtime.live_results.update import BEGINNING, Update, is_update_id
from realtime.live_results.updates import Pace, updates_of
from realtime.live_results.wake_ups import wake_ups

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)

After = Annotated[
    str | None,
    strawberry.argument(
        description="The `updateId` seen last: what was missed since comes first, once and in order. "
        "When that is no longer kept, the latest update comes first."
    ),
]
WatchedId = Annotated[strawberry.ID, strawberry.argument(description="The id of what is watched.")]


@strawberry.type(description="What changes while you watch.")
class Subscription:
    """Snapshot first, then what comes; with `after`, what was missed, then what comes."""

    @strawberry.subscription(
        description="The task now, and again whenever it changes. One that nobody has heard of yet is `QUEUED`."
    )
    async def match_task(self, id: WatchedId, after: After = None) -> AsyncIterator[MatchTaskUpdate]:
        queued = Update(BEGINNING, 0, datetime.now(UTC), "", {"matchTaskId": id, "status": "QUEUED"})
        async with aclosing(watch(f"match_task.{checked(id)}", after, unheard_of=queued)) as updates:
            async for update in updates:
                yield MatchTaskUpdate.from_update(update)

    @strawberry.subscription(
        description="How far the batch is, and again whenever it gets further.", **scoped("batches")
    )
    async def match_batch(self, id: WatchedId, after: After = None) -> AsyncIterator[MatchBatchUpdate]:
        async with aclosing(watch(f"match_batch.{checked(id)}", after)) as updates:
            async for update in updates:
                yield MatchBatchUpdate.from_update(update)

    @strawberry.subscription(
        description="How far the import is, and again whenever it gets further.", **scoped("register:write")
    )
    async def address_import(self, id: WatchedId, after: After = None) -> AsyncIterator[AddressImportUpdate]:
        async with aclosing(watch(f"address_import.{checked(id)}", after)) as updates:
            async for update in updates:
                yield AddressImportUpdate.from_update(update)

    @strawberry.subscription(
        description="The claim now, and again when it is decided. One that nobody has heard of yet is `QUEUED`.",
        **scoped("discounts", "subscriptions:own"),
    )
    async def discount_claim(self, id: WatchedId, after: After = None) -> AsyncIterator[DiscountClaimUpdate]:
        queued = Update(BEGINNING, 0, datetime.now(UTC), "", {"claimId": id, "status": "QUEUED"})
        async with aclosing(watch(f"discount_claim.{checked(id)}", after, unheard_of=queued)) as updates:
            async for update in updates:
                yield DiscountClaimUpdate.from_update(update)

    @strawberry.subscription(
        description="What joins and leaves the review queue from now on; ask `reviewQueue` for what waits already.",
        **scoped("reviews"),
    )
    async def review_queue(self, after: After = None) -> AsyncIterator[ReviewQueueUpdate]:
        async with aclosing(watch("review_queue", after, snapshot_first=False)) as updates:
            async for update in updates:
                yield ReviewQueueUpdate.from_update(update)

    @strawberry.subscription(
        description="The log lines of all services from now on; all conditions that are given must hold. Who reads slowly loses "
        "the oldest that wait; ask `logEntries` for them.",
        **scoped("operations"),
    )
    async def log_tail(
        self,
        level: Annotated[LogLevel | None, strawberry.argument(description="At this level or above.")] = None,
        service: Annotated[str | None, strawberry.argument(description="Of this service.")] = None,
        text: Annotated[
            str | None,
            strawberry.argument(description="With this text somewhere in the line, in upper or lower case."),
        ] = None,
    ) -> AsyncIterator[LogTailLine]:
        only = OnlyLines(level.name.lower() if level else None, service, text.lower() if text else None)
        async with log_tail().watching(only) as watcher, aclosing(watcher.lines()) as lines:
            async for line in lines:
                yield LogTailLine.from_line(line)

    @strawberry.subscription(
        description="The letters to a subscriber: the latest, and each one from now on.", **scoped("subscribers:read")
    )
    async def letters(self, subscriber_id: WatchedId, after: After = None) -> AsyncIterator[LetterUpdate]:
        async with aclosing(watch(f"letters.{checked(subscriber_id)}", after)) as updates:
            async for update in updates:
                yield LetterUpdate.from_update(update)


def watch(topic: str, after: str | None, **how: Any) -> AsyncGenerator[Update, None]:
    """The updates of a topic, as this installation keeps them."""
    if after is not None and not is_update_id(after):
        raise GraphQLError(
            f"`after` is {after[:60]!r}, which is not the id of an update; hand back an `updateId` as you got it, "
            "or leave `after` out to begin with the latest",
            extensions={"code": "BAD_UPDATE_ID"},
        )
    pace = Pace(read_again_after=settings.UPDATES_READ_AGAIN_AFTER, redis_patience=settings.REDIS_PATIENCE)
    updates = updates_of(topic, after=after, streams=streams(), wake_ups=wake_ups(), pace=pace, **how)
    return measured(topic, updates)


def checked(id: str) -> str:
    """The id, when it can be one: it becomes part of a key in Redis."""
    if not _ID.fullmatch(id):
        raise GraphQLError(
            f"the id is {id[:60]!r}; an id has 1 to 128 letters, digits, and the signs . : _ -",
            extensions={"code": "BAD_ID"},
        )
    return id


schema = strawberry.federation.Schema(
    subscription=Subscription, config=StrawberryConfig(auto_camel_case=True), federation_version="2.9"
)
