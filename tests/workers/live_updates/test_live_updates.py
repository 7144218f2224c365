"""A fact becomes an update: once, in order, kept for a while, and told to whoever watches."""

import json
import os
from collections.abc import Iterator

import pytest
import redis
from pika.adapters.blocking_connection import BlockingChannel
from redis import exceptions

from tests.workers.servers import Server, eventually, take
from tests.workers.telling import heard, made, tell, wait_for_listener
from workers.chassis.facts import Refused
from workers.live_updates.add_update import RedisAway, add_update
from workers.live_updates.streams import Kept, Streams
from workers.live_updates.topics import TELLERS, TOPICS

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
BATCH = {"batchId": "b-1", "status": "RUNNING", "total": 9, "matched": 1, "inReview": 0, "new": 0, "failed": 0}


@pytest.fixture
def store(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    monkeypatch.setenv("REDIS_URL", REDIS_URL)
    connection = redis.Redis.from_url(REDIS_URL, decode_responses=True)
    yield connection
    for key in connection.scan_iter(f"{server.namespace}:*"):
        connection.delete(key)
    connection.close()


def kept(store: redis.Redis, server: Server, topic: str) -> list[dict]:
    return [
        json.loads(fields["update"]) | {"updateId": id}
        for id, fields in store.xrange(f"{server.namespace}:updates:{topic}")
    ]


def snapshot(store: redis.Redis, server: Server, topic: str) -> dict | None:
    text = store.get(f"{server.namespace}:snapshot:{topic}")
    return json.loads(text) if text else None


def test_a_fact_becomes_one_update_however_often_it_is_heard(server: Server, store: redis.Redis) -> None:
    woken: list[str] = []
    fact = heard("address.matched.v1", {"matchTaskId": "t-1", "status": "MATCHED", "candidates": [], "more": {}})
    streams = Streams(store, server.namespace, Kept())
    for _ in range(3):
        add_update(fact, streams=streams, wake=woken.append, pause=lambda _: False)

    [update] = kept(store, server, "match_task.t-1")
    assert update == snapshot(store, server, "match_task.t-1")
    assert (update["number"], update["factId"], update["data"]) == (1, fact.id, dict(fact.data))
    # Whoever died between appending and waking wakes when it hears the fact again.
    assert woken == ["match_task.t-1"] * 3


def test_a_review_is_news_for_the_task_and_for_the_queue(server: Server, store: redis.Redis) -> None:
    streams = Streams(store, server.namespace, Kept())
    for type, status in (("address.review_requested.v1", "IN_REVIEW"), ("address.review_resolved.v1", "NEW")):
        fact = heard(type, {"matchTaskId": "t-1", "status": status})
        add_update(fact, streams=streams, wake=lambda _: None, pause=lambda _: False)

    for topic in ("match_task.t-1", "review_queue"):
        assert [update["data"]["status"] for update in kept(store, server, topic)] == ["IN_REVIEW", "NEW"]
        assert [update["number"] for update in kept(store, server, topic)] == [1, 2]


def test_progress_that_comes_late_is_left_out(server: Server, store: redis.Redis) -> None:
    streams = Streams(store, server.namespace, Kept())
    for done in (3, 1, 9):
        fact = heard("batch.progressed.v1", {**BATCH, "done": done, "rejected": 0})
        add_update(fact, streams=streams, wake=lambda _: None, pause=lambda _: False)

    assert [update["data"]["done"] for update in kept(store, server, "match_batch.b-1")] == [3, 9]
    assert snapshot(store, server, "match_batch.b-1")["data"]["done"] == 9


def test_a_stream_is_kept_for_a_while_and_no_longer_than_it_may_be(server: Server, store: redis.Redis) -> None:
    streams = Streams(store, server.namespace, Kept(updates=100, seconds=50))
    for number in range(500):
        add_update(
            heard("address.matched.v1", {"matchTaskId": "t-1", "status": "NEW", "n": number}),
            streams=streams,
            wake=lambda _: None,
            pause=lambda _: False,
        )

    updates = kept(store, server, "match_task.t-1")
    assert 100 <= len(updates) <= 200
    assert updates[-1]["number"] == 500
    assert all(0 < store.ttl(key) <= 50 for key in store.scan_iter(f"{server.namespace}:*"))


@pytest.mark.parametrize(
    ("type", "data"),
    [
        ("address.matched.v1", {"status": "MATCHED"}),
        ("address.matched.v1", {"matchTaskId": "t-1"}),
        ("batch.progressed.v1", BATCH),
        ("import.progressed.v1", {"importId": "i-1", "status": "RUNNING", "total": "9"}),
    ],
)
def test_what_no_client_could_be_shown_is_refused(server: Server, store: redis.Redis, type: str, data: dict) -> None:
    with pytest.raises(Refused, match="data"):
        add_update(
            heard(type, data),
            streams=Streams(store, server.namespace, Kept()),
            wake=lambda _: None,
            pause=lambda _: False,
        )
    assert list(store.scan_iter(f"{server.namespace}:*")) == []


class RedisThatComesBack:
    """Is away for the first so many attempts."""

    def __init__(self, away: int) -> None:
        self.away = away
        self.appended: list[str] = []

    def append(self, topic: str, fact: object) -> bool:
        if self.away:
            self.away -= 1
            raise exceptions.ConnectionError("refused")
        self.appended.append(topic)
        return True


def test_while_redis_is_away_the_fact_waits_in_its_place() -> None:
    streams = RedisThatComesBack(away=3)
    waits: list[float] = []
    fact = heard("address.matched.v1", {"matchTaskId": "t-1", "status": "NEW"})
    add_update(fact, streams=streams, wake=lambda _: None, pause=lambda seconds: bool(waits.append(seconds)))

    assert streams.appended == ["match_task.t-1"]
    assert waits == [0.1, 0.2, 0.4]


def test_when_redis_stays_away_the_fact_goes_back_to_the_broker() -> None:
    fact = heard("address.matched.v1", {"matchTaskId": "t-1", "status": "NEW"})
    with pytest.raises(RedisAway):
        add_update(fact, streams=RedisThatComesBack(1000), wake=lambda _: None, pause=lambda _: False, patience=30)


def test_the_real_process_hears_appends_and_wakes(server: Server, store: redis.Redis, channel: BlockingChannel) -> None:
    process = server.process("-m", "workers.live_updates", "listen", REDIS_URL=REDIS_URL)
    woken = redis.Redis.from_url(REDIS_URL).pubsub(ignore_subscribe_messages=True)
    woken.subscribe(f"{server.namespace}__group__updates.match_task.t-9")
    try:
        wait_for_listener(channel, server, "live_updates")
        tell(channel, server, made("address.matched.v1", {"matchTaskId": "t-9", "status": "MATCHED"}))
        update = eventually(lambda: snapshot(store, server, "match_task.t-9"))
        assert update["data"]["status"] == "MATCHED"
        assert eventually(lambda: woken.get_message(timeout=1))["type"] == "message"
        # A fact told by somebody else than its teller is set aside with the reason.
        tell(channel, server, made("address.matched.v1", {"matchTaskId": "t-9", "status": "NEW"}, source="/addresses"))
        headers, _ = eventually(lambda: take(f"{server.namespace}.dead_letters"))
        assert "is told by matching" in headers["reason"]
    finally:
        process.terminate()
        woken.close()
        assert process.wait(15) == 0, process.stdout.read() if process.stdout else ""


def test_every_fact_that_is_heard_has_a_teller() -> None:
    assert set(TOPICS) == set(TELLERS)
