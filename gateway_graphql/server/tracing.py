"""
OpenTelemetry spans: one for a request, one for a new plan, one for each request to a subgraph.

The caller's trace goes on through ``traceparent``. Without the extra ``tracing`` of the package, or without the setting,
nothing of this is loaded.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from opentelemetry import trace
from opentelemetry.propagate import extract, inject
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from gateway_graphql.execution.errors import SubgraphError
from gateway_graphql.execution.gateway import Prepared, RequestErrors
from gateway_graphql.execution.subgraph_client import SubgraphClient, SubgraphRequest
from gateway_graphql.server.asgi import HttpRequest
from gateway_graphql.server.request_id import REQUEST_ID

__all__ = ["TracedClient", "configure_tracing", "plan_span", "request_span"]

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_tracer = trace.get_tracer("gateway_graphql")


def configure_tracing() -> bool:
    """Send spans to where OpenTelemetry's own variables say; whether they say it. For the command only."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return False
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME", "gateway")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return True


@contextmanager
def request_span(request: HttpRequest) -> Iterator[Span]:
    """Around a request; belongs to the caller's trace, if it sent one."""
    attributes = {
        "http.request.method": request.method,
        "url.path": request.path,
        "request.id": request.request_id,
    }
    name = f"{request.method} {request.path}"
    with _tracer.start_as_current_span(name, extract(request.headers), SpanKind.SERVER, attributes) as span:
        request.about["trace_id"] = f"{span.get_span_context().trace_id:032x}"
        yield span


def plan_span(_: str, prepared: Prepared | RequestErrors, seconds: float) -> None:
    """An operation was planned just now; an extension point of the gateway."""
    ended = time.time_ns()
    span = _tracer.start_span("plan", start_time=ended - int(seconds * 1e9))
    if isinstance(prepared, Prepared):
        span.set_attribute("graphql.operation.type", prepared.kind)
        span.set_attribute("plan.fetches", len(prepared.plan.fetches))
    else:
        span.set_status(Status(StatusCode.ERROR, prepared.errors[0]["message"]))
    span.end(ended)


class TracedClient:
    """A client of subgraphs that has a span for each request and tells the subgraph of it."""

    def __init__(self, client: SubgraphClient) -> None:
        self._client = client

    async def fetch(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """As the client's."""
        attributes = {
            "subgraph.name": request.subgraph,
            "graphql.operation.type": request.kind,
            "request.id": request.headers.get(REQUEST_ID, ""),
        }
        # What a WebSocket asks has no span of its own around it, but what opened the WebSocket may have had one.
        around = None if trace.get_current_span().get_span_context().is_valid else extract(request.headers)
        name = f"subgraph {request.subgraph}"
        with _tracer.start_as_current_span(name, around, SpanKind.CLIENT, attributes, record_exception=False) as span:
            headers = dict(request.headers)
            inject(headers)
            try:
                answer = await self._client.fetch(replace(request, headers=headers))
            except SubgraphError as problem:
                span.set_attribute("error.type", problem.code)
                raise
            if answer.get("errors"):
                span.set_attribute("graphql.errors", len(answer["errors"]))
            return answer

    def subscribe(self, request: SubgraphRequest) -> AsyncIterator[Mapping[str, Any]]:
        """As the client's: a stream has no span of its own, what its events make the gateway fetch has."""
        return self._client.subscribe(request)
