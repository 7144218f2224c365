"""Processes killed and servers restarted in the middle: nothing accepted is lost, nothing is done twice."""

import asyncio
import os
import signal
from collections import Counter

import pytest

from docker.local.demo.client import GraphQLClient
from docker.local.demo.show import results
from docker.local.keys import change, load_or_make
from docker.local.settings import LocalSettings
from docker.local.up import RunningSystem
from tests.journeys.register import ADDRESSES, as_csv, mistyped
from tests.journeys.steps import FINAL, batch, finished, letters, start_batch, subscribe, tasks, until, verdict_live

# The system lives as long as the session, and so does the event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")

ROWS = [mistyped(ADDRESSES[n % 640], id=f"q{n}", seed=n) for n in range(1500)]


def kill(system: RunningSystem, name: str, number: signal.Signals = signal.SIGKILL) -> int:
    """Kill a process with its children; the runner starts it again."""
    pid = system.supervisor.pid(name)
    assert pid, f"{name} does not run"
    os.killpg(pid, number)
    return pid


async def back(system: RunningSystem, name: str, former: int) -> None:
    """Wait until the runner has started it again."""

    async def again() -> bool:
        return system.supervisor.pid(name) not in (None, former)

    await until(again, seconds=30, what=f"{name} to be started again")


async def in_the_middle(client: GraphQLClient, batch_id: str) -> None:
    """Wait until some of a batch is done."""

    async def begun() -> bool:
        return (await batch(client, batch_id))["done"] > 0

    await until(begun, seconds=30, what="the first rows of the batch")


async def complete(client: GraphQLClient, batch_id: str) -> None:
    """A batch ends with every row once."""
    done = await finished(client, batch_id, seconds=150)
    rows = Counter([result["row"] async for result in results(client, batch_id)])

    assert done["done"] == done["total"] == len(ROWS)
    assert done["failed"] == 0
    assert len(rows) == len(ROWS)
    assert set(rows.values()) == {1}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", ["matching batches", "matching listener", "outbox relay", "live updates"])
async def test_a_worker_killed_in_the_middle_of_a_batch_loses_nothing(
    system: RunningSystem, client: GraphQLClient, name: str
) -> None:
    batch_id = await start_batch(client, as_csv(ROWS))
    await in_the_middle(client, batch_id)

    former = kill(system, name)

    await back(system, name, former)
    await complete(client, batch_id)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", ["rabbitmq", "mongod"])
async def test_a_server_restarted_in_the_middle_of_a_batch_loses_nothing(
    system: RunningSystem, client: GraphQLClient, name: str
) -> None:
    batch_id = await start_batch(client, as_csv(ROWS))
    await in_the_middle(client, batch_id)

    former = kill(system, name, signal.SIGTERM)

    await back(system, name, former)

    async def answers() -> bool:
        answer = await client.post(
            {"query": "query B($id: ID!) { matchBatch(id: $id) { done } }", "variables": {"id": batch_id}}
        )
        return not answer.get("errors")

    await until(answers, seconds=60, what="the graph to answer again")
    await complete(client, batch_id)


@pytest.mark.timeout(240)
async def test_keys_changed_in_the_middle_of_a_batch_lose_nothing_and_refuse_nobody(
    system: RunningSystem, client: GraphQLClient, settings: LocalSettings
) -> None:
    batch_id = await start_batch(client, as_csv(ROWS))
    await in_the_middle(client, batch_id)
    over = asyncio.Event()

    async def subscribing(who: int) -> int:
        count = 0
        while not over.is_set() or not count:
            row = mistyped(ADDRESSES[(who + count * 5) % 640], id=f"k{who}-{count}", seed=count)
            payload = await subscribe(client, row, email=f"keys-{who}-{count}@example.com")
            (task,) = [
                update for update in await verdict_live(client, payload["matchTask"]["id"]) if update["status"] in FINAL
            ]
            assert task["status"] != "FAILED"
            count += 1
        return count

    people = [asyncio.create_task(subscribing(who)) for who in range(3)]
    before = load_or_make(settings.state).private
    for _ in range(3):
        change(settings.state)
        await subscribe(client, mistyped(ADDRESSES[0], id="k", seed=1), email=f"{os.urandom(4).hex()}@example.com")
    over.set()

    assert all(await asyncio.gather(*people))
    assert not set(before.values()) & set(load_or_make(settings.state).private.values())
    await complete(client, batch_id)


@pytest.mark.timeout(400)
async def test_workers_killed_in_the_middle_of_500_subscriptions_lose_nothing_and_send_one_letter_each(
    system: RunningSystem, client: GraphQLClient
) -> None:
    rows = [mistyped(ADDRESSES[n], id=f"q{n}", seed=n) for n in range(500)]
    at_once = asyncio.Semaphore(10)

    async def one(number: int) -> str:
        async with at_once:
            payload = await subscribe(client, rows[number], email=f"killed-{number}@example.com")
        return str(payload["matchTask"]["id"])

    running = [asyncio.create_task(one(number)) for number in range(500)]
    for name, after in (
        ("matching tasks", 120),
        ("notifications tasks", 200),
        ("outbox relay", 280),
        ("notifications listener", 360),
    ):
        await asyncio.gather(*running[:after])
        former = kill(system, name)
        await back(system, name, former)
    ids = await asyncio.gather(*running)

    async def decided() -> bool:
        return all(one["status"] in FINAL for one in await tasks(client, ids))

    await until(decided, seconds=120, what="a verdict for every subscriber")

    found = await tasks(client, ids)
    right = sum(bool(one["address"]) and one["address"]["reference"] == ADDRESSES[n].id for n, one in enumerate(found))
    assert right > 475

    async def settled() -> Counter[str] | None:
        """Every matched subscriber has one letter, or one whose outcome nobody can know (a crash in the middle of SMTP)."""
        counts = Counter(str(letter["to"]) for letter in letters(system) if "killed-" in str(letter["to"]))
        unknown = await _letters_unknown(client)
        matched = sum(one["status"] == "MATCHED" for one in found)
        return counts if len(counts) + unknown >= matched else None

    counts = await until(settled, seconds=180, what="a letter for every match")
    assert set(counts.values()) == {1}


async def _letters_unknown(client: GraphQLClient) -> int:
    answer = await client.execute("{ notifications(first: 100, status: UNKNOWN) { nodes { id } } }")
    return len(answer["notifications"]["nodes"])
