"""Log lines go to a stream in Redis too, from every process, signed; a Redis that is not there holds up nobody."""

from __future__ import annotations

import base64
import json
import signal
import threading
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
import redis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway_graphql.server.graph_file import WrongGraphFile, read_graph_file
from tests.gateway_graphql.server.processes import free_port, process
from tests.gateway_graphql.server.test_workers import ENVIRONMENT, ask, log_of, serve, until

KEY = Ed25519PrivateKey.generate()
SEED = base64.urlsafe_b64encode(KEY.private_bytes_raw()).rstrip(b"=").decode()
GRAPH = """
log_lines: {redis_url: "${LINES}", key: test:lines, alive_every: 1}
subgraphs: {a: {routing_url: http://127.0.0.1:1/, schema: {file: a.graphql}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A graph that needs no subgraph to answer ``__typename``."""
    (tmp_path / "a.graphql").write_text("type Query { a: Int }")
    (tmp_path / "graph.yaml").write_text(f"service_token: {{key: {SEED}}}{GRAPH}")
    return tmp_path


def carried(client: redis.Redis) -> list[tuple[dict[str, Any], str]]:
    """The batches in the stream, and their tokens."""
    found: Any = client.xrange("test:lines")
    return [(json.loads(fields[b"batch"]), fields[b"token"].decode()) for _, fields in found]


def test_the_lines_of_all_workers_are_carried_and_signed(folder: Path, redis_url: str) -> None:
    port, asked = free_port(), 40
    with process(folder, ENVIRONMENT | {"LINES": redis_url}, *serve(port, "--workers", "2")) as gateway:
        lines = log_of(gateway)
        for _ in range(2):
            until(lines, "gateway is ready")
        for _ in range(asked):
            ask(port)
        gateway.send_signal(signal.SIGTERM)
        assert gateway.wait(10) == 0
    with redis.Redis.from_url(redis_url) as client:
        batches = carried(client)

    said = [json.loads(line) for batch, _ in batches for line in batch["data"]["lines"]]
    assert [one["event"] for one in said].count("request") == asked
    assert len({batch["data"]["instance"] for batch, _ in batches if '"request"' in str(batch["data"]["lines"])}) == 2
    assert {one["service"] for one in said} == {"gateway"} == {batch["source"].strip("/") for batch, _ in batches}
    assert any(batch["data"]["leaves"] for batch, _ in batches)
    for _, token in batches:
        jwt.decode(token, KEY.public_key(), algorithms=["EdDSA"], audience="log_lines", issuer="gateway")


def test_a_redis_that_is_not_there_holds_up_nobody(folder: Path) -> None:
    port = free_port()
    with process(folder, ENVIRONMENT | {"LINES": "redis://127.0.0.1:1/0"}, *serve(port)) as gateway:
        lines = log_of(gateway)
        until(lines, "gateway is ready")
        reading = threading.Thread(target=lambda: list(lines), daemon=True)
        reading.start()
        began = time.monotonic()
        for _ in range(50):
            assert ask(port) == {"data": {"__typename": "Query"}}
        took = time.monotonic() - began
        gateway.send_signal(signal.SIGTERM)
        gateway.wait(10)
        reading.join(10)
    # One attempt to connect that a request waited for would take seconds.
    assert took < 20


def test_lines_that_nobody_signs_are_not_carried(folder: Path) -> None:
    (folder / "graph.yaml").write_text(GRAPH)

    with pytest.raises(WrongGraphFile, match="log_lines: add service_token: it says whose the lines are"):
        read_graph_file(folder / "graph.yaml", {"LINES": "redis://127.0.0.1:1/0"})
