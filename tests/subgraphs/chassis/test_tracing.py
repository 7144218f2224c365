"""Spans where somebody takes them: which trace they belong to, what they tell, and nothing at all where nobody does."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import structlog
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from subgraphs.chassis import tracing
from subgraphs.chassis.facts import fact

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRACE = CALLER.split("-")[1]


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What was told."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


def said(data: str = "x") -> dict[str, object]:
    return fact("letter.sent.v1", source="/notifications", subject="l-1", audience=["logs"], data={"text": data})


def test_nothing_is_loaded_where_nobody_takes_spans() -> None:
    code = (
        "import sys; from subgraphs.chassis import tracing; tracing.configure('example')\n"
        "with tracing.span('work', 'server', 'nonsense', a__b=1): tracing.about(c=2); tracing.failed('x')\n"
        "assert tracing.traceparent() is None; assert not [name for name in sys.modules if 'opentelemetry' in name]"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}

    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=30)


@pytest.mark.parametrize("way", ["sync", "async"])
async def test_a_request_goes_on_with_the_callers_trace(spans: InMemorySpanExporter, way: str) -> None:
    headers = {"traceparent": CALLER}
    answer = await AsyncClient().get("/graphql", headers=headers) if way == "async" else None
    if answer is None:
        answer = await sync_to_async(Client().get)("/graphql", headers=headers)

    (told,) = spans.get_finished_spans()
    assert (told.name, f"{told.context.trace_id:032x}", told.parent.span_id) == (
        "GET /graphql",
        TRACE,
        0x00F067AA0BA902B7,
    )
    assert told.attributes["http.response.status_code"] == answer.status_code
    assert told.attributes["request.id"] == answer["X-Request-Id"]


def test_probes_are_no_work(spans: InMemorySpanExporter) -> None:
    Client().get("/live")

    assert spans.get_finished_spans() == ()


def test_a_fact_carries_the_span_it_came_from_and_none_otherwise(spans: InMemorySpanExporter) -> None:
    with tracing.span("work", "server", CALLER):
        told = said()

    (work,) = spans.get_finished_spans()
    assert told["traceparent"] == f"00-{TRACE}-{work.context.span_id:016x}-01"
    assert "traceparent" not in said()


@pytest.mark.parametrize("nonsense", [None, 7, "", "nonsense", "00-0-0-00"])
def test_what_is_no_trace_begins_one(spans: InMemorySpanExporter, nonsense: object) -> None:
    with tracing.span("work", "consumer", nonsense):
        pass

    (work,) = spans.get_finished_spans()
    assert work.parent is None


def test_log_lines_carry_the_trace(spans: InMemorySpanExporter) -> None:
    with tracing.span("work", "server", CALLER):
        assert structlog.contextvars.get_contextvars()["trace_id"] == TRACE
    assert "trace_id" not in structlog.contextvars.get_contextvars()


def test_a_failure_tells_its_kind_and_not_what_somebody_typed(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError), tracing.span("work", "server"):
        raise ValueError("12 Elm Street")

    (work,) = spans.get_finished_spans()
    assert (work.status.status_code, work.attributes["error.type"]) == (StatusCode.ERROR, "ValueError")
    assert "Elm" not in work.to_json()
