"""From a typed address to a verdict, through the gateway, over the wires."""

import pytest

from docker.local.demo import operations
from docker.local.demo.client import GraphQLClient
from docker.local.demo.show import rate, results
from docker.local.up import RunningSystem
from tests.journeys.register import ADDRESSES, Row, as_csv, mistyped
from tests.journeys.steps import finished, letters, start_batch, subscribe, until, verdict_live

# The system lives as long as the session, and so does the event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_typed_address_comes_back_matched(system: RunningSystem, client: GraphQLClient) -> None:
    known = ADDRESSES[17]
    payload = await subscribe(client, mistyped(known, id="q", seed=1), email="matched@example.com")

    updates = await verdict_live(client, payload["matchTask"]["id"])

    assert updates[-1]["status"] == "MATCHED"
    assert updates[-1]["matchTask"]["address"]["reference"] == known.id
    assert updates[-1]["matchTask"]["evidence"]

    async def stored() -> str | None:
        query = "query Stored($id: ID!) { subscriber(id: $id) { address { reference } } }"
        found = (await client.execute(query, {"id": payload["subscriber"]["id"]}))["subscriber"]["address"]
        return found and found["reference"]

    assert await until(stored, what="the canonical address of the subscriber") == known.id

    async def delivered() -> list[dict[str, object]]:
        return [letter for letter in letters(system) if "matched@example.com" in str(letter["to"])]

    assert len(await until(delivered, what="the letter")) == 1


async def test_an_address_known_exactly_is_answered_at_once(client: GraphQLClient) -> None:
    payload = await subscribe(client, ADDRESSES[3], email="exact@example.com")

    assert payload["knownAddress"]["formatted"].startswith(ADDRESSES[3].address)


async def test_an_address_nobody_knows_is_new(client: GraphQLClient) -> None:
    nowhere = Row("q", "5 Zanzibar Crescent", "4999", "Quillby")

    updates = await verdict_live(client, (await subscribe(client, nowhere, email="new@example.com"))["matchTask"]["id"])

    assert updates[-1]["status"] == "NEW"
    assert updates[-1]["matchTask"]["address"] is None


async def test_a_task_nobody_has_heard_of_is_queued(client: GraphQLClient) -> None:
    async with client.live() as connection:
        async for update in connection.subscribe(operations.WATCH_STATUS, {"id": "never-seen"}, timeout=10):
            assert update["matchTask"]["status"] == "QUEUED"
            break


async def test_who_comes_late_gets_the_snapshot_and_who_saw_it_gets_nothing_twice(client: GraphQLClient) -> None:
    payload = await subscribe(client, mistyped(ADDRESSES[44], id="q", seed=2), email="late@example.com")
    task_id = payload["matchTask"]["id"]
    seen = await verdict_live(client, task_id)

    late = await verdict_live(client, task_id)
    assert [update["updateId"] for update in late] == [seen[-1]["updateId"]]

    replayed = []
    async with client.live() as connection:
        async for update in connection.subscribe(operations.WATCH_STATUS, {"id": task_id, "after": "0-1"}, timeout=10):
            replayed.append(update["matchTask"]["updateId"])
            if replayed[-1] == seen[-1]["updateId"]:
                break
    assert len(replayed) == len(set(replayed))


async def test_a_batch_of_500_finds_its_addresses(client: GraphQLClient) -> None:
    truth = {f"q{n}": ADDRESSES[n].id for n in range(500)}
    rows = [mistyped(ADDRESSES[n], id=f"q{n}", seed=n) for n in range(500)]

    batch_id = await start_batch(client, as_csv(rows))
    done = await finished(client, batch_id)

    assert done["done"] == done["total"] == 500
    score = rate([result async for result in results(client, batch_id)], truth)
    assert score.precision == 1.0
    assert score.recall > 0.95


async def test_the_progress_of_a_batch_is_live_and_never_goes_back(client: GraphQLClient) -> None:
    rows = [mistyped(ADDRESSES[n % len(ADDRESSES)], id=f"q{n}", seed=n + 7) for n in range(2_200)]
    batch_id = await start_batch(client, as_csv(rows))
    seen = []
    async with client.live() as connection:
        async for update in connection.subscribe(operations.WATCH_BATCH, {"id": batch_id, "after": "0-1"}):
            seen.append(update["matchBatch"]["done"])
            if update["matchBatch"]["status"] == "FINISHED":
                break

    assert seen == sorted(seen)
    assert seen[-1] == 2_200
    assert len(seen) > 2
