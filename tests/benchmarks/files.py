"""
``python -m tests.benchmarks.files --rows 1000000``: a register and a batch of so many rows, through a system of its own.

Both go in by the gateway, progress is watched live, the batch is cancelled and resumed, and its results are downloaded
while it runs. Printed are rows a second, and processor time and the most private memory of each process.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import aiohttp

from docker.local.demo import operations
from docker.local.demo.client import GraphQLClient
from docker.local.demo.show import accepted, until_done
from docker.local.supervisor import Supervisor
from tests.benchmarks.own_system import operator_of, own_system
from workers.matching.learn import generate

SEED = 7
TYPED = 20_000
"""typed addresses that are made up; a larger batch has them several times"""
LONGEST_SECONDS = 7_200
_ENDS = {"FINISHED", "FAILED", "CANCELLED"}
_TICK = os.sysconf("SC_CLK_TCK")
_DOWNLOAD = "query Batch($id: ID!) { matchBatch(id: $id) { download { resultsUrl } } }"
_CANCEL = (
    "mutation Cancel($id: ID!) { cancelMatchBatch(id: $id) { matchBatch { id status } problems { field message } } }"
)
_RESUME = (
    "mutation Resume($id: ID!) { resumeMatchBatch(id: $id) { matchBatch { id status } problems { field message } } }"
)


class Processes:
    """Processor time and private memory of the processes of a system, looked at once a second."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._cpu: dict[tuple[str, int], float] = {}
        self._mib: dict[str, float] = defaultdict(float)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[dict[str, Any]]:
        """What each process took from here on; filled in when left."""
        self._look()
        before = dict(self._cpu)
        took: dict[str, Any] = {}
        self._mib.clear()
        looking = asyncio.create_task(self._keep_looking())
        try:
            yield took
        finally:
            looking.cancel()
            self._look()
            for (name, pid), seconds in self._cpu.items():
                took[name] = took.get(name, 0.0) + seconds - before.get((name, pid), 0.0)
            took.update({name: [round(seconds, 1), round(self._mib[name])] for name, seconds in took.items()})

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(1)
            self._look()

    def _look(self) -> None:
        groups = {self._supervisor.pid(name): name for name in self._supervisor.names}
        for process in Path("/proc").iterdir():
            if process.name.isdecimal():
                try:
                    fields = (process / "stat").read_text().rpartition(")")[2].split()
                    if (name := groups.get(int(fields[2]))) is None:
                        continue
                    self._cpu[name, int(process.name)] = (int(fields[11]) + int(fields[12])) / _TICK
                    status = (process / "status").read_text()
                except OSError:
                    continue
                anonymous = next((line.split()[1] for line in status.splitlines() if line.startswith("RssAnon:")), "0")
                self._mib[name] = max(self._mib[name], int(anonymous) / 1024)


async def _imported(client: GraphQLClient, register: Path, rows: int) -> dict[str, Any]:
    began = time.perf_counter()
    answer = await client.upload(operations.IMPORT, {"source": "made"}, file=register.read_bytes(), name=register.name)
    id = accepted(answer["importAddresses"])["addressImport"]["id"]
    accepted_at = time.perf_counter()
    seen = 0
    async for last in until_done(client, operations.WATCH_IMPORT, id, "addressImport", _ENDS):
        seen += 1
        _tell("import", last)
    loaded_at = time.perf_counter()
    async with asyncio.timeout(LONGEST_SECONDS):
        while (await client.execute(operations.INDEXED, {"id": id}))["addressImport"]["indexed"] < last["done"]:
            await asyncio.sleep(0.5)
    searchable_at = time.perf_counter()
    return {
        "status": last["status"],
        "done": last["done"],
        "updates_seen": seen,
        "accepted_seconds": round(accepted_at - began, 1),
        "loaded_seconds": round(loaded_at - began, 1),
        "searchable_seconds": round(searchable_at - began, 1),
        "rows_per_second": round(rows / (searchable_at - began)),
    }


