"""
``make soak MINUTES=30``: mixed load while subgraphs die, hang, answer late or nonsense, and the graph is reloaded.

Fails if a request has no answer, if memory or open files grow with time, or if reloads hold up the event loop.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from docker.local.ports import pick_free
from tests.benchmarks.gateway.load import read_answer, request_bytes
from tests.benchmarks.gateway.measure import process, until_it_answers
from tests.benchmarks.gateway.operations import BIG, SMALL, cold
from tests.benchmarks.gateway.world import LINK, SDL

CONNECTIONS = 20
THINK = 0.15
"""seconds between two requests of one connection, on average"""
LONGEST = 15.0
"""seconds for an answer, whatever the subgraphs do"""
RESTART_EVERY, RELOAD_EVERY, LOOK_EVERY = 20.0, 2.0, 2.0
WARM = 0.3
"""share of the time after which nothing may grow any more"""
GROWTH = 1.15
STALLS = 0.1
"""for each reload, how often the event loop may be held up for longer than ``loop_probe.LATE``"""

SETTINGS = """
reload_every: 0.5
timeouts: {subgraph: 2, connect: 1}
traffic: {circuit_pause: 1}
plan_cache_size: 1000
extensions: ["tests.benchmarks.gateway.loop_probe:extension"]
subgraphs:
"""
ENTRY = """  {name}:
    routing_url: http://127.0.0.1:{port}/graphql
    schema: {{file: {name}.graphql}}
"""


@dataclass
class Seen:
    """What happened."""

    answers: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    reloads: int = 0
    loop: dict[str, float] = field(default_factory=dict)
    """as :mod:`tests.benchmarks.gateway.loop_probe` tells"""


async def soak(minutes: float) -> Seen:
    """Load it for so long."""
    *ports, port = pick_free(len(SDL) + 1)
    seen = Seen()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for one, sdl in SDL.items():
            (folder / f"{one}.graphql").write_text(LINK + sdl)
        entries = [ENTRY.format(name=one, port=at) for one, at in zip(SDL, ports, strict=True)]
        (folder / "graph.yaml").write_text(SETTINGS + "".join(entries))
        serve = ("-m", "gateway_graphql", "serve", "--config", str(folder / "graph.yaml"), "--port", str(port))
        probe = folder / "probe"
        with process(*serve, LOOP_PROBE=str(probe)) as gateway:
            await asyncio.to_thread(until_it_answers, port, gateway)
            until = time.monotonic() + minutes * 60
            async with asyncio.TaskGroup() as group:
                group.create_task(_subgraphs_that_die(ports, until))
                group.create_task(_reloads(folder, until, seen))
                group.create_task(_look(gateway, until, seen))
                rare = list(map(request_bytes, cold(3000)))
                operations = [*rare, *[request_bytes(SMALL)] * (8 * len(rare)), *[request_bytes(BIG)] * len(rare)]
                for _ in range(CONNECTIONS):
                    group.create_task(_ask(port, operations, until, seen))
            seen.loop = json.loads(probe.read_text())
    return seen


async def _ask(port: int, operations: list[bytes], until: float, seen: Seen) -> None:
    while time.monotonic() < until:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        try:
            for _ in range(random.randint(1, 200)):
                if time.monotonic() > until:
                    break
                # Half of what a core could do: at more, everybody waits for everybody, whatever the event loop does.
                await asyncio.sleep(random.expovariate(1 / THINK))
                writer.write(random.choice(operations))
                if random.random() < 0.01:
                    break  # a client that leaves
                async with asyncio.timeout(LONGEST):
                    result = json.loads((await read_answer(reader))[1])
                seen.answers["whole" if "errors" not in result else "with errors"] += 1
                if "data" not in result:
                    seen.lost.append(f"no data: {str(result)[:200]}")
        except (TimeoutError, OSError, EOFError, ValueError) as problem:
            seen.lost.append(repr(problem))
        finally:
            writer.close()


async def _subgraphs_that_die(ports: list[int], until: float) -> None:
    while time.monotonic() < until:
        with process("-m", "tests.benchmarks.gateway.subgraphs", *map(str, ports), "--faults") as subgraphs:
            await asyncio.sleep(min(RESTART_EVERY * random.uniform(0.5, 1.5), max(0, until - time.monotonic())))
            subgraphs.send_signal(signal.SIGKILL)


async def _reloads(folder: Path, until: float, seen: Seen) -> None:
    file = folder / "readers.graphql"
    number = 0
    while time.monotonic() < until:
        await asyncio.sleep(RELOAD_EVERY)
        number += 1
        # Every third cannot be used: the one before it stays.
        extra = "" if number % 3 else " nowhere: Missing"
        seen.reloads += not extra
        file.write_text(LINK + SDL["readers"].replace("country: String", f"country: String extra{number}: Int{extra}"))


async def _look(gateway: subprocess.Popen[bytes], until: float, seen: Seen) -> None:
    while time.monotonic() < until:
        await asyncio.sleep(LOOK_EVERY)
        status = Path(f"/proc/{gateway.pid}/status").read_text()
        seen.memory.append(int(status.partition("VmRSS:")[2].split()[0]) // 1024)
        seen.files.append(len(os.listdir(f"/proc/{gateway.pid}/fd")))


def _grows(samples: list[int]) -> tuple[int, int]:
    """The median of the first third after the warm-up, and of the last third."""
    settled = samples[int(len(samples) * WARM) :]
    third = max(1, len(settled) // 3)
    return round(statistics.median(settled[:third])), round(statistics.median(settled[-third:]))


def main() -> int:
    """Print what happened; 1 if a request was lost or something grew."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.gateway.soak")
    parser.add_argument("--minutes", type=float, default=30)
    seen = asyncio.run(soak(parser.parse_args().minutes))
    memory, files = _grows(seen.memory), _grows(seen.files)
    told = {
        "answers": seen.answers,
        "without_answer": len(seen.lost),
        "memory_mib": memory,
        "files": files,
        "reloads": seen.reloads,
        "event_loop": seen.loop,
    }
    print(json.dumps(told))
    for lost in seen.lost[:10]:
        print(lost, file=sys.stderr)
    grows = memory[1] > memory[0] * GROWTH or files[1] > files[0] * GROWTH + 5
    return int(bool(seen.lost) or grows or seen.loop["late"] > seen.reloads * STALLS)


if __name__ == "__main__":
    sys.exit(main())
