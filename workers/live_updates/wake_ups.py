"""Telling the live processes that a topic has something new. What it is, they read from the stream."""

import asyncio

import structlog
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.exceptions import RedisError

log = structlog.get_logger("wake-ups")


class WakeUps:
    """The channel layer, from a process that has no event loop of its own."""

    def __init__(self, redis_url: str, namespace: str) -> None:
        self._loop = asyncio.Runner()
        # A restarted Redis closes the connection; the first wake-up after that may fail, the next opens a new one.
        self._layer = RedisPubSubChannelLayer(hosts=[{"address": redis_url, "socket_timeout": 5}], prefix=namespace)

    def wake(self, topic: str) -> None:
        """Wake whoever watches the topic; a wake-up that fails costs them a few seconds, so it is only logged."""
        message = {"type": "update.added", "topic": topic}
        try:
            self._loop.run(self._layer.group_send(f"updates.{topic}", message))
        except (RedisError, OSError) as problem:
            log.warning("nobody woken", topic=topic, problem=repr(problem))

    def close(self) -> None:
        """Give the connection back."""
        self._loop.run(self._layer.flush())
        self._loop.close()
