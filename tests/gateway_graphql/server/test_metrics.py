"""What Prometheus reads."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import trustme
from prometheus_client.parser import text_string_to_metric_families

from gateway_graphql import create_app
from gateway_graphql.server import GatewayApp
from tests.gateway_graphql.server.processes import free_port, process, until_it_answers
from tests.gateway_graphql.server.serving import serving
from tests.gateway_graphql.server.shop import Shop, shop
from tests.gateway_graphql.server.test_reload import Numbers
from tests.gateway_graphql.server.test_reload import supergraph as numbers_supergraph
from tests.gateway_graphql.server.test_websocket import connected, subscribe
from tests.gateway_graphql.server.test_whole_way import ask, supergraph

Http = aiohttp.ClientSession
PACKAGE_ROOT = Path(__file__).parents[3]


@pytest.fixture
async def services() -> AsyncIterator[Shop]:
    """Products and reviews."""
    async with shop() as services:
        yield services


def value(app: GatewayApp, name: str, **labels: str) -> float | None:
    """One number."""
    return app.metrics.registry.get_sample_value(f"gateway_{name}", labels)


async def test_requests_plans_and_fetches_are_counted(http: Http, services: Shop) -> None:
    app = create_app(supergraph(services))
    async with serving(app) as url:
        for query in ("{ products { name } }", "{ products { name } }", "{ wrong }"):
            await ask(http, url, query)
        await services.stop_reviews()
        await ask(http, url, "{ products { name reviews } }")

    assert value(app, "request_seconds_count", status="200") == 4
    assert value(app, "plan_seconds_count", outcome="planned") == 2
    assert value(app, "plan_seconds_count", outcome="refused") == 1
    assert value(app, "plans_known") == 3
    assert value(app, "subgraph_request_seconds_count", subgraph="products", outcome="ok") == 3
    assert value(app, "subgraph_request_seconds_count", subgraph="reviews", outcome="SUBGRAPH_UNAVAILABLE") == 1
    assert value(app, "subgraph_retries_total", subgraph="reviews") == 2
    assert value(app, "subgraph_circuit_open", subgraph="reviews") == 0
    assert value(app, "subgraph_waiting", subgraph="products") == 0
    assert value(app, "subgraph_shared_total", subgraph="products") == 0
    assert value(app, "requests_under_way") == 0


async def test_queries_that_were_shared_are_counted(http: Http, services: Shop) -> None:
    app = create_app(supergraph(services))
    async with serving(app) as url:
        await asyncio.gather(*(ask(http, url, "{ reviewCount }") for _ in range(20)))

    shared = value(app, "subgraph_shared_total", subgraph="reviews")
    assert shared is not None
    assert shared + len(services.heard) == 20


async def test_what_is_live_is_counted(http: Http) -> None:
    numbers = Numbers()
    app = create_app(numbers_supergraph("a"), client=numbers)
    async with serving(app) as url:
        async with connected(http, url) as socket:
            await subscribe(socket, "1", "subscription { ticks }")
            for tick in (1, 2):
                numbers.ticks.put_nowait(tick)
                assert (await socket.receive_json(timeout=5))["type"] == "next"
            assert value(app, "live_connections") == 1
            assert value(app, "live_operations") == 1
            assert value(app, "live_updates_total") == 2
            await socket.send_json({"id": "1", "type": "complete"})
            await socket.send_json({"type": "ping"})
            assert await socket.receive_json(timeout=5) == {"type": "pong"}
            assert value(app, "live_operations") == 0
        async with http.post(
            f"{url}/graphql", json={"query": "{ a }"}, headers={"Accept": "text/event-stream"}
        ) as answer:
            await answer.read()

    assert value(app, "streams_total") == 1
    assert value(app, "request_seconds_count", status="200") is None


def test_serve_shows_them_on_a_port_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_text("type Query { a: Int }")
    port, metrics = free_port(), free_port()
    (tmp_path / "graph.yaml").write_text(
        f"metrics: 127.0.0.1:{metrics}\n"
        "subgraphs: {a: {routing_url: http://127.0.0.1:1/, schema: {file: a.graphql}}}\n"
    )
    arguments = ("-m", "gateway_graphql", "serve", "--config", "graph.yaml", "--port", str(port))
    with process(tmp_path, os.environ | {"PYTHONPATH": str(PACKAGE_ROOT)}, *arguments) as gateway:
        until_it_answers(f"http://127.0.0.1:{port}/health", gateway)
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=10) as answer:
            families = {family.name for family in text_string_to_metric_families(answer.read().decode())}
    assert {"gateway_request_seconds", "gateway_plans_known", "process_resident_memory_bytes"} <= families


def test_with_a_certificate_only_prometheus_is_answered_and_a_new_one_is_shown(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_text("type Query { a: Int }")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "monitoring.pem")

    def renew() -> None:
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "new.pem")
        (tmp_path / "new.pem").replace(tmp_path / "metrics.pem")

    def asking(shown: trustme.CA | None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=tmp_path / "monitoring.pem")
        if shown is not None:
            shown.issue_cert("prometheus").configure_cert(context)
        return context

    def said(context: ssl.SSLContext) -> bytes:
        with urllib.request.urlopen(f"https://127.0.0.1:{metrics}/metrics", timeout=10, context=context) as answer:
            return bytes(answer.read())

    def certificate() -> bytes | None:
        with (
            socket.create_connection(("127.0.0.1", metrics), 10) as plain,
            asking(authority).wrap_socket(plain, server_hostname="127.0.0.1") as connection,
        ):
            return connection.getpeercert(binary_form=True)

    renew()
    port, metrics = free_port(), free_port()
    (tmp_path / "graph.yaml").write_text(
        f"metrics: 127.0.0.1:{metrics}\n"
        "metrics_tls: {certificate_file: metrics.pem, client_ca_file: monitoring.pem}\n"
        "reload_every: 0.1\n"
        "subgraphs: {a: {routing_url: http://127.0.0.1:1/, schema: {file: a.graphql}}}\n"
    )
    arguments = ("-m", "gateway_graphql", "serve", "--config", "graph.yaml", "--port", str(port))
    with process(tmp_path, os.environ | {"PYTHONPATH": str(PACKAGE_ROOT)}, *arguments) as gateway:
        until_it_answers(f"http://127.0.0.1:{port}/health", gateway)
        assert b"gateway_plans_known" in said(asking(authority))
        for nobody in (None, trustme.CA()):
            with pytest.raises((urllib.error.URLError, ssl.SSLError, ConnectionError)):
                said(asking(nobody))
        first = certificate()
        renew()
        deadline, pause = time.monotonic() + 20, threading.Event()
        while certificate() == first:
            assert time.monotonic() < deadline
            pause.wait(0.05)
