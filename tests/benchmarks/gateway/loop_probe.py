"""
An extension that looks how long the gateway's event loop is held up, and writes it to the file that ``LOOP_PROBE`` names.

Only time that the gateway itself used the processor counts, and not while the event loop could have run but for somebody
else's process: on a shared machine everybody waits for others as well.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path

from gateway_graphql import Extension

__all__ = ["LATE", "extension"]

TICK = 0.002
WRITE_EVERY = 1.0
LATE = 0.02
"""seconds; a client should not notice that there is more than its own request"""


async def _probe(file: Path) -> None:
    looks, late, longest = 0, 0, 0.0
    written = time.monotonic()
    while True:
        wall, used, queued = time.monotonic(), time.process_time(), _queued()
        await asyncio.sleep(TICK)
        stall = min(time.monotonic() - wall - TICK - (_queued() - queued), time.process_time() - used)
        looks += 1
        late += stall > LATE
        longest = max(longest, stall)
        if time.monotonic() - written > WRITE_EVERY:
            told = {"looks": looks, "late": late, "longest_ms": round(1000 * longest, 1)}
            beside = file.with_suffix(".new")
            beside.write_text(json.dumps(told))
            beside.rename(file)  # whoever reads it reads all of it
            written = time.monotonic()


def _queued() -> float:
    """Seconds that this process' first thread, which has the event loop, has waited for a processor so far."""
    return int(os.pread(_Started.schedule, 100, 0).split()[1]) / 1e9


class _Started:
    task: asyncio.Task[None] | None = None
    schedule = os.open("/proc/self/schedstat", os.O_RDONLY)


def _start(_: object) -> None:
    if _Started.task is None:
        _Started.task = asyncio.get_running_loop().create_task(_probe(Path(os.environ["LOOP_PROBE"])))


extension = Extension(request=_start)
