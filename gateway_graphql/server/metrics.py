"""
What the gateway measures of itself, for Prometheus.

Counts that somebody keeps anyway are read when they are asked for; only times are written down as they happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from gateway_graphql.execution.gateway import Prepared, RequestErrors

if TYPE_CHECKING:
    from gateway_graphql.server.traffic import SubgraphTraffic

__all__ = ["Metrics"]

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

COSTS = (1, 10, 100, 1000, 10_000, 100_000, 1_000_000)


class Metrics:
    """The metrics of one application; ``registry`` is what a Prometheus exporter takes."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._children: dict[tuple[Histogram, tuple[str, ...]], Histogram] = {}
        ProcessCollector(registry=self.registry)
        self._requests = Histogram(
            "gateway_request_seconds",
            "Requests over HTTP that were answered at once, by status; 499: the client left.",
            ["status"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._plans = Histogram(
            "gateway_plan_seconds",
            "Operations that were not known yet, from their text to a plan; refused is what is not valid here.",
            ["outcome"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._subgraphs = Histogram(
            "gateway_subgraph_request_seconds",
            "Requests to subgraphs, retries included, by ok or the error code that the client reads.",
            ["subgraph", "outcome"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._costs = Histogram(
            "gateway_operation_cost",
            "What operations cost by @cost and @listSize, as it was estimated and as it was.",
            ["told"],
            buckets=COSTS,
            registry=self.registry,
        )
        self._streams = Counter(
            "gateway_streams", "Answers over HTTP in parts or as a stream of events, ended.", registry=self.registry
        )
        self._answers = Counter(
            "gateway_answers_looked_for",
            "Answers looked for among those that were kept, by their kind and whether they were there.",
            ["kind", "outcome"],
            registry=self.registry,
        )
        self._updates = Counter("gateway_live_updates", "Results sent over WebSockets.", registry=self.registry)

    def request(self, status: int, seconds: float) -> None:
        """A request over HTTP is over."""
        self._child(self._requests, str(status)).observe(seconds)

    def stream(self) -> None:
        """A stream over HTTP has ended."""
        self._streams.inc()

    def plan(self, _: str, prepared: Prepared | RequestErrors, seconds: float) -> None:
        """An operation was planned anew."""
        self._plans.labels("planned" if isinstance(prepared, Prepared) else "refused").observe(seconds)

    def operation_cost(self, estimated: float, actual: float) -> None:
        """An operation was answered whose cost is counted."""
        self._child(self._costs, "estimated").observe(estimated)
        self._child(self._costs, "actual").observe(actual)

    def subgraph_request(self, subgraph: str, outcome: str, seconds: float) -> None:
        """A request to a subgraph is over."""
        self._child(self._subgraphs, subgraph, outcome).observe(seconds)

    def kept_answers(self, kind: str, found: int, missing: int) -> None:
        """Answers of a kind were looked for among those that were kept."""
        if found:
            self._answers.labels(kind, "found").inc(found)
        if missing:
            self._answers.labels(kind, "missing").inc(missing)

    def _child(self, family: Histogram, *labels: str) -> Histogram:
        # The library looks each child up under a lock, after making texts of texts.
        key = (family, labels)
        found = self._children.get(key)
        if found is None:
            found = self._children[key] = family.labels(*labels)
        return found

    def live_update(self) -> None:
        """A result was sent over a WebSocket."""
        self._updates.inc()

    def gauge(self, name: str, documentation: str, value: Callable[[], float]) -> None:
        """Read this number whenever Prometheus asks."""
        self.registry.register(_Read(lambda: [GaugeMetricFamily(f"gateway_{name}", documentation, value())]))

    def traffic(self, subgraphs: Callable[[], Iterable[SubgraphTraffic]]) -> None:
        """Read what is known of the way to each subgraph whenever Prometheus asks."""

        def families() -> Iterable[Metric]:
            retries = CounterMetricFamily(
                "gateway_subgraph_retries", "Queries that were sent once more.", labels=["subgraph"]
            )
            shared = CounterMetricFamily(
                "gateway_subgraph_shared", "Queries answered by one alike that was under way.", labels=["subgraph"]
            )
            open_circuits = GaugeMetricFamily(
                "gateway_subgraph_circuit_open", "1 while a subgraph is left alone.", labels=["subgraph"]
            )
            waiting = GaugeMetricFamily(
                "gateway_subgraph_waiting", "Requests that wait for their turn.", labels=["subgraph"]
            )
            for one in subgraphs():
                retries.add_metric([one.subgraph], one.retried)
                shared.add_metric([one.subgraph], one.shared)
                open_circuits.add_metric([one.subgraph], one.is_left_alone)
                waiting.add_metric([one.subgraph], one.waiting)
            return [retries, shared, open_circuits, waiting]

        self.registry.register(_Read(families))


class _Read(Collector):
    def __init__(self, families: Callable[[], Iterable[Metric]]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families()