async def _matched(client: GraphQLClient, queries: Path) -> dict[str, Any]:
    began = time.perf_counter()
    answer = await client.upload(operations.MATCH_BATCH, {}, file=queries.read_bytes(), name=queries.name)
    batch = accepted(answer["matchBatch"])["matchBatch"]
    id, total = batch["id"], batch["total"]
    accepted_at = time.perf_counter()
    said: dict[str, Any] = {"total": total, "accepted_seconds": round(accepted_at - began, 1)}
    seen = 0
    download: asyncio.Task[int] | None = None
    async for last in until_done(client, operations.WATCH_BATCH, id, "matchBatch", _ENDS):
        seen += 1
        _tell("batch", last)
        # Beside the updates: whoever does not read them for long is taken to be gone.
        if download is None and last["done"] > total // 4:
            download = asyncio.create_task(_downloaded(client, id))
        if download is not None and download.done() and "cancelled_at" not in said:
            said["downloaded_while_running"] = download.result()
            accepted((await client.execute(_CANCEL, {"id": id}))["cancelMatchBatch"])
            said["cancelled_at"] = last["done"]
    if last["status"] == "CANCELLED":
        accepted((await client.execute(_RESUME, {"id": id}))["resumeMatchBatch"])
        async for last in until_done(client, operations.WATCH_BATCH, id, "matchBatch", _ENDS - {"CANCELLED"}):
            seen += 1
            _tell("batch", last)
    ended_at = time.perf_counter()
    return {
        **said,
        "status": last["status"],
        **{name: last[name] for name in ("done", "matched", "inReview", "new", "failed", "rejected")},
        "updates_seen": seen,
        "seconds": round(ended_at - began, 1),
        "rows_per_second": round(total / (ended_at - accepted_at)),
        "downloaded": await _downloaded(client, id),
    }


async def _downloaded(client: GraphQLClient, id: str) -> int:
    """How many results the file has that can be downloaded now."""
    url = (await client.execute(_DOWNLOAD, {"id": id}))["matchBatch"]["download"]["resultsUrl"]
    lines = 0
    # A large file takes as long as it takes.
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session, session.get(url) as answer:
        answer.raise_for_status()
        async for piece in answer.content.iter_chunked(1 << 20):
            lines += piece.count(b"\n")
    return lines - 1


def _tell(what: str, update: dict[str, Any]) -> None:
    print(what, update["status"], update["done"], "of", update["total"], file=sys.stderr)


def _made(rows: int, batch_rows: int, folder: Path) -> tuple[Path, Path]:
    register, some, queries = folder / "register.csv", folder / "some.csv", folder / "queries.csv"
    made = ["--rows", str(rows), "--seed", str(SEED), "--output", str(register)]
    typed = min(rows, batch_rows, TYPED)
    generate.main([*made, "--queries", str(typed), "--queries-output", str(some)])
    head, *lines = some.read_text().splitlines(keepends=True)
    with queries.open("w") as file:
        file.write(head)
        file.writelines(islice(cycle(lines), batch_rows))
    return register, queries


async def _measure(rows: int, batch_rows: int, lines: Path | None) -> None:
    with tempfile.TemporaryDirectory(prefix="files-") as name:
        register, queries = _made(rows, batch_rows, Path(name))
        async with own_system(lines) as system, operator_of(system) as client:
            processes = Processes(system.supervisor)
            async with processes.watched() as took:
                figures = await _imported(client, register, rows)
            print(json.dumps({"import": figures, "cpu_seconds_and_mib": took}), flush=True)
            async with processes.watched() as took:
                figures = await _matched(client, queries)
            print(json.dumps({"batch": figures, "cpu_seconds_and_mib": took}), flush=True)


def main() -> int:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.files", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the register")
    parser.add_argument("--batch-rows", type=int, help="rows of the batch, as many when not given")
    parser.add_argument("--lines", type=Path, help="file for what the processes say")
    options = parser.parse_args()
    asyncio.run(_measure(options.rows, options.batch_rows or options.rows, options.lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
