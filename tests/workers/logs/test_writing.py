"""Lines of every service are kept: each once, in whose name they are, and no longer or larger than they may be."""

import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pymongo
import pytest
import redis
from pika.adapters.blocking_connection import BlockingChannel

from tests.workers.logs.saying import CONTRACTS, Documents, batch, line, prepared, say, token_of
from tests.workers.servers import MONGO_URL, Server, eventually
from tests.workers.telling import wait_for_listener
from workers.chassis.broker import Names
from workers.logs.batch import Batch, Entry
from workers.logs.store import LogStore
from workers.logs.write import declare

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def documents(server: Server) -> Documents:
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(MONGO_URL, tz_aware=True)
    return prepared(client[f"{server.namespace}_logs"])


@pytest.fixture
def in_redis(server: Server) -> Iterator["redis.Redis"]:
    client = redis.Redis.from_url(REDIS_URL)
    yield client
    client.delete(f"{server.namespace}:log_tail", f"{server.namespace}:log_lines")
    client.close()


@pytest.fixture
def writer(server: Server, channel: BlockingChannel, documents: Documents, in_redis: Any) -> Iterator[Any]:
    declare(channel, Names(server.namespace))
    process = server.process("-m", "workers.logs", "write", REDIS_URL=REDIS_URL)
    wait_for_listener(channel, server, "logs")
    yield process
    process.terminate()
    process.wait(20)


def test_lines_are_kept_and_shown_to_who_watches(
    server: Server, channel: BlockingChannel, documents: Documents, in_redis: Any, writer: Any
) -> None:
    said = line("request answered", level="error", request_id="r-1", trace_id="t-1", ms=12.5, status=500)
    say(channel, server, batch(said, line("broker reached")))
    eventually(lambda: documents["entries"].count_documents({}) == 2)

    kept = documents["entries"].find_one({"requestId": "r-1"})
    assert kept
    jsonschema.validate(
        {**kept, "time": str(kept["time"])}, json.loads((CONTRACTS / "log_entry.document.json").read_text())
    )
    assert (kept["service"], kept["level"], kept["event"], kept["ms"], kept["status"], kept["line"]) == (
        "subscribers",
        "error",
        "request answered",
        12.5,
        500,
        said,
    )
    shown = eventually(lambda: in_redis.xrange(f"{server.namespace}:log_tail"))
    entries = [entry for _, fields in shown for entry in json.loads(fields[b"entries"])]
    assert {entry["_id"] for entry in entries} == {one["_id"] for one in documents["entries"].find()}
    source = eventually(lambda: documents["sources"].find_one())
    assert (source["process"], source["left"]) == ("subgraphs.subscribers serve", False)


def test_every_line_is_kept_once_though_the_writer_is_killed_in_the_middle(
    server: Server, channel: BlockingChannel, documents: Documents, in_redis: Any
) -> None:
    declare(channel, Names(server.namespace))
    writer = server.process("-m", "workers.logs", "write", REDIS_URL=REDIS_URL)
    try:
        wait_for_listener(channel, server, "logs")
        told = [batch(*(line(f"{number}:{at}") for at in range(20))) for number in range(150)]
        for one in told:
            say(channel, server, one)
        eventually(lambda: documents["entries"].count_documents({}) >= 20)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        for one in told[:20]:
            say(channel, server, one)
        writer = server.process("-m", "workers.logs", "write", REDIS_URL=REDIS_URL)
        eventually(lambda: documents["entries"].count_documents({}) == 3_000, within=30)
        wait_for_listener(channel, server, "logs")
        say(channel, server, batch(line("the last")))
        eventually(lambda: documents["entries"].count_documents({"event": "the last"}) == 1)
    finally:
        writer.terminate()
        writer.wait(20)

    assert documents["entries"].count_documents({}) == 3_001
    assert len(documents["entries"].distinct("event")) == 3_001


