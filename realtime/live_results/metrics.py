"""What the live results measure of themselves: who watches, and what they were sent."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from prometheus_client import Counter, Gauge, Histogram

from realtime import tracing
from realtime.live_results.update import Update

WATCHING = Gauge("realtime_subscriptions", "Open live subscriptions, by what they watch.", ["watched"])
UPDATES = Counter("realtime_updates", "Updates that watchers were given, by what they watch.", ["watched"])
AGE = Histogram(
    "realtime_update_age_seconds",
    "From the moment a fact came to be until somebody who was there already was given it as an update.",
    ["watched"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)


async def measured(topic: str, updates: AsyncGenerator[Update, None]) -> AsyncGenerator[Update, None]:
    """The updates of a topic as they are, counted."""
    watched = topic.partition(".")[0]
    since = time.time()
    with WATCHING.labels(watched).track_inprogress():
        async with aclosing(updates):
            async for update in updates:
                # What happened before somebody came is late by no fault of ours, and what stands in for a snapshot never did.
                if update.fact_type and (happened := update.at.timestamp()) > since:
                    AGE.labels(watched).observe(max(0.0, time.time() - happened))
                # The moment at which it leaves: whoever reads it may take their time, which is none of ours.
                with tracing.span(f"deliver {watched}", "consumer", update.traceparent, messaging__system="redis"):
                    UPDATES.labels(watched).inc()
                yield update
