"""Redis may go away and come back: nothing is lost, and no subscription ends without saying why."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit
from uuid import uuid4

from tests.realtime.conftest import REDIS_URL, free_port, start, stop
from tests.realtime.test_live_results import BATCH, TASK
from tests.realtime.writer import UpdateWriter


class Wire:
    """The line between realtime and Redis, which a test can cut and mend."""

    def __init__(self) -> None:
        self.port = free_port()
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self.port)

    async def cut(self) -> None:
        assert self._server
        self._server.close()
        for connection in list(self._connections):
            connection.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        redis = urlsplit(REDIS_URL)
        there, back = await asyncio.open_connection(redis.hostname, redis.port or 6379)
        self._connections |= {writer, back}
        await asyncio.gather(self._copy(reader, back), self._copy(there, writer))
        self._connections -= {writer, back}

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
        target.close()

    @property
    def url(self) -> str:
        to = urlsplit(REDIS_URL)
        user = f"{to.netloc.rpartition('@')[0]}@" if "@" in to.netloc else ""
        return f"redis://{user}127.0.0.1:{self.port}/{to.path.strip('/') or 0}"


@asynccontextmanager
async def wired() -> AsyncIterator[Wire]:
    wire = Wire()
    await wire.mend()
    try:
        yield wire
    finally:
        await wire.cut()


async def test_what_happens_while_redis_is_away_arrives_when_it_is_back(namespace: str, writer: UpdateWriter) -> None:
    batch = str(uuid4())
    async with wired() as wire:
        server = await asyncio.to_thread(start, namespace, REDIS_URL=wire.url)
        try:
            await writer.batch(batch, 0)
            async with server.client() as client, client.subscribe(BATCH, id=batch) as updates:
                seen = [(await updates.next())["done"]]
                await wire.cut()
                for done in range(1, 51):
                    await writer.batch(batch, done)
                await wire.mend()
                while seen[-1] < 50:
                    seen.append((await updates.next())["done"])
                # And it is woken as before, not only by reading again.
                await writer.batch(batch, 51)
                seen.append((await updates.next())["done"])
        finally:
            await asyncio.to_thread(stop, server)

    assert seen == list(range(52))


async def test_when_redis_stays_away_the_subscription_ends_with_where_to_go_on(
    namespace: str, writer: UpdateWriter
) -> None:
    task = str(uuid4())
    await writer.task(task, "IN_REVIEW")
    async with wired() as wire:
        server = await asyncio.to_thread(
            start, namespace, REDIS_URL=wire.url, REALTIME_REDIS_PATIENCE="1", UPDATES_READ_AGAIN_AFTER="0.2"
        )
        try:
            async with server.client() as client:
                async with client.subscribe(TASK, id=task) as updates:
                    seen = (await updates.next())["updateId"]
                    await wire.cut()
                    error = await updates.error()
                await wire.mend()
                await writer.task(task, "MATCHED")
                async with client.subscribe(TASK, id=task, after=error["extensions"]["after"]) as updates:
                    assert (await updates.next())["status"] == "MATCHED"
        finally:
            await asyncio.to_thread(stop, server)

    assert error["extensions"] == {"code": "LIVE_UPDATES_UNAVAILABLE", "after": seen}
    assert "subscribe again" in error["message"]
