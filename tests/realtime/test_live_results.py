"""What a watching client sees, over a real socket, from a real process."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest

from tests.realtime.client import Updates
from tests.realtime.conftest import Server
from tests.realtime.writer import UpdateWriter

TASK = """subscription ($id: ID!, $after: String) {
  matchTask(id: $id, after: $after) { updateId at status matchTask { id } }
}"""
BATCH = """subscription ($id: ID!, $after: String) {
  matchBatch(id: $id, after: $after) {
    updateId status total done matched inReview new failed rejected matchBatch { id }
  }
}"""
IMPORT = """subscription ($id: ID!) {
  addressImport(id: $id) { updateId status total done added changed unchanged rejected addressImport { id } }
}"""
CLAIM = """subscription ($id: ID!, $after: String) {
  discountClaim(id: $id, after: $after) { updateId at status discountClaim { id } }
}"""
QUEUE = "subscription ($after: String) { reviewQueue(after: $after) { updateId change matchTask { id } } }"


async def test_a_task_nobody_has_heard_of_is_queued_until_it_is_matched(server: Server, writer: UpdateWriter) -> None:
    task = str(uuid4())
    async with server.client() as client, client.subscribe(TASK, id=task) as updates:
        queued = await updates.next()
        await writer.task(task, "MATCHED")
        matched = await updates.next()

    assert (queued["status"], queued["updateId"], queued["matchTask"]) == ("QUEUED", "0-0", {"id": task})
    assert (matched["status"], matched["at"]) == ("MATCHED", "2026-03-01T09:30:00+00:00")


async def test_a_claim_waits_until_it_is_decided_and_who_comes_back_sees_nothing_twice(
    server: Server, writer: UpdateWriter
) -> None:
    claim = str(uuid4())
    async with server.client(scope="subscriptions:own") as client, client.subscribe(CLAIM, id=claim) as updates:
        queued = await updates.next()
        await writer.append(
            f"discount_claim.{claim}", {"claimId": claim, "status": "ISSUED"}, fact_type="voucher.issued.v1"
        )
        issued = await updates.next()
    await writer.append(f"discount_claim.{claim}", {"claimId": claim, "status": "REFUSED"})
    async with (
        server.client(scope="discounts") as client,
        client.subscribe(CLAIM, id=claim, after=issued["updateId"]) as updates,
    ):
        later = await updates.next()

    assert [one["status"] for one in (queued, issued, later)] == ["QUEUED", "ISSUED", "REFUSED"]
    assert queued["discountClaim"] == {"id": claim}


async def test_who_comes_late_gets_the_snapshot_first_and_nothing_before_it(
    server: Server, writer: UpdateWriter
) -> None:
    task = str(uuid4())
    await writer.task(task, "IN_REVIEW")
    await writer.task(task, "MATCHED")
    async with server.client() as client, client.subscribe(TASK, id=task) as updates:
        assert (await updates.next())["status"] == "MATCHED"
        await writer.task(task, "IN_REVIEW")
        assert (await updates.next())["status"] == "IN_REVIEW"


async def test_an_update_whose_wake_up_is_lost_arrives_all_the_same(server: Server, writer: UpdateWriter) -> None:
    task = str(uuid4())
    async with server.client() as client, client.subscribe(TASK, id=task) as updates:
        await updates.next()
        await writer.task(task, "NEW", wake=False)
        assert (await updates.next())["status"] == "NEW"


async def test_after_the_queued_answer_everything_that_happened_since_comes(
    server: Server, writer: UpdateWriter
) -> None:
    task = str(uuid4())
    for status in ("IN_REVIEW", "MATCHED"):
        await writer.task(task, status)
    async with server.client() as client, client.subscribe(TASK, id=task, after="0-0") as updates:
        assert [(await updates.next())["status"] for _ in range(2)] == ["IN_REVIEW", "MATCHED"]


async def test_reconnecting_loses_nothing_and_repeats_nothing_while_somebody_writes(
    server: Server, writer: UpdateWriter
) -> None:
    batch = str(uuid4())
    total = 1000

    async def write() -> None:
        for done in range(1, total + 1):
            await writer.batch(batch, done, total, wake=done % 3 != 0)

    writing = asyncio.create_task(write())
    seen: list[int] = []
    after: str | None = "0-0"
    connections = 0
    while not seen or seen[-1] < total:
        connections += 1
        async with server.client() as client, client.subscribe(BATCH, id=batch, after=after) as updates:
            # Every connection is given up at another place.
            for _ in range(20 + 17 * connections):
                update = await updates.next()
                seen.append(update["done"])
                after = update["updateId"]
                if update["done"] == total:
                    break
    await writing

    assert seen == list(range(1, total + 1))
    assert connections > 5


async def test_many_watch_the_same_topic_and_each_gets_everything_once(server: Server, writer: UpdateWriter) -> None:
    batch = str(uuid4())

    async def watch(ready: asyncio.Event) -> list[int]:
        async with server.client() as client, client.subscribe(BATCH, id=batch) as updates:
            seen = [(await updates.next())["done"]]
            ready.set()
            while seen[-1] < 50:
                seen.append((await updates.next())["done"])
            return seen

    await writer.batch(batch, 0, 50)
    ready = [asyncio.Event() for _ in range(20)]
    watching = [asyncio.create_task(watch(event)) for event in ready]
    await asyncio.gather(*(event.wait() for event in ready))
    for done in range(1, 51):
        await writer.batch(batch, done, 50)

    for seen in await asyncio.gather(*watching):
        assert seen == list(range(51))


async def test_who_comes_back_too_late_gets_the_snapshot_first(server: Server, writer: UpdateWriter) -> None:
    batch = str(uuid4())
    await writer.batch(batch, 0)
    async with server.client() as client, client.subscribe(BATCH, id=batch) as updates:
        seen = (await updates.next())["updateId"]
    # Redis trims whole nodes of a hundred entries.
    for done in range(1, 401):
        await writer.batch(batch, done, kept=10, wake=False)

    async with server.client() as client, client.subscribe(BATCH, id=batch, after=seen) as updates:
        assert (await updates.next())["done"] == 400
        await writer.batch(batch, 401)
        assert (await updates.next())["done"] == 401


async def test_an_id_that_no_update_ever_had_gets_the_snapshot_first(server: Server, writer: UpdateWriter) -> None:
    task = str(uuid4())
    await writer.task(task, "MATCHED")
    async with server.client() as client, client.subscribe(TASK, id=task, after="99999999999999-0") as updates:
        assert (await updates.next())["status"] == "MATCHED"
        await writer.task(task, "IN_REVIEW")
        assert (await updates.next())["status"] == "IN_REVIEW"


async def test_a_fact_heard_twice_is_one_update(server: Server, writer: UpdateWriter) -> None:
    task = str(uuid4())
    await writer.task(task, "IN_REVIEW", fact_id="f-1")
    await writer.task(task, "IN_REVIEW", fact_id="f-1")
    await writer.task(task, "MATCHED", fact_id="f-2")
    async with server.client() as client, client.subscribe(TASK, id=task, after="0-0") as updates:
        assert [(await updates.next())["status"] for _ in range(2)] == ["IN_REVIEW", "MATCHED"]


async def test_progress_that_was_told_late_does_not_turn_the_clock_back(server: Server, writer: UpdateWriter) -> None:
    batch = str(uuid4())
    for done in (100, 0, 200):
        await writer.batch(batch, done)
    async with server.client() as client, client.subscribe(BATCH, id=batch, after="0-0") as updates:
        assert [(await updates.next())["done"] for _ in range(2)] == [100, 200]


async def test_an_import_is_watched_with_all_its_counts(server: Server, writer: UpdateWriter) -> None:
    counts = {"total": 7, "done": 7, "added": 4, "changed": 2, "unchanged": 1, "rejected": 3}
    import_id = str(uuid4())
    data = {"importId": import_id, "status": "FINISHED", **counts}
    await writer.append(f"address_import.{import_id}", data)
    async with server.client() as client, client.subscribe(IMPORT, id=import_id) as updates:
        update = await updates.next()

    update.pop("updateId")
    assert update == {"status": "FINISHED", "addressImport": {"id": import_id}, **counts}


async def test_the_review_queue_tells_what_comes_and_what_goes_from_now_on(
    server: Server, writer: UpdateWriter
) -> None:
    await writer.append("review_queue", {"matchTaskId": "t-0", "status": "IN_REVIEW"})
    async with server.client() as client:
        async with client.subscribe(QUEUE) as updates:
            added = await _first_heard(updates, writer)
            await writer.append("review_queue", {"matchTaskId": added["matchTask"]["id"], "status": "MATCHED"})
            resolved = await updates.next()
            while resolved["change"] == "ADDED":
                added, resolved = resolved, await updates.next()
        async with client.subscribe(QUEUE, after=added["updateId"]) as again:
            assert await again.next() == resolved

    assert added["matchTask"]["id"] != "t-0"
    assert resolved["change"] == "RESOLVED"


async def _first_heard(updates: Updates, writer: UpdateWriter) -> dict[str, Any]:
    """Nothing says when the watching of a queue begins: tell of new items until the first of them is heard."""
    for number in range(1, 40):
        await writer.append("review_queue", {"matchTaskId": f"t-{number}", "status": "IN_REVIEW"})
        with suppress(TimeoutError):
            return await updates.next(timeout=0.5)
    raise AssertionError("nothing of the review queue was heard")


async def test_the_letters_of_a_subscriber_are_watched(server: Server, writer: UpdateWriter) -> None:
    subscriber = str(uuid4())
    letter = {"subscriberId": subscriber, "kind": "CONFIRMED", "matchTaskId": "t-1"}
    query = "subscription ($id: ID!) { letters(subscriberId: $id) { outcome notification { id } } }"
    await writer.append(f"letters.{subscriber}", letter | {"notificationId": "n-1"}, fact_type="letter.failed.v1")
    async with server.client() as client, client.subscribe(query, id=subscriber) as updates:
        assert await updates.next() == {"outcome": "FAILED", "notification": {"id": "n-1"}}
        await writer.append(f"letters.{subscriber}", letter | {"notificationId": "n-2"}, fact_type="letter.sent.v1")
        assert await updates.next() == {"outcome": "SENT", "notification": {"id": "n-2"}}


@pytest.mark.parametrize(
    "after", ["", "yesterday", "1", "1-2-3", "-1-0", "1-0\n", "9" * 21 + "-0", "18446744073709551616-0"]
)
async def test_an_after_that_cannot_be_an_update_is_refused_with_the_reason(server: Server, after: str) -> None:
    async with server.client() as client, client.subscribe(TASK, id="t-1", after=after) as updates:
        error = await updates.error()

    assert "not the id of an update" in error["message"]
    assert error["extensions"]["code"] == "BAD_UPDATE_ID"


@pytest.mark.parametrize("task", ["", "a b", "*", "x" * 129, "t-1\n", "ü"])
async def test_an_id_that_cannot_be_one_is_refused_with_the_reason(server: Server, task: str) -> None:
    async with server.client() as client, client.subscribe(TASK, id=task) as updates:
        error = await updates.error()

    assert "an id has 1 to 128" in error["message"]
    assert error["extensions"]["code"] == "BAD_ID"


async def test_an_id_of_the_greatest_length_is_watched(server: Server) -> None:
    async with server.client() as client, client.subscribe(TASK, id="x" * 128) as updates:
        assert (await updates.next())["status"] == "QUEUED"


async def test_one_bad_subscription_leaves_the_others_of_its_socket_alone(server: Server, writer: UpdateWriter) -> None:
    task = str(uuid4())
    async with server.client() as client, client.subscribe(TASK, id=task) as good:
        await good.next()
        async with client.subscribe("subscription { nothing }") as bad:
            assert "Cannot query field 'nothing'" in (await bad.error())["message"]
        await writer.task(task, "MATCHED")
        assert (await good.next())["status"] == "MATCHED"


async def test_who_watches_and_what_they_are_given_is_told_to_prometheus(server: Server, writer: UpdateWriter) -> None:
    def said(name: str) -> float:
        return server.scraped().get(f'{name}{{watched="match_task"}}', 0)

    async def until(name: str, value: float) -> None:
        async with asyncio.timeout(10):
            while said(name) != value:
                await asyncio.sleep(0.02)

    task, before = str(uuid4()), said("realtime_updates_total")
    async with server.client() as client, client.subscribe(TASK, id=task) as updates:
        await updates.next()
        await writer.task(task, "MATCHED")
        await updates.next()
        assert said("realtime_subscriptions") == 1
        assert said("realtime_updates_total") - before == 2

    await until("realtime_subscriptions", 0)
