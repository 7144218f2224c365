"""
Log lines of a process that speaks to no broker: they go into a bounded stream in Redis.

``workers/logs`` reads it and tells the lines on, in the name of who wrote them. When nobody reads, the oldest go.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import redis

MOST_BATCHES = 500
"""in the stream, more or less; none is larger than 128 kB"""
SIGNED_ANEW = 60.0
"""seconds after which another token is signed: the key may have changed"""


class StreamCarrier:
    """
    The way through Redis.

    :param key: of the stream
    :param token: makes the service token of a batch
    """

    def __init__(self, url: str, key: str, *, token: Callable[[], str]) -> None:
        self._url = url
        self._key = key
        self._token = token
        self._signed: tuple[str, float] = ("", 0.0)
        self._redis: Any = None

    def open(self) -> None:
        """Connect; raise what is in the way."""
        self._redis = redis.Redis.from_url(self._url, socket_timeout=5, socket_connect_timeout=5)
        self._redis.ping()

    def carry(self, batch: bytes) -> None:
        """Return when the batch is in the stream; raise when it may not be."""
        said = {"batch": batch, "token": self._token_now()}
        self._redis.xadd(self._key, said, maxlen=MOST_BATCHES, approximate=True)

    def close(self) -> None:
        """Leave; harmless to repeat."""
        client, self._redis = self._redis, None
        if client is not None:
            with suppress(Exception):
                client.close()

    def forget(self) -> None:
        """After a fork: the connection is the parent's, and not to be touched."""
        self._redis = None

    def _token_now(self) -> str:
        token, until = self._signed
        if time.monotonic() >= until:
            token = self._token()
            self._signed = (token, time.monotonic() + SIGNED_ANEW)
        return token
