"""The newest entries in a short stream in Redis, for those who watch; nothing waits for it."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import redis
import structlog

MOST_BATCHES = 200
"""in the stream, more or less"""
TRY_AGAIN = 5.0
"""seconds after Redis was away"""

log = structlog.get_logger("logs")


class Tail:
    """Where `realtime` reads from."""

    def __init__(self, client: "redis.Redis", namespace: str) -> None:
        self._redis = client
        self._key = f"{namespace}:log_tail"
        self._again_at = 0.0

    def add(self, documents: Sequence[Mapping[str, Any]]) -> None:
        """Show these entries, if Redis is there."""
        if not documents or time.monotonic() < self._again_at:
            return
        shown = [{**one, "time": one["time"].isoformat(timespec="milliseconds")} for one in documents]
        try:
            text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
            self._redis.xadd(self._key, {"entries": text}, maxlen=MOST_BATCHES, approximate=True)
        except redis.RedisError as problem:
            self._again_at = time.monotonic() + TRY_AGAIN
            log.warning("tail not shown", problem=repr(problem)[:300])
