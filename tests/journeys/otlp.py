"""Takes spans as a collector of OpenTelemetry does: OTLP over HTTP, in protobuf."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtobufSpan


@dataclass(frozen=True)
class Span:
    """One span as it arrived."""

    trace: str
    id: str
    parent: str
    service: str
    name: str
    kind: str
    attributes: dict[str, str]
    failed: bool


class Collector:
    """Everything that has arrived."""

    def __init__(self, port: int) -> None:
        self._spans: list[Span] = []
        self._lock = threading.Lock()
        self.url = f"http://127.0.0.1:{port}"

    def take(self, body: bytes) -> None:
        """Keep what a process sent."""
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = next(one.value.string_value for one in resource.resource.attributes if one.key == "service.name")
            with self._lock:
                self._spans += [_read(span, service) for scope in resource.scope_spans for span in scope.spans]

    def spans(self, trace: str) -> list[Span]:
        """What has arrived of one trace."""
        with self._lock:
            return [span for span in self._spans if span.trace == trace]


@contextmanager
def collector() -> Iterator[Collector]:
    """A collector on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: the test says what arrived."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    taken = Collector(server.server_port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield taken
    finally:
        server.shutdown()
        server.server_close()


def _read(span: ProtobufSpan, service: str) -> Span:
    return Span(
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        service=service,
        name=span.name,
        kind=ProtobufSpan.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        attributes={one.key: one.value.string_value or str(one.value.int_value) for one in span.attributes},
        failed=span.status.code == 2,
    )
