"""What one of each thing costs: CPU milliseconds of every process for a subscription, a suggestion, a row of a file and so on."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from rich.console import Console

from docker.local.demo import febrl, operations
from docker.local.demo.client import GraphQLClient
from docker.local.demo.show import accepted, import_register, until_done
from docker.local.settings import LocalSettings
from docker.local.up import RunningSystem
from tests.benchmarks.gateway.measure import cpu_seconds
from tests.benchmarks.own_system import operator_of, own_system

TOGETHER = 8
"""clients at a time: enough to keep every process busy, so that what a process costs when it idles is shared by many"""
SMALL = 0.01
"""a process with a smaller part in the whole is not named"""
QUIET_SECONDS = 3
"""after so long without a letter, all are sent"""
SUBSCRIPTIONS, QUESTIONS = 1000, 2000
FINAL = {"MATCHED", "IN_REVIEW", "NEW", "FAILED"}
SUGGEST = "query S($text: String!) { suggestAddresses(text: $text) { id formatted } }"
READ = "query R($id: ID!) { address(id: $id) { id formatted city } }"
LIST = "query L($after: String) { addresses(first: 50, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }"

Costs = Mapping[str, float]
"""process → CPU milliseconds"""


@dataclass(frozen=True)
class Meter:
    """Reads what each process has used."""

    system: RunningSystem

    async def each(self, work: Callable[[], Awaitable[int]]) -> Costs:
        """What this work costs, for each of the things it says it has done."""
        before = self._used()
        done = await work()
        after = self._used()
        costs = {name: 1000 * (after[name] - used) / done for name, used in before.items()}
        whole = sum(costs.values())
        largest = sorted(costs.items(), key=lambda one: -one[1])
        return {"all": round(whole, 3)} | {name: round(cost, 3) for name, cost in largest if cost >= SMALL * whole}

    def _used(self) -> dict[str, float]:
        supervisor = self.system.supervisor
        pids = {name: supervisor.pid(name) for name in supervisor.names}
        return {name: cpu_seconds(pid) for name, pid in pids.items() if pid is not None}


async def measure_unit_costs() -> dict[str, Costs]:
    """On a system of its own, with the register of Febrl 4 (5,000 addresses)."""
    data = febrl.load(LocalSettings.from_environment().state / "febrl")
    rows = febrl.rows(data.queries)
    async with own_system() as system, operator_of(system) as client:
        meter = Meter(system)
        imported = await meter.each(lambda: _import(client, data))
        ids = await _ids(client)
        return {
            "a row of an import": imported,
            "a subscription, until its verdict is pushed and its letter sent": await meter.each(
                lambda: _subscribe(client, rows, system)
            ),
            "a suggestion as somebody types": await meter.each(lambda: _suggest(client, rows)),
            "an address by its id": await meter.each(lambda: _read(client, ids)),
            "the same once more, kept by the gateway": await meter.each(lambda: _read(client, ids)),
            "a row of a batch": await meter.each(lambda: _batch(client, data)),
            "a second in which nothing happens": await meter.each(_nothing),
        }


async def _import(client: GraphQLClient, data: febrl.Febrl) -> int:
    await import_register(client, data, Console(stderr=True, highlight=False))
    return len(febrl.rows(data.queries))


async def _subscribe(client: GraphQLClient, rows: list[dict[str, str]], system: RunningSystem) -> int:
    chosen = random.Random(4).choices(rows, k=SUBSCRIPTIONS)

    async def one(number: int) -> None:
        row = chosen[number]
        address = {
            "address": row["address"],
            "postalCode": row["postal_code"],
            "city": row["city"],
            "country": row["country"],
        }
        subscriber = {"name": "Bench", "email": f"cost-{number}@example.com", "address": address}
        payload = accepted((await client.execute(operations.SUBSCRIBE, {"input": subscriber}))["subscribe"])
        async with client.live() as connection:
            updates = connection.subscribe(operations.WATCH_STATUS, {"id": payload["matchTask"]["id"]})
            async for update in updates:
                if update["matchTask"]["status"] in FINAL:
                    break
            await updates.aclose()

    await _together(one, SUBSCRIPTIONS)
    await _letters_are_sent(system)
    return SUBSCRIPTIONS


async def _letters_are_sent(system: RunningSystem) -> None:
    folder = system.settings.state / "letters"
    sent = -1
    while sent != (sent := len(list(folder.iterdir()))):
        await asyncio.sleep(QUIET_SECONDS)


async def _suggest(client: GraphQLClient, rows: list[dict[str, str]]) -> int:
    drawn = random.Random(5)
    texts = [row["address"][: drawn.randint(3, 12)] for row in drawn.choices(rows, k=QUESTIONS)]

    async def one(number: int) -> None:
        await client.execute(SUGGEST, {"text": texts[number]})

    await _together(one, QUESTIONS)
    return QUESTIONS


async def _ids(client: GraphQLClient) -> list[str]:
    ids: list[str] = []
    after = None
    while len(ids) < QUESTIONS:
        page = (await client.execute(LIST, {"after": after}))["addresses"]
        ids += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    return ids[:QUESTIONS]


async def _read(client: GraphQLClient, ids: list[str]) -> int:
    async def one(number: int) -> None:
        await client.execute(READ, {"id": ids[number]})

    await _together(one, len(ids))
    return len(ids)


async def _batch(client: GraphQLClient, data: febrl.Febrl) -> int:
    answer = await client.upload(operations.MATCH_BATCH, {}, file=data.queries, name="cost.csv")
    batch_id = accepted(answer["matchBatch"])["matchBatch"]["id"]
    async for update in until_done(client, operations.WATCH_BATCH, batch_id, "matchBatch", {"FINISHED", "FAILED"}):
        last = update
    return int(last["done"])


async def _nothing() -> int:
    await asyncio.sleep(20)  # what is measured is just this
    return 20


async def _together(one: Callable[[int], Awaitable[None]], count: int) -> None:
    numbers = iter(range(count))

    async def client() -> None:
        for number in numbers:
            await one(number)

    await asyncio.gather(*(client() for _ in range(TOGETHER)))
