"""The relay as a process: it needs a replica set, signs what it tells, and comes back by itself."""

import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pymongo
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.workers.mongod import single_mongod
from tests.workers.proxy import proxy_to
from tests.workers.scraped import free_port, scraped
from tests.workers.servers import MONGO_URL, RABBITMQ_URL, Server, eventually, take, waiting
from workers.chassis.facts import fact
from workers.chassis.identity import public_keys, verify


@pytest.fixture
def relay(server: Server) -> Iterator["subprocess.Popen[str]"]:
    process = server.process("-m", "workers.outbox_relay")
    yield process
    process.kill()
    process.wait(10)


@pytest.fixture
def client() -> Iterator[pymongo.MongoClient[dict[str, Any]]]:
    with pymongo.MongoClient(MONGO_URL) as client:
        yield client


def said(id: str) -> dict[str, Any]:
    data = {"matchTaskId": "t-1"}
    return fact("address.matched.v1", source="/matching", subject="t-1", audience=["live_updates"], data=data, id=id)


def test_a_fact_is_signed_and_waits_for_a_listener_that_never_ran(
    server: Server, relay: Any, client: pymongo.MongoClient[dict[str, Any]], channel: BlockingChannel
) -> None:
    tasks = client[f"{server.namespace}_matching"]["match_tasks"]
    tasks.insert_one({"_id": "t-1", "unsent": [said("f-1")]})
    tasks.insert_one({"_id": "t-2", "unsent": []})
    eventually(lambda: waiting(f"{server.namespace}.live_updates"))
    tasks.update_one({"_id": "t-2"}, {"$push": {"unsent": said("f-2")}})

    eventually(lambda: waiting(f"{server.namespace}.live_updates") == 2)

    for id in ("f-1", "f-2"):
        headers, told = take(f"{server.namespace}.live_updates") or ({}, {})
        claims = verify(
            headers["service-token"], audience="live_updates", issuer="matching", public_keys=public_keys("matching")
        )
        assert (told["id"], claims["sub"], claims["typ_fact"]) == (id, id, "address.matched.v1")
    eventually(lambda: tasks.count_documents({"unsent": []}) == 2)


def test_sigterm_ends_it(server: Server, relay: "subprocess.Popen[str]") -> None:
    assert relay.stdout
    for line in relay.stdout:
        if '"relaying"' in line:
            break
    relay.send_signal(signal.SIGTERM)

    assert relay.wait(10) == 0


def test_a_lost_broker_loses_nothing(server: Server, client: pymongo.MongoClient[dict[str, Any]]) -> None:
    """What is written while the broker is away is told when it is back, without the relay being started anew."""
    tasks = client[f"{server.namespace}_matching"]["match_tasks"]
    with proxy_to(RABBITMQ_URL) as (url, proxy):
        process = server.process("-m", "workers.outbox_relay", RABBITMQ_URL=url)
        try:
            tasks.insert_one({"_id": "t-1", "unsent": [said("f-1")]})
            eventually(lambda: waiting(f"{server.namespace}.live_updates") == 1)
            assert proxy.cut() > 0
            tasks.insert_many([{"_id": f"t-{n}", "unsent": [said(f"f-{n}")]} for n in range(2, 12)])
            proxy.mend()

            eventually(lambda: tasks.count_documents({"unsent": []}) == 11, within=30)

            assert waiting(f"{server.namespace}.live_updates") == 11
        finally:
            process.kill()
            process.wait(10)


def test_a_single_server_is_refused_with_the_reason(server: Server, tmp_path: Path) -> None:
    with single_mongod(tmp_path) as url:
        process = server.process("-m", "workers.outbox_relay", MONGO_URL=url)
        output = process.communicate(timeout=30)[0]

    assert process.returncode == 1
    assert "no replica set" in output
    assert "--replSet" in output


def test_a_missing_key_names_itself(server: Server) -> None:
    process = server.process("-m", "workers.outbox_relay", NOTIFICATIONS_SERVICE_KEY="", SERVICE_KEY="")

    output = process.communicate(timeout=30)[0]

    assert process.returncode == 1
    assert "MissingSetting: set NOTIFICATIONS_SERVICE_KEY in the environment" in output


def test_a_write_is_published_within_milliseconds(
    server: Server, relay: Any, client: pymongo.MongoClient[dict[str, Any]], channel: BlockingChannel
) -> None:
    tasks = client[f"{server.namespace}_matching"]["match_tasks"]
    tasks.insert_one({"_id": "warm", "unsent": [said("warm")]})
    eventually(
        lambda: take(f"{server.namespace}.live_updates") if waiting(f"{server.namespace}.live_updates") else None
    )
    times = []
    for number in range(20):
        started = time.perf_counter()
        tasks.insert_one({"_id": number, "unsent": [said(f"f-{number}")]})
        eventually(lambda: take(f"{server.namespace}.live_updates"))
        times.append(time.perf_counter() - started)

    # Far above what it takes (a few ms and the polling of this test), far below the interval of looking anyway.
    assert sorted(times)[10] < 0.25


def test_what_waits_is_told_to_prometheus_while_the_broker_is_away(
    server: Server, client: pymongo.MongoClient[dict[str, Any]]
) -> None:
    tasks = client[f"{server.namespace}_matching"]["match_tasks"]
    port = free_port()
    with proxy_to(RABBITMQ_URL) as (url, proxy):
        proxy.cut()
        process = server.process("-m", "workers.outbox_relay", RABBITMQ_URL=url, METRICS=f"127.0.0.1:{port}")
        try:
            old = {**said("f-1"), "time": (datetime.now(UTC) - timedelta(minutes=10)).isoformat()}
            tasks.insert_many([{"_id": "t-1", "unsent": [old]}, {"_id": "t-2", "unsent": [said("f-2")]}])

            eventually(lambda: scraped(port).get('outbox_waiting_documents{source="matching"}') == 2)
            assert 600 <= scraped(port)['outbox_oldest_fact_age_seconds{source="matching"}'] < 700
            assert scraped(port)['outbox_waiting_documents{source="subscribers"}'] == 0

            proxy.mend()
            told = 'outbox_facts_told_total{fact="address.matched.v1",source="matching"}'
            eventually(lambda: scraped(port).get(told) == 2, within=30)
            eventually(lambda: scraped(port)['outbox_waiting_documents{source="matching"}'] == 0)
            assert scraped(port)['outbox_oldest_fact_age_seconds{source="matching"}'] == 0
        finally:
            process.kill()
            process.wait(10)
