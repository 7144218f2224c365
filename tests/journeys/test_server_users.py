"""On MongoDB and Redis each service does its own things, and nothing of another's; RabbitMQ: ``test_broker_rights``."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pika
import pika.exceptions
import pymongo
import pymongo.errors
import pytest
import redis

from docker.local.up import RunningSystem
from tests.journeys.steps import until
from tests.journeys.test_broken_parts import back, kill
from tests.realtime.writer import UpdateWriter

pytestmark = pytest.mark.asyncio(loop_scope="session")

OWNERS = ("subscribers", "addresses", "matching", "notifications", "suggestions", "discounts", "logs")


@contextmanager
def mongo(system: RunningSystem, service: str) -> Iterator[Callable[[str], Any]]:
    """The database of a service, as this one may use it."""
    url = system.infrastructure.environment_of(service)["MONGO_URL"]
    client: pymongo.MongoClient[dict[str, Any]]
    with pymongo.MongoClient(url, serverSelectionTimeoutMS=10_000) as client:
        yield lambda owner: client[f"{system.settings.namespace}_{owner}"]


def refused_by_mongo(do: Callable[[], Any]) -> bool:
    with pytest.raises(pymongo.errors.OperationFailure) as refusal:
        do()
    return refusal.value.code == 13


async def test_redis_refused_nothing_that_a_service_wanted(system: RunningSystem, client: object) -> None:
    # The first of this file: what the others try is refused, and written down there.
    with redis.Redis.from_url(system.infrastructure.redis_url) as admin:
        assert [(one["username"], one["object"], one["context"]) for one in admin.acl_log()] == []


@pytest.mark.parametrize("service", OWNERS)
async def test_a_database_is_its_owners(system: RunningSystem, service: str) -> None:
    with mongo(system, service) as database:
        assert database(service).list_collection_names()
        for other in set(OWNERS) - {service}:
            assert refused_by_mongo(lambda: database(other)["outbox"].find_one())  # noqa: B023 - called at once
            assert refused_by_mongo(lambda: database(other)["outbox"].insert_one({}))  # noqa: B023
            assert refused_by_mongo(database(other).list_collection_names)
        assert refused_by_mongo(lambda: database(service).client.admin.command("usersInfo"))
        assert refused_by_mongo(lambda: database(service).command("createUser", "me", pwd="x", roles=[]))


async def test_the_relay_empties_outboxes_and_adds_nothing(system: RunningSystem) -> None:
    with mongo(system, "outbox_relay") as database:
        for owner in OWNERS:
            assert database(owner)["outbox"].find_one({"_id": "nothing"}) is None
            assert refused_by_mongo(lambda: database(owner)["outbox"].insert_one({}))  # noqa: B023
            assert refused_by_mongo(lambda: database(owner)["outbox"].drop())  # noqa: B023


async def test_without_a_name_nobody_gets_in(system: RunningSystem) -> None:
    ports = system.settings.ports
    with pymongo.MongoClient[dict[str, Any]](
        f"mongodb://127.0.0.1:{ports['MONGO_PORT']}/?directConnection=true"
    ) as client:
        assert refused_by_mongo(client.list_database_names)
    with redis.Redis(port=ports["REDIS_PORT"]) as unknown, pytest.raises(redis.AuthenticationError):
        unknown.get("x")
    for who in ("guest:guest", "subscribers:guessed"):
        with pytest.raises(pika.exceptions.AMQPConnectionError):
            pika.BlockingConnection(pika.URLParameters(f"amqp://{who}@127.0.0.1:{ports['RABBITMQ_PORT']}/%2F"))


async def test_of_redis_each_sees_its_part(system: RunningSystem) -> None:
    namespace = system.settings.namespace

    def of(service: str) -> "redis.Redis":
        return redis.Redis.from_url(system.infrastructure.environment_of(service)["REDIS_URL"])

    with (
        of("realtime") as realtime,
        of("live_updates") as live_updates,
        of("addresses") as addresses,
        of("gateway") as gateway,
        of("caches") as caches,
    ):
        updates, cached = f"{namespace}:updates:match_task.users", f"{namespace}:addresses:1:users"
        live_updates.xadd(updates, {"update": "{}"})
        live_updates.expire(updates, 1)
        addresses.set(cached, "1", ex=1)
        addresses.incr(f"{namespace}:register_generation")
        caches.set(f"{namespace}:answers:tag:users", "1", ex=1)
        assert gateway.mget([f"{namespace}:answers:tag:users"]) == [b"1"]
        assert realtime.xrange(updates)
        refused: list[Callable[[], Any]] = [
            lambda: realtime.xadd(updates, {"update": "{}"}),
            lambda: realtime.get(cached),
            lambda: realtime.publish(f"{namespace}__group__updates.x", "x"),
            lambda: live_updates.get(cached),
            lambda: live_updates.publish("another-system", "x"),
            lambda: addresses.get(updates),
            lambda: caches.set(f"{namespace}:answers:answer:users", "1"),
            lambda: caches.get(f"{namespace}:answers:tag:users"),
            lambda: live_updates.set(f"{namespace}:answers:tag:users", "1"),
            lambda: gateway.mget([updates]),
            lambda: gateway.get(updates),
            lambda: gateway.set(cached, "1"),
            lambda: gateway.rename(f"{namespace}:rate-limits:x", cached),
            lambda: gateway.eval("return redis.call('get', KEYS[1])", 1, cached),
            lambda: gateway.publish(f"{namespace}__group__updates.x", "x"),
            lambda: addresses.set(f"{namespace}:rate-limits:x", "1"),
            *(
                lambda service=service, command=command: service.execute_command(*command)  # type: ignore[misc]
                for service in (realtime, live_updates, addresses, gateway, caches)
                for command in (("FLUSHALL",), ("KEYS", "*"), ("CONFIG", "GET", "*"), ("ACL", "LIST"), ("SCAN", "0"))
            ),
        ]
        for do in refused:
            with pytest.raises(redis.exceptions.NoPermissionError):
                do()


async def test_who_speaks_to_no_broker_writes_log_lines_to_redis_and_reads_none(system: RunningSystem) -> None:
    namespace = system.settings.namespace
    for service in ("gateway", "realtime"):
        url = system.infrastructure.environment_of(service)["REDIS_URL"]
        with redis.Redis.from_url(url) as client:
            client.xadd(f"{namespace}:log_lines", {"batch": "{}", "token": "nobody's"})
            for do in (
                lambda: client.xrange(f"{namespace}:log_lines"),
                lambda: client.delete(f"{namespace}:log_lines"),
                lambda: client.xadd(f"{namespace}:log_tail", {"entries": "[]"}),
            ):
                with pytest.raises(redis.exceptions.NoPermissionError):
                    do()


async def test_what_a_service_has_written_outlives_redis(system: RunningSystem, client: object) -> None:
    topic = f"match_task.{uuid4()}"
    url = system.infrastructure.environment_of("live_updates")["REDIS_URL"]
    async with UpdateWriter(url, system.settings.namespace) as writer:
        await writer.append(topic, {"matchTaskId": "t-1", "status": "RUNNING"}, wake=False)

    await back(system, "redis", kill(system, "redis", signal.SIGTERM))

    with redis.Redis.from_url(system.infrastructure.environment_of("realtime")["REDIS_URL"]) as realtime:

        async def kept() -> list[Any]:
            try:
                return list(realtime.xrange(f"{system.settings.namespace}:updates:{topic}"))
            except (redis.ConnectionError, redis.exceptions.BusyLoadingError):
                return []

        assert len(await until(kept, seconds=20, what="the update after the restart of Redis")) == 1
