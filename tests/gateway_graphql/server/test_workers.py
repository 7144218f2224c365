"""Several processes on one port."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway_graphql.server.processes import free_port, process
from tests.gateway_graphql.server.test_metrics import PACKAGE_ROOT

Log = Iterator[dict[str, Any]]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(PACKAGE_ROOT), "PYTHONUNBUFFERED": "1"}
WORKERS = 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A graph that needs no subgraph to answer ``__typename``."""
    (tmp_path / "a.graphql").write_text("type Query { a: Int }")
    (tmp_path / "graph.yaml").write_text(
        "metrics: ${METRICS:-}\nsubgraphs: {a: {routing_url: http://127.0.0.1:1/, schema: {file: a.graphql}}}\n"
    )
    return tmp_path


def serve(port: int, *more: str) -> tuple[str, ...]:
    """The command."""
    return ("-m", "gateway_graphql", "serve", "--config", "graph.yaml", "--port", str(port), *more)


def log_of(running: subprocess.Popen[str]) -> Log:
    """Its lines as they come."""
    assert running.stdout is not None
    return (json.loads(line) for line in running.stdout)


def until(lines: Log, event: str) -> dict[str, Any]:
    """The next line of this event."""
    return next(line for line in lines if line["event"] == event)


def children(pid: int) -> set[int]:
    """The processes that a process has started."""
    return {int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def ask(port: int) -> Any:
    """The answer to a request on a connection of its own."""
    question = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        data=b'{"query": "{ __typename }"}',
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(question, timeout=20) as answer:
        return json.load(answer)


def answered(metrics: int) -> float:
    """How many requests the worker with these metrics has answered."""
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("gateway_request_seconds_count"))


def ports_in_a_row(count: int) -> int:
    """The first of so many free ports."""
    while True:
        first = free_port()
        if first + count < 65536 and all(_is_free(first + number) for number in range(count)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) != 0


def test_each_answers_some_and_counts_its_own(folder: Path) -> None:
    port, metrics = free_port(), ports_in_a_row(WORKERS)
    environment = ENVIRONMENT | {"METRICS": f"127.0.0.1:{metrics}"}
    with process(folder, environment, *serve(port, "--workers", str(WORKERS))) as gateway:
        lines = log_of(gateway)
        assert {until(lines, "gateway is ready")["worker"] for _ in range(WORKERS)} == set(range(WORKERS))
        for _ in range(100):
            assert ask(port) == {"data": {"__typename": "Query"}}
        counted = [answered(metrics + number) for number in range(WORKERS)]
        gateway.send_signal(signal.SIGTERM)
        assert gateway.wait(10) == 0
    assert sum(counted) == 100
    assert min(counted) > 0


def test_who_dies_is_replaced_and_who_waited_is_answered(folder: Path) -> None:
    port = free_port()
    with process(folder, ENVIRONMENT, *serve(port, "--workers", "2")) as gateway:
        lines = log_of(gateway)
        for _ in range(2):
            until(lines, "gateway is ready")
        for victim in children(gateway.pid):
            os.kill(victim, signal.SIGKILL)
        for _ in range(20):
            assert ask(port) == {"data": {"__typename": "Query"}}
        assert until(lines, "worker ended")["code"] == -signal.SIGKILL


def test_they_end_with_the_process_that_started_them(folder: Path) -> None:
    port = free_port()
    with process(folder, ENVIRONMENT, *serve(port, "--workers", "2")) as gateway:
        lines = log_of(gateway)
        for _ in range(2):
            until(lines, "gateway is ready")
        gateway.kill()
        said = [line["event"] for line in lines]  # to the end: the last of them has closed it
    assert said.count("gateway is stopping") == 2


def test_what_keeps_one_from_starting_ends_all(folder: Path) -> None:
    (folder / "graph.yaml").write_text(
        "extensions: [nowhere:extension]\n"
        "subgraphs: {a: {routing_url: http://127.0.0.1:1/, schema: {file: a.graphql}}}\n"
    )
    with process(folder, ENVIRONMENT, *serve(free_port(), "--workers", "2")) as gateway:
        said, _ = gateway.communicate(timeout=60)
        assert gateway.returncode == 1
    assert "nowhere:extension cannot be imported" in said


def test_none_is_too_few(folder: Path) -> None:
    with process(folder, ENVIRONMENT, *serve(free_port(), "--workers", "0")) as gateway:
        said, _ = gateway.communicate(timeout=60)
        assert (gateway.returncode, said) == (1, "--workers 0: there must be at least one\n")
