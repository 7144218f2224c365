"""What a client does, step by step; and how to wait for something without looking at the clock."""

import asyncio
import json
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from docker.local.demo import operations
from docker.local.demo.client import GraphQLClient
from docker.local.up import RunningSystem
from tests.journeys.register import Row

T = TypeVar("T")
FINAL = {"MATCHED", "IN_REVIEW", "NEW", "FAILED", "CANCELLED"}


async def until(question: Callable[[], Awaitable[T | None]], *, seconds: float = 60, what: str) -> T:
    """Ask until there is an answer. :raises AssertionError: when there is none in time, saying what was awaited."""
    answer = None
    try:
        async with asyncio.timeout(seconds) as deadline:
            while not (answer := await question()):
                await asyncio.sleep(0.1)
    except TimeoutError:
        if not deadline.expired():
            raise
        raise AssertionError(f"waited {seconds:.0f} s for {what}") from None
    return answer


async def import_addresses(client: GraphQLClient, file: bytes, *, source: str) -> dict[str, Any]:
    """Import a register and wait until matching can find all of it."""
    answer = await client.upload(operations.IMPORT, {"source": source}, file=file, name=f"{source}.csv")
    assert answer["importAddresses"]["problems"] == []
    id = answer["importAddresses"]["addressImport"]["id"]

    async def indexed() -> dict[str, Any] | None:
        found = (await client.execute(operations.INDEXED, {"id": id}))["addressImport"]
        done = found["status"] == "FINISHED" and found["indexed"] >= found["added"] + found["changed"]
        return found if done else None

    return await until(indexed, what=f"the import of {source}")


async def subscribe(client: GraphQLClient, row: Row, *, email: str) -> dict[str, Any]:
    """Subscribe with an address; give the payload."""
    subscriber = {"name": "Ada Reader", "email": email, "address": row.typed()}
    payload = (await client.execute(operations.SUBSCRIBE, {"input": subscriber}))["subscribe"]
    assert payload["problems"] == []
    return dict(payload)


async def verdict_live(client: GraphQLClient, task_id: str, *, seconds: float = 60) -> list[dict[str, Any]]:
    """Watch a match task until its verdict; give every update."""
    updates = []
    async with client.live() as connection:
        async for data in connection.subscribe(operations.WATCH_TASK, {"id": task_id}, timeout=seconds):
            updates.append(data["matchTask"])
            if data["matchTask"]["status"] in FINAL:
                break
    return updates


async def tasks(client: GraphQLClient, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Match tasks as the graph tells them now, fifty with one operation: more root fields the gateway refuses."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(ids), 50):
        some = ids[start : start + 50]
        declared = " ".join(f"$t{n}: ID!" for n in range(len(some)))
        fields = " ".join(
            f"t{n}: matchTask(id: $t{n}) {{ id status address {{ reference }} }}" for n in range(len(some))
        )
        data = await client.execute(
            f"query Tasks({declared}) {{ {fields} }}", {f"t{n}": id for n, id in enumerate(some)}
        )
        found.extend(data[f"t{n}"] for n in range(len(some)))
    return found


async def start_batch(client: GraphQLClient, file: bytes) -> str:
    """Start a batch; give its id."""
    answer = await client.upload(operations.MATCH_BATCH, {}, file=file, name="batch.csv")
    assert answer["matchBatch"]["problems"] == []
    return str(answer["matchBatch"]["matchBatch"]["id"])


async def batch(client: GraphQLClient, id: str) -> dict[str, Any]:
    """A batch as the graph tells it now."""
    query = "query Batch($id: ID!) { matchBatch(id: $id) { status total done matched inReview new failed rejected } }"
    return dict((await client.execute(query, {"id": id}))["matchBatch"])


async def finished(client: GraphQLClient, id: str, *, seconds: float = 90) -> dict[str, Any]:
    """Wait until a batch is finished."""

    async def done() -> dict[str, Any] | None:
        found = await batch(client, id)
        return found if found["status"] == "FINISHED" else None

    return await until(done, seconds=seconds, what=f"batch {id}")


def letters(system: RunningSystem) -> list[dict[str, Any]]:
    """What the mailbox has taken."""
    with urllib.request.urlopen(system.settings.url("mailbox", "/letters.json"), timeout=10) as answer:
        return list(json.load(answer))
