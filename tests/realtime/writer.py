"""Writes updates exactly as the live updates worker does, through its own code."""

import itertools
from typing import Any, Self
from uuid import uuid4

import redis
from channels_redis.pubsub import RedisPubSubChannelLayer

from workers.live_updates.streams import Kept, Streams


class UpdateWriter:
    """One worker's worth of appending and waking."""

    def __init__(self, url: str, namespace: str) -> None:
        self._redis = redis.Redis.from_url(url)
        self._layer = RedisPubSubChannelLayer(hosts=[{"address": url, "socket_timeout": None}], prefix=namespace)
        self.namespace = namespace
        self._numbers = itertools.count(1)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._layer.flush()
        self._redis.close()

    async def append(
        self,
        topic: str,
        data: dict[str, Any],
        *,
        wake: bool = True,
        kept: int = 10_000,
        fact_id: str = "",
        fact_type: str = "address.matched.v1",
    ) -> None:
        fact = {
            "id": fact_id or str(uuid4()),
            "type": fact_type,
            "time": "2026-03-01T09:30:00Z",
            "data": data,
        }
        Streams(self._redis, self.namespace, Kept(updates=kept)).append(topic, fact)
        if wake:
            await self._layer.group_send(f"updates.{topic}", {"type": "update.added", "topic": topic})

    async def task(self, task_id: str, status: str, **how: Any) -> None:
        await self.append(f"match_task.{task_id}", {"matchTaskId": task_id, "status": status}, **how)

    async def batch(self, batch_id: str, done: int, total: int = 1000, **how: Any) -> None:
        counts = {"matched": done, "inReview": 0, "new": 0, "failed": 0, "rejected": 0}
        status = "FINISHED" if done == total else "RUNNING"
        data = {"batchId": batch_id, "status": status, "total": total, "done": done, **counts}
        await self.append(f"match_batch.{batch_id}", data, **how)
