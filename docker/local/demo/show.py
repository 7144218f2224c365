"""``make demo``: a register of real shape, one mistyped address, then 5,000 at once. All of it through the gateway."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from docker.local.demo import febrl, operations
from docker.local.demo.client import GraphQLClient, GraphQLFailure
from docker.local.running import Reached
from docker.local.settings import LocalSettings
from docker.local.token import AccessTokens

MISTYPED = {
    "name": "michaela neuman",
    "address": "8 stanly st, miami",
    "postalCode": "4223",
    "city": "winston hils",
    "region": "NSW",
    "country": "AU",
}


@dataclass(frozen=True)
class Score:
    """How a batch did against the truth; a prediction counts where the verdict is MATCH."""

    precision: float
    recall: float
    review_share: float


async def show(settings: LocalSettings) -> int:
    """Show the main job on the running system; 1 when there is none or it answers with an error."""
    console = Console(highlight=False)
    reached = Reached.find(settings)
    url = reached.url("gateway")
    data = febrl.load(settings.state / "febrl")
    try:
        async with (
            GraphQLClient(url, AccessTokens(settings, "operator"), reached.tls) as operator,
            GraphQLClient(url, tls=reached.tls) as anybody,
        ):
            await import_register(operator, data, console)
            await match_one(anybody, console, settings)
            await match_all(operator, data, console)
    except (aiohttp.ClientConnectionError, OSError, TimeoutError) as problem:
        console.print(
            f"[red]no answer from {url} ({problem or 'timeout'}): is the system up? Start it with `make up`.[/]"
        )
        return 1
    except GraphQLFailure as problem:
        console.print(f"[red]the gateway answered with an error:[/]\n{problem}", markup=True)
        return 1
    return 0


async def import_register(client: GraphQLClient, data: febrl.Febrl, console: Console) -> None:
    """Import the 5,000 originals and wait until matching can find them."""
    console.print("\n[bold]1. A register of 5,000 addresses[/]  (Febrl 4, through importAddresses)")
    answer = await client.upload(
        operations.IMPORT, {"source": "febrl4"}, file=data.register, name="febrl4.register.csv"
    )
    payload = accepted(answer["importAddresses"])
    id = payload["addressImport"]["id"]
    began = time.perf_counter()
    with _progress(console) as progress:
        bar = progress.add_task("importing", total=payload["addressImport"]["total"])
        last: dict[str, Any] = {}
        async for update in until_done(client, operations.WATCH_IMPORT, id, "addressImport", {"FINISHED", "FAILED"}):
            progress.update(bar, total=update["total"], completed=update["done"])
            last = update
    await _indexed(client, id)
    console.print(
        f"   {last['added']} added, {last['changed']} changed, {last['unchanged']} unchanged, {last['rejected']} rejected; "
        f"searchable after {time.perf_counter() - began:.1f} s"
    )


async def match_one(client: GraphQLClient, console: Console, settings: LocalSettings) -> None:
    """One subscriber with a mistyped address, watched live."""
    console.print("\n[bold]2. One subscriber, one mistyped address[/]  (subscribe, watched over a live subscription)")
    console.print(f"   typed     {_line(MISTYPED)}")
    began = time.perf_counter()
    subscriber = {"name": "Michaela Neumann", "email": "michaela@example.com", "address": MISTYPED}
    payload = accepted((await client.execute(operations.SUBSCRIBE, {"input": subscriber}))["subscribe"])
    console.print(f"   {_since(began)}  accepted: subscriber {payload['subscriber']['id']}")
    async for update in until_done(
        client,
        operations.WATCH_TASK,
        payload["matchTask"]["id"],
        "matchTask",
        {"MATCHED", "IN_REVIEW", "NEW", "FAILED"},
    ):
        console.print(f"   {_since(began)}  {update['status']}")
    task = update["matchTask"]
    if task["address"]:
        console.print(f"   known as  [green]{task['address']['formatted']}[/]  ({task['score']:.2f})")
    table = Table("evidence", "typed", "known", "similarity", "counts", "", box=None, padding=(0, 2), show_edge=False)
    for item in task["evidence"]:
        table.add_row(
            item["field"], item["typed"] or "", item["known"] or "",
            "" if item["similarity"] is None else f"{item['similarity']:.2f}", f"{item['contribution']:+.2f}", item["note"] or "",
        )  # fmt: skip
    console.print(table)
    console.print(f"   the letter that goes out about it: {settings.url('mailbox', '/')}")


async def match_all(client: GraphQLClient, data: febrl.Febrl, console: Console) -> None:
    """The 5,000 corrupted copies as one batch, with the truth at the end."""
    console.print(
        "\n[bold]3. 5,000 corrupted addresses as one batch[/]  (matchBatch, progress over a live subscription)"
    )
    began = time.perf_counter()
    answer = await client.upload(operations.MATCH_BATCH, {}, file=data.queries, name="febrl4.queries.csv")
    id = accepted(answer["matchBatch"])["matchBatch"]["id"]
    with _progress(console) as progress:
        bar = progress.add_task("matching", total=len(data.truth))
        async for update in until_done(client, operations.WATCH_BATCH, id, "matchBatch", {"FINISHED", "FAILED"}):
            progress.update(bar, total=update["total"], completed=update["done"])
    took = time.perf_counter() - began
    score = rate([result async for result in results(client, id)], data.truth)
    console.print(
        f"   {update['matched']} matched, {update['inReview']} to review, {update['new']} new, {update['rejected']} rejected\n"
        f"   precision [bold]{score.precision:.4f}[/]  recall [bold]{score.recall:.4f}[/]  "
        f"to review {score.review_share:.1%}  in [bold]{took:.1f} s[/] ({update['total'] / took:,.0f} addresses a second)\n"
    )


async def results(client: GraphQLClient, batch_id: str) -> AsyncIterator[dict[str, Any]]:
    """Every result of a batch, page by page."""
    after = None
    while True:
        data = await client.execute(operations.RESULTS, {"id": batch_id, "after": after})
        page = data["matchBatch"]["results"]
        for node in page["nodes"]:
            yield node
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def rate(found: Iterable[Mapping[str, Any]], truth: Mapping[str, str]) -> Score:
    """Compare results with the truth (query id → reference in the register)."""
    found = list(found)
    said = [result for result in found if result["verdict"] == "MATCH" and result["address"]]
    right = sum(truth.get(result["queryId"]) == result["address"]["reference"] for result in said)
    review = sum(result["verdict"] == "REVIEW" for result in found)
    return Score(right / max(len(said), 1), right / max(len(truth), 1), review / max(len(found), 1))


async def until_done(
    client: GraphQLClient, query: str, id: str, field: str, final: set[str]
) -> AsyncIterator[dict[str, Any]]:
    """The live updates of one thing, up to the one with a final status."""
    async with client.live() as connection:
        updates = connection.subscribe(query, {"id": id})
        async for data in updates:
            yield data[field]
            if data[field]["status"] in final:
                break
        await updates.aclose()


async def _indexed(client: GraphQLClient, import_id: str) -> None:
    """An import is finished when the register holds it; matching hears of it a moment later."""
    async with asyncio.timeout(60):
        while True:
            found = (await client.execute(operations.INDEXED, {"id": import_id}))["addressImport"]
            if found["indexed"] >= found["added"] + found["changed"]:
                return
            await asyncio.sleep(0.1)


def accepted(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload of a mutation. :raises GraphQLFailure: when it holds problems."""
    if payload["problems"]:
        raise GraphQLFailure("; ".join(f"{problem['field']}: {problem['message']}" for problem in payload["problems"]))
    return payload


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("   {task.description}"), BarColumn(40), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


def _since(began: float) -> str:
    return f"{(time.perf_counter() - began) * 1000:6.0f} ms"


def _line(address: Mapping[str, str]) -> str:
    return ", ".join(address[key] for key in ("name", "address", "postalCode", "city", "region", "country"))