def test_nobody_writes_in_the_name_of_another(
    server: Server, channel: BlockingChannel, documents: Documents, writer: Any
) -> None:
    say(channel, server, batch(line("forged")), token_of(server, "matching"))
    say(channel, server, batch(line("without a token")), "")
    claims_another = line("claims", service="accounts")
    say(channel, server, batch(claims_another))
    eventually(lambda: documents["entries"].count_documents({}) == 1)

    assert [(one["event"], one["service"]) for one in documents["entries"].find()] == [("claims", "subscribers")]


def test_what_makes_no_sense_stops_nobody(
    server: Server, channel: BlockingChannel, documents: Documents, writer: Any
) -> None:
    channel.basic_publish(f"{server.namespace}.log_lines", "", b"\xff no JSON")
    odd = ["no JSON at all", "[1, 2]", '{"event": "half a \\ud800 character"}', '{"event": {"$set": 1}, "level": 7}']
    say(channel, server, batch(*odd, json.dumps({"event": "tomorrow", "time": "2126-01-01T00:00:00Z", "ms": "long"})))
    eventually(lambda: documents["entries"].count_documents({}) == 5)

    latest = documents["entries"].find_one(sort=[("_id", -1)])
    assert latest
    assert latest["time"] < datetime.now(UTC) + timedelta(minutes=1)


def test_a_process_that_leaves_is_not_missed(
    server: Server, channel: BlockingChannel, documents: Documents, writer: Any
) -> None:
    say(channel, server, batch())
    say(channel, server, batch(leaves=True))
    eventually(lambda: documents["sources"].count_documents({"left": True}) == 1)

    assert documents["entries"].count_documents({}) == 0


def test_the_oldest_go_when_all_becomes_too_large(documents: Documents) -> None:
    store = LogStore(documents)
    one = Batch("b", "subscribers", "p", "i", False, tuple(line(f"{n}", filler="x" * 1_000) for n in range(2_000)))
    store.add([entry.document for entry in one.entries(datetime.now(UTC), kept=timedelta(days=1))])
    before = documents.command("collStats", "entries")["size"]
    while store.cut(before // 2):
        pass

    assert documents.command("collStats", "entries")["size"] <= before // 2
    left = [entry["event"] for entry in documents["entries"].find().sort("_id", 1)]
    assert 800 < len(left) < 1_000
    assert "0" not in left
    assert store.cut(before // 2) == 0


@pytest.mark.parametrize(
    ("level", "kept"), [("warn", "warning"), ("EXCEPTION", "error"), (None, "info"), ("odd", "info")]
)
def test_a_level_is_one_of_five(level: str | None, kept: str) -> None:
    said = Batch("b", "subscribers", "p", "i", False, ())

    entry = Entry.from_line(json.dumps({"event": "x", "level": level}), said, 0, NOW, timedelta(days=1))

    assert entry.document["level"] == kept


def test_lines_of_those_who_speak_to_no_broker_are_fetched_from_redis_and_keep_their_name(
    server: Server, channel: BlockingChannel, documents: Documents, in_redis: Any, writer: Any
) -> None:
    key = f"{server.namespace}:log_lines"
    told = [batch(line(f"{number}"), service="gateway", process="gateway") for number in range(40)]
    for one in told[:20]:
        in_redis.xadd(key, {"batch": json.dumps(one), "token": token_of(server, "gateway")})
    in_redis.xadd(key, {"batch": json.dumps(batch(line("forged"), service="gateway")), "token": "x"})
    shipper = server.process("-m", "workers.logs", "ship", REDIS_URL=REDIS_URL)
    try:
        eventually(lambda: documents["entries"].count_documents({}) == 20, within=30)
        shipper.send_signal(signal.SIGKILL)
        shipper.wait()
        for one in told[20:]:
            in_redis.xadd(key, {"batch": json.dumps(one), "token": token_of(server, "gateway")})
        shipper = server.process("-m", "workers.logs", "ship", REDIS_URL=REDIS_URL)
        eventually(lambda: documents["entries"].count_documents({}) == 40, within=30)
        eventually(lambda: in_redis.xlen(key) == 0)
    finally:
        shipper.terminate()
        shipper.wait(20)

    assert documents["entries"].distinct("service") == ["gateway"]
