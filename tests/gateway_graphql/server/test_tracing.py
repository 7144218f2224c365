"""OpenTelemetry spans: which there are, and how they hang together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway_graphql import create_app
from gateway_graphql.server import ServerSettings, tracing
from tests.gateway_graphql.server.serving import serving
from tests.gateway_graphql.server.shop import Shop, shop
from tests.gateway_graphql.server.test_whole_way import ask, supergraph

Http = aiohttp.ClientSession
CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What was told."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


@pytest.fixture
async def services() -> AsyncIterator[Shop]:
    """Products and reviews."""
    async with shop() as services:
        yield services


async def test_a_request_its_plan_and_its_fetches_are_one_trace(
    http: Http, services: Shop, spans: InMemorySpanExporter
) -> None:
    async with (
        serving(create_app(supergraph(services), ServerSettings(tracing=True))) as url,
        http.post(
            f"{url}/graphql", json={"query": "{ products { name reviews } }"}, headers={"traceparent": CALLER}
        ) as answer,
    ):
        assert "errors" not in await answer.json()

    told: dict[str, ReadableSpan] = {span.name: span for span in spans.get_finished_spans()}
    assert set(told) == {"POST /graphql", "plan", "subgraph products", "subgraph reviews"}
    request = told.pop("POST /graphql")
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == "00f067aa0ba902b7"
    for span in told.values():
        assert span.parent is not None
        assert request.context is not None
        assert span.parent.span_id == request.context.span_id
        assert f"{span.parent.trace_id:032x}" == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert told["plan"].attributes == {"graphql.operation.type": "query", "plan.fetches": 2}
    for headers, name in zip(services.headers, ("subgraph products", "subgraph reviews"), strict=True):
        context = told[name].context
        assert context is not None
        assert headers["traceparent"].split("-")[2] == f"{context.span_id:016x}"


async def test_a_failure_is_seen(http: Http, services: Shop, spans: InMemorySpanExporter) -> None:
    async with serving(create_app(supergraph(services), ServerSettings(tracing=True))) as url:
        await services.stop_reviews()
        await ask(http, url, "{ products { name reviews } }")
        await ask(http, url, "{ wrong }")

    told = spans.get_finished_spans()
    (failed,) = (span for span in told if span.name == "subgraph reviews")
    assert failed.attributes is not None
    assert failed.attributes["error.type"] == "SUBGRAPH_UNAVAILABLE"
    assert failed.status.status_code is trace.StatusCode.ERROR
    (refused,) = (span for span in told if span.name == "plan" and span.status.status_code is trace.StatusCode.ERROR)
    assert "wrong" in str(refused.status.description)


async def test_there_are_none_unless_wanted(http: Http, services: Shop, spans: InMemorySpanExporter) -> None:
    async with serving(create_app(supergraph(services))) as url:
        await ask(http, url, "{ products { name } }")
    assert spans.get_finished_spans() == ()
    assert all("traceparent" not in headers for headers in services.headers)


async def test_queries_of_several_traces_are_still_made_once(
    http: Http, services: Shop, spans: InMemorySpanExporter
) -> None:
    app = create_app(supergraph(services), replace(ServerSettings(), tracing=True))
    async with serving(app) as url:
        await asyncio.gather(*(ask(http, url, "{ reviewCount }") for _ in range(20)))
    shared = app.metrics.registry.get_sample_value("gateway_subgraph_shared_total", {"subgraph": "reviews"})
    assert shared is not None
    assert shared + len(services.heard) == 20


async def test_the_command_sends_them_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[ExportTraceServiceRequest] = []

    async def take(request: web.Request) -> web.Response:
        received.append(ExportTraceServiceRequest.FromString(await request.read()))
        return web.Response()

    collector = web.Application()
    collector.router.add_post("/v1/traces", take)
    runner = web.AppRunner(collector)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    set_up: list[TracerProvider] = []
    monkeypatch.setattr(trace, "set_tracer_provider", set_up.append)
    for name in tracing.ENDPOINTS:
        monkeypatch.delenv(name, raising=False)
    assert not tracing.configure_tracing()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    assert tracing.configure_tracing()

    (provider,) = set_up
    provider.get_tracer("test").start_span("one").end()
    await asyncio.to_thread(provider.shutdown)
    await runner.cleanup()
    (batch,) = received
    (resource,) = batch.resource_spans
    assert "gateway" in [one.value.string_value for one in resource.resource.attributes if one.key == "service.name"]
    assert [span.name for scope in resource.scope_spans for span in scope.spans] == ["one"]
