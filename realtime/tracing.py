"""
OpenTelemetry spans, where ``OTEL_EXPORTER_OTLP_ENDPOINT`` says who takes them; without it nothing is loaded and nothing done.

A trace goes on by ``traceparent`` (W3C Trace Context): in the headers of requests and messages, and in facts, as the
extension of CloudEvents for distributed tracing has it. Lines of the log carry its ``trace_id``. What an exception says
stays in the log: spans tell its kind alone.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import structlog

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
TRACEPARENT = "traceparent"

_provider: Any = None
_tracer: Any = None

log = structlog.get_logger("tracing")


def configure(service: str) -> None:
    """Send the spans of this process to where OpenTelemetry's own variables say, if they do."""
    global _provider, _tracer
    place = next((os.environ[name] for name in ENDPOINTS if os.environ.get(name)), None)
    if place is None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME") or service
    _provider = TracerProvider(resource=Resource.create({"service.name": name}))
    _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracer = _provider.get_tracer("doorstep")
    log.info("traces are sent", to=place)


def finish() -> None:
    """Send what is still here: for processes that end without Python's own ending."""
    if _provider is not None:
        _provider.shutdown()


@contextmanager
def span(
    name: str,
    kind: Literal["server", "client", "producer", "consumer"],
    parent: object = None,
    **attributes: str | int,
) -> Iterator[None]:
    """
    Around one piece of work.

    :param parent: the ``traceparent`` it came with; without one it belongs to the span around it, if there is one
    :param attributes: named as OpenTelemetry names them, with ``__`` for a dot
    """
    if _tracer is None:
        yield
        return
    from opentelemetry.context import Context
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = None
    if isinstance(parent, str):
        context = TraceContextTextMapPropagator().extract({TRACEPARENT: parent}, Context())
    with _tracer.start_as_current_span(
        name,
        context,
        SpanKind[kind.upper()],
        _dotted(attributes),
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        trace_id = f"{current.get_span_context().trace_id:032x}"
        with structlog.contextvars.bound_contextvars(trace_id=trace_id):
            try:
                yield
            except Exception as problem:
                failed(problem.__class__.__name__)
                raise


def about(**attributes: str | int) -> None:
    """Something more is known of the work under way."""
    if _tracer is not None:
        from opentelemetry import trace

        trace.get_current_span().set_attributes(_dotted(attributes))


def failed(kind: str) -> None:
    """The work under way did not succeed."""
    if _tracer is not None:
        from opentelemetry import trace

        current = trace.get_current_span()
        current.set_attribute("error.type", kind)
        current.set_status(trace.StatusCode.ERROR)


def traceparent() -> str | None:
    """What hands on the span that is under way; ``None`` where there is none."""
    if _tracer is None:
        return None
    from opentelemetry import trace

    now = trace.get_current_span().get_span_context()
    return f"00-{now.trace_id:032x}-{now.span_id:016x}-{now.trace_flags:02x}" if now.is_valid else None


def _dotted(attributes: dict[str, str | int]) -> dict[str, str | int]:
    return {name.replace("__", "."): value for name, value in attributes.items()}
