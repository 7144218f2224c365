"""
Lines of those who speak to no broker: from a bounded stream in Redis to the fan-out on RabbitMQ.

Each batch goes on as it is, with the token of whoever wrote it. A batch is taken out of the stream after the broker has it:
a shipper that is killed leaves it to the next one, and what arrives twice is kept once.
"""

import os
import socket
from dataclasses import dataclass
from typing import Any

import pika
import redis
import structlog
from pika.adapters.blocking_connection import BlockingChannel

from workers.chassis.broker import Backoff, Names
from workers.chassis.identity import TOKEN_HEADER
from workers.chassis.loop import Stop
from workers.logs import metrics
from workers.logs.batch import FACT
from workers.logs.write import declare

GROUP = "shippers"
AT_A_TIME = 50
WAIT_MS = 500
LEFT_BEHIND_MS = 30_000
"""after so long without a word, whoever took a batch is taken for dead"""
LOOK_BEHIND_EVERY = 20
"""reads between two looks for what others left behind"""

log = structlog.get_logger("logs")


@dataclass
class Shipper:
    """Tells lines on."""

    names: Names
    client: "redis.Redis"

    def read(self, channel: BlockingChannel, stop: Stop) -> None:
        """Tell on what comes until somebody asks to stop."""
        declare(channel, self.names)
        backoff = Backoff()
        reads = 0
        while not stop.asked:
            try:
                if reads == 0:
                    self._join()
                entries = self._left_behind() if reads % LOOK_BEHIND_EVERY == 0 else self._new()
                reads += 1
                self._tell(channel, entries)
                backoff.reset()
            except redis.RedisError as problem:
                seconds = backoff.next()
                log.warning("redis away", problem=repr(problem)[:300], next_try_in=seconds)
                reads = 0
                stop.wait(seconds)
            channel.connection.process_data_events(0)

    @property
    def _key(self) -> str:
        return f"{self.names.namespace}:log_lines"

    @property
    def _consumer(self) -> str:
        return f"{socket.gethostname()}:{os.getpid()}"

    def _join(self) -> None:
        try:
            self.client.xgroup_create(self._key, GROUP, id="0", mkstream=True)
            log.info("shipping", stream=self._key)
        except redis.ResponseError as refused:
            if "BUSYGROUP" not in str(refused):
                raise

    def _new(self) -> list[Any]:
        found: Any = self.client.xreadgroup(GROUP, self._consumer, {self._key: ">"}, count=AT_A_TIME, block=WAIT_MS)
        return [entry for _, entries in found or () for entry in entries]

    def _left_behind(self) -> list[Any]:
        found: Any = self.client.xautoclaim(
            self._key, GROUP, self._consumer, min_idle_time=LEFT_BEHIND_MS, count=AT_A_TIME
        )
        return list(found[1])

    def _tell(self, channel: BlockingChannel, entries: list[Any]) -> None:
        for id, fields in entries:
            # What the stream has dropped meanwhile has no fields any more.
            if fields:
                properties = pika.BasicProperties(
                    content_type="application/cloudevents+json",
                    delivery_mode=pika.DeliveryMode.Transient,
                    type=FACT,
                    headers={TOKEN_HEADER: fields.get(b"token", b"").decode("ascii", "replace")},
                )
                channel.basic_publish(self.names.log_lines, "", fields.get(b"batch", b""), properties)
                metrics.SHIPPED.inc()
            self.client.xack(self._key, GROUP, id)
            self.client.xdel(self._key, id)
