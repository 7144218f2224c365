"""A change of the register renews the tags of what the gateway keeps: on a real Redis, by a real listener."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from pika.adapters.blocking_connection import BlockingChannel

from tests.workers.servers import Server, eventually
from tests.workers.telling import heard, made, tell, wait_for_listener
from workers.caches.call_back import KEPT_SECONDS, Tags, call_back
from workers.chassis.facts import Refused

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
CHANGES = [{"id": "a-1", "change": "changed"}, {"id": "a-2", "change": "added"}, {"id": "a-3", "change": "removed"}]


@pytest.fixture
def store(server: Server) -> Iterator[redis.Redis]:
    connection = redis.Redis.from_url(REDIS_URL, decode_responses=True)
    yield connection
    for key in connection.scan_iter(f"{server.namespace}:*"):
        connection.delete(key)
    connection.close()


def test_what_changed_and_what_holds_addresses_is_called_back(server: Server, store: redis.Redis) -> None:
    fact = heard("register.changed.v1", {"importId": None, "chunk": None, "addresses": CHANGES})
    prefix = f"{server.namespace}:answers:tag:"

    call_back(fact, tags=Tags(store, server.namespace))

    first = {key.removeprefix(prefix): store.get(key) for key in store.scan_iter(f"{prefix}*")}
    assert first.keys() == {"address-a-1", "address-a-3", "type:Address"}
    assert all(0 < store.ttl(prefix + tag) <= KEPT_SECONDS for tag in first)
    call_back(fact, tags=Tags(store, server.namespace))
    assert all(store.get(prefix + tag) != version for tag, version in first.items())


@pytest.mark.parametrize("addresses", [None, "all", [{}], [{"id": 7, "change": "changed"}]])
def test_a_fact_that_does_not_say_what_changed_is_refused(server: Server, store: redis.Redis, addresses: Any) -> None:
    with pytest.raises(Refused):
        call_back(heard("register.changed.v1", {"addresses": addresses}), tags=Tags(store, server.namespace))


def test_the_process_hears_a_change(server: Server, store: redis.Redis, channel: BlockingChannel) -> None:
    process = server.process("-m", "workers.caches", "listen", REDIS_URL=REDIS_URL)
    try:
        wait_for_listener(channel, server, "caches")
        data = {"importId": None, "chunk": None, "addresses": CHANGES}
        tell(channel, server, made("register.changed.v1", data, source="/addresses"))
        tag = f"{server.namespace}:answers:tag:address-a-1"
        assert eventually(lambda: store.get(tag))
    finally:
        process.terminate()
        process.communicate(timeout=10)
