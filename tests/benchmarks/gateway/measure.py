"""Starts subgraphs and gateway, loads the gateway, and says what a CPU second of it is worth."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docker.local.ports import pick_free
from tests.benchmarks.gateway.load import Load, request_bytes, run, run_paced
from tests.benchmarks.gateway.operations import BIG, SMALL, cold
from tests.benchmarks.gateway.world import SDL, supergraph

__all__ = ["Command", "cpu_seconds", "for_seconds", "measure_gateway", "ours", "process", "running", "until_it_answers"]

CONNECTIONS = 50
SECONDS = 5.0
COLD = 600
PYTHON = (sys.executable, "-m")
TICKS = os.sysconf("SC_CLK_TCK")


Command = Callable[[Path, int], Sequence[str]]
"""how a gateway that serves this supergraph at this port is started"""


def ours(supergraph_file: Path, port: int) -> Sequence[str]:
    """The command of this gateway."""
    return (*PYTHON, "gateway_graphql", "serve", "--supergraph", str(supergraph_file), "--port", str(port))


def measure_gateway(command: Command = ours, warm: float = 1) -> dict[str, Any]:
    """
    Requests per CPU second of a gateway, latencies in milliseconds, memory in MiB.

    :param warm: seconds of load before anything is measured
    """
    *ports, port = pick_free(len(SDL) + 1)
    urls = {name: f"http://127.0.0.1:{one}/graphql" for name, one in zip(SDL, ports, strict=True)}
    with (
        tempfile.TemporaryDirectory() as folder,
        process("-m", "tests.benchmarks.gateway.subgraphs", *map(str, ports)) as subgraphs,
    ):
        file = Path(folder) / "supergraph.graphql"
        file.write_text(supergraph(urls))

        @contextmanager
        def gateway() -> Iterator[subprocess.Popen[bytes]]:
            with running(*command(file, port)) as one:
                until_it_answers(port, one, subgraphs)
                yield one

        figures: dict[str, Any] = {}
        for name, query in (("big", BIG), ("small", SMALL)):
            with gateway() as one:
                asyncio.run(run(port, for_seconds(request_bytes(query), warm), CONNECTIONS))
                figures[name] = _measured(one, port, for_seconds(request_bytes(query)), CONNECTIONS)
                figures[name]["at_half_load"] = _at_half_load(
                    port, ports[0], query, figures[name]["requests_per_second"]
                )
        operations = [request_bytes(query) for query in cold(COLD)]
        with gateway():  # the subgraphs learn the answers, which are not what is measured
            asyncio.run(run(port, iter(operations), 10))
        with gateway() as one:
            asyncio.run(run(port, for_seconds(request_bytes(BIG), warm), 10))
            figures["cold"] = _measured(one, port, iter(operations), 10)
        return figures


def _measured(
    gateway: subprocess.Popen[bytes], port: int, requests: Iterator[bytes], connections: int
) -> dict[str, Any]:
    before = cpu_seconds(gateway.pid)
    load: Load = asyncio.run(run(port, requests, connections))
    used = cpu_seconds(gateway.pid) - before
    return {
        "requests_per_cpu_second": round(len(load.latencies) / used),
        "requests_per_second": round(len(load.latencies) / load.seconds),
        "p50_ms": load.percentile(0.5),
        "p99_ms": load.percentile(0.99),
        "memory_mib": round(_peak_bytes(gateway.pid) / 2**20),
        "wrong_answers": load.wrong,
    }


def _at_half_load(port: int, subgraph: int, query: str, rate: int) -> dict[str, Any]:
    """What the gateway adds to one of its subgraphs, while half as much is asked as it can answer."""
    through = asyncio.run(run_paced(port, request_bytes(query), CONNECTIONS, rate / 2, SECONDS))
    alone = asyncio.run(run_paced(subgraph, request_bytes(SMALL), CONNECTIONS, rate / 2, SECONDS))
    return {
        "requests_per_second": round(len(through.latencies) / SECONDS),
        "p50_ms": through.percentile(0.5),
        "p99_ms": through.percentile(0.99),
        "p99_of_a_subgraph_ms": alone.percentile(0.99),
        "wrong_answers": through.wrong + alone.wrong,
    }


def for_seconds(request: bytes, seconds: float = SECONDS) -> Iterator[bytes]:
    """The same request again and again, for so long."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        yield request


def cpu_seconds(pid: int) -> float:
    """What the process has used so far, with those that it has started."""
    fields = (Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in _family(pid))
    return sum(int(one[11]) + int(one[12]) for one in fields) / TICKS


def _peak_bytes(pid: int) -> int:
    statuses = (Path(f"/proc/{one}/status").read_text() for one in _family(pid))
    return sum(int(one.partition("VmHWM:")[2].split()[0]) for one in statuses) * 1024


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """``python`` with these arguments, until the block ends."""
    with running(sys.executable, *arguments, **environment) as one:
        yield one


@contextmanager
def running(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process, until the block ends."""
    one = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **environment})
    try:
        yield one
    finally:
        one.terminate()
        one.wait(20)


def until_it_answers(port: int, *processes: subprocess.Popen[bytes]) -> None:
    """Wait for the gateway; a process that ends instead ends everything."""
    question = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql", b'{"query": "{ __typename }"}', {"Content-Type": "application/json"}
    )
    while True:
        try:
            urllib.request.urlopen(question, timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError):
            for one in processes:
                if one.poll() is not None:
                    raise SystemExit(f"{one.args!r} ended with {one.returncode}") from None
            time.sleep(0.05)  # between two attempts
