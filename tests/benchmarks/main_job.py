"""The main job: from `subscribe` to the update on the WebSocket, and a batch of 5,000."""

import random
import statistics
import time

from rich.console import Console

from docker.local.demo import febrl, operations
from docker.local.demo.client import GraphQLClient, LiveConnection
from docker.local.demo.show import accepted, import_register, until_done

SINGLE = 200
FINAL = {"MATCHED", "IN_REVIEW", "NEW", "FAILED"}


async def measure(client: GraphQLClient, data: febrl.Febrl) -> dict[str, float]:
    """The figures of the main job, on a system with nothing else to do."""
    await import_register(client, data, Console(stderr=True, highlight=False))
    return {**await _one_by_one(client, data), **await _batch(client, data)}


async def _one_by_one(client: GraphQLClient, data: febrl.Febrl) -> dict[str, float]:
    """The system otherwise idle: the next subscriber comes when the one before has a verdict."""
    rows = random.Random(4).sample(febrl.rows(data.queries), SINGLE)
    times = []
    async with client.live() as connection:
        for number, row in enumerate(rows):
            began = time.perf_counter()
            await _until_verdict(client, connection, row, number)
            times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return {
        "subscribe_to_update_median_ms": round(statistics.median(times), 1),
        "subscribe_to_update_p95_ms": round(times[int(len(times) * 0.95)], 1),
        "subscribe_to_update_samples": len(times),
    }


async def _until_verdict(client: GraphQLClient, connection: LiveConnection, row: dict[str, str], number: int) -> None:
    address = {"name": row["name"] or None, "address": row["address"], "postalCode": row["postal_code"], "city": row["city"],
               "region": row["region"], "country": row["country"]}  # fmt: skip
    subscriber = {"name": "Bench", "email": f"bench-{number}@example.com", "address": address}
    payload = accepted((await client.execute(operations.SUBSCRIBE, {"input": subscriber}))["subscribe"])
    updates = connection.subscribe(operations.WATCH_STATUS, {"id": payload["matchTask"]["id"]})
    async for update in updates:
        if update["matchTask"]["status"] in FINAL:
            break
    await updates.aclose()


async def _batch(client: GraphQLClient, data: febrl.Febrl) -> dict[str, float]:
    began = time.perf_counter()
    answer = await client.upload(operations.MATCH_BATCH, {}, file=data.queries, name="bench.csv")
    batch_id = accepted(answer["matchBatch"])["matchBatch"]["id"]
    async for update in until_done(client, operations.WATCH_BATCH, batch_id, "matchBatch", {"FINISHED", "FAILED"}):
        last = update
    took = time.perf_counter() - began
    return {
        "batch_rows": last["done"],
        "batch_seconds": round(took, 2),
        "batch_rows_per_second": round(last["done"] / took),
    }
