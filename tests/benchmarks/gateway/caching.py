"""What it brings to keep answers: the same load with nothing kept, with answers of subgraphs, and with whole answers."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from docker.local.ports import pick_free
from tests.benchmarks.gateway.load import request_bytes, run
from tests.benchmarks.gateway.measure import cpu_seconds, for_seconds, process, running, until_it_answers
from tests.benchmarks.gateway.operations import BIG
from tests.benchmarks.gateway.world import SDL, supergraph

__all__ = ["measure_caching"]

CONNECTIONS = 50
NOTHING: dict[str, Any] = {}
SUBGRAPHS = {"default_max_age": 60, "responses": False}
RESPONSES = {"default_max_age": 60, "subgraph_answers": False}


def measure_caching() -> dict[str, Any]:
    """Requests per CPU second of the gateway, and CPU milliseconds of all subgraphs for each request."""
    with redis() as url:
        return {
            "nothing kept": _measured(NOTHING),
            "answers of subgraphs, here": _measured(SUBGRAPHS),
            "answers of subgraphs, in Redis": _measured({**SUBGRAPHS, "redis_url": url}),
            "whole answers, here": _measured(RESPONSES),
            "whole answers, in Redis": _measured({**RESPONSES, "redis_url": url}),
        }


def _measured(cache: dict[str, Any]) -> dict[str, float]:
    *ports, port = pick_free(len(SDL) + 1)
    urls = {name: f"http://127.0.0.1:{one}/graphql" for name, one in zip(SDL, ports, strict=True)}
    with (
        tempfile.TemporaryDirectory() as folder,
        process("-m", "tests.benchmarks.gateway.subgraphs", *map(str, ports)) as subgraphs,
    ):
        config = Path(folder) / "graph.yaml"
        (Path(folder) / "supergraph.graphql").write_text(supergraph(urls))
        # Calls that are alike and under way together are made once in any case; that is not what is measured.
        page = {"supergraph": "supergraph.graphql", "traffic": {"share_identical": False}}
        config.write_text(yaml.safe_dump(page | ({"cache": cache} if cache else {})))
        with process("-m", "gateway_graphql", "serve", "--config", str(config), "--port", str(port)) as gateway:
            until_it_answers(port, gateway, subgraphs)
            asyncio.run(run(port, for_seconds(request_bytes(BIG), 1), CONNECTIONS))
            before, before_below = cpu_seconds(gateway.pid), cpu_seconds(subgraphs.pid)
            load = asyncio.run(run(port, for_seconds(request_bytes(BIG)), CONNECTIONS))
            used, used_below = cpu_seconds(gateway.pid) - before, cpu_seconds(subgraphs.pid) - before_below
        return {
            "requests_per_cpu_second": round(len(load.latencies) / used),
            "subgraph_cpu_ms_per_request": round(1000 * used_below / len(load.latencies), 3),
            "p50_ms": load.percentile(0.5),
            "wrong_answers": load.wrong,
        }


@contextmanager
def redis() -> Iterator[str]:
    """A Redis with nothing in it, until the block ends."""
    (port,) = pick_free(1)
    with (
        tempfile.TemporaryDirectory() as folder,
        running("redis-server", "--port", str(port), "--save", "", "--dir", folder),
    ):
        while subprocess.run(("redis-cli", "-p", str(port), "ping"), capture_output=True, check=False).returncode:
            pass
        yield f"redis://127.0.0.1:{port}/0"
