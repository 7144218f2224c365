"""Every setting of the server is on this page; each is safe when forgotten. ``graph.yaml`` may set them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway_graphql.execution.cost import CostLimits
from gateway_graphql.execution.error_masking import ErrorMasking
from gateway_graphql.execution.operation_limits import OperationLimits

__all__ = [
    "ApplicationSettings",
    "AuthenticationSettings",
    "AuthorizationSettings",
    "HttpsSettings",
    "IssuerSettings",
    "Limits",
    "LiveSettings",
    "LogLinesSettings",
    "RateLimitSettings",
    "ServerSettings",
    "ServiceTokenSettings",
    "SubgraphSettings",
    "SubgraphTls",
    "Timeouts",
    "TrafficSettings",
]

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a client, or a subgraph, may send. Section ``limits``."""

    json_bytes: int = MEBIBYTE
    """the body of a JSON request, and the JSON fields of an upload"""
    upload_file_bytes: int = 256 * MEBIBYTE
    """one uploaded file"""
    upload_files: int = 10
    """the files of one request"""
    answer_bytes: int = 256 * MEBIBYTE
    """one answer of a subgraph"""
    document_tokens: int = 15_000
    """the words and signs of one GraphQL document"""
    variables_depth: int = 50
    """lists and objects inside of one another in the variables of an operation"""
    batch_operations: int = field(default=0, metadata={"least": 0})
    """operations in one request, as a JSON list; 0: none, each request has one operation"""
    concurrent_requests: int = 1000
    """GraphQL requests under way, live streams aside; one more is told to come back (HTTP 503)"""
    connections: int = 10_000
    """connections over HTTP, WebSockets aside; beyond them those that were idle for longest are closed"""
    live_connections: int = 10_000
    """open WebSockets; one more is told to come back (close code 1013)"""
    persisted_documents: int = field(default=16 * MEBIBYTE, metadata={"least": 0})
    """characters of all documents that are remembered by their hash (automatic persisted queries); 0: none"""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. Section ``timeouts``."""

    connect: float = 5
    """until a subgraph accepts the connection"""
    subgraph: float = 30
    """until a subgraph has answered; ``subgraphs.<name>.timeout`` overrides it"""
    upload: float = 600
    """the same, for a request with files"""
    plan: float = 10
    """until a new operation is checked and planned"""
    keep_alive: float = 75
    """how long a client's connection may be idle: longer than the pools of clients and of balancers before us keep theirs,
    or they would send requests into connections that we are about to close"""
    start: float = 120
    """how long to wait for the schemas of running subgraphs"""


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """Live subscriptions. Section ``live``."""

    connection_init: float = 10
    """seconds a client has for its ``connection_init``, and a subgraph for its ``connection_ack``"""
    operations_per_connection: int = 100
    """operations one client may have open on one WebSocket"""
    buffered_updates: int = 1000
    """updates that wait for a client that reads slowly, before its subscription ends with an error"""
    buffered_bytes: int = 16 * MEBIBYTE
    """the same for their size, all of one subscription together"""
    heartbeat: float = 20
    """seconds between signs of life: a ping to a subgraph, a comment on a server-sent stream"""


@dataclass(frozen=True, slots=True)
class TrafficSettings:
    """How each subgraph is asked. Section ``traffic``; ``subgraphs.<name>.traffic`` has its own instead."""

    concurrent_requests: int = 500
    """requests to one subgraph at a time; the others wait for their turn"""
    waiting_requests: int = 1000
    """requests that may wait for their turn; one more fails at once"""
    retries: int = field(default=2, metadata={"least": 0})
    """more attempts at a query when there was no connection, or HTTP 429, 502, 503 or 504; mutations have none"""
    retry_pause: float = 0.05
    """seconds before the first retry, doubled for each other; a random half of it is taken off"""
    retry_share: float = 0.1
    """at most this share of the requests may be retries, so that they cannot multiply an overload"""
    circuit_failures: float = 0.5
    """when this share of the requests of a window failed, the subgraph is left alone for a while; above 1: never"""
    circuit_requests: int = 20
    """fewer requests in a window than this prove nothing"""
    circuit_window: float = 10
    """seconds"""
    circuit_pause: float = 5
    """seconds that a failing subgraph is left alone, before one request tries it"""
    share_identical: bool = True
    """whether queries that are alike in every byte, headers included, and under way together are made once"""


@dataclass(frozen=True, slots=True)
class ServiceTokenSettings:
    """How the gateway proves to a subgraph who it is. Section ``service_token``; without it no token is sent."""

    key: str | None = None
    """Ed25519 seed, base64url without padding"""
    key_file: str | None = None
    """where it is, instead; read again for each new token, so that it can be changed without a restart"""
    header: str = "Doorstep-Service-Token"
    issuer: str = "gateway"
    lifetime: int = 60
    """seconds"""


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """Who issues access tokens. Section ``authentication.issuers.<name>``."""

    issuer: str
    """the claim ``iss`` of its tokens, to the letter"""
    jwks_url: str
    """where its public keys are"""
    audience: str | None = None
    """what its tokens must be meant for (``aud``); left out: they may be meant for anybody"""
    subject_claim: str = "sub"
    """the claim that says whose a token is"""
    scopes_claim: str = "scope"
    """the claim with the scopes: a text with spaces between, or a list; dots lead into a claim: ``realm_access.roles``"""
    revoked_url: str | None = None
    """where it lists the tokens that it has called back; left out: they are good until they end"""


@dataclass(frozen=True, slots=True)
class AuthenticationSettings:
    """Who the callers are. Section ``authentication``; without it nobody is known."""

    issuers: Mapping[str, IssuerSettings]
    """whose access tokens are good, by a name of your choice"""
    header: str = "Authorization"
    """where a token comes in, as ``Bearer …``; over WebSocket in ``connection_init`` as well"""
    required: bool = False
    """whether a request without a token is refused (HTTP 401)"""
    leeway: float = field(default=10, metadata={"least": 0})
    """seconds two clocks may differ"""
    refresh_keys: float = 300
    """seconds after which an issuer's keys are fetched again; one that is not known yet is asked for at once"""
    refresh_revoked: float = 5
    """seconds after which an issuer's list of revoked tokens is fetched again"""
    forward_claims: tuple[str, ...] = ()
    """claims that subgraphs learn of, in the gateway's service token; the subject and the scopes they always do"""


@dataclass(frozen=True, slots=True)
class AuthorizationSettings:
    """What ``@authenticated``, ``@requiresScopes`` and ``@policy`` keep from a caller. Section ``authorization``."""

    reject: bool = False
    """refuse an operation whole that asks for anything its caller may not see; else such fields are null"""
    policies: str | None = None
    """who says which policies hold: ``package.module:name`` of a function of the caller and their names, or a URL"""


@dataclass(frozen=True, slots=True)
class RateLimitSettings:
    """What one caller may ask in a minute: known by their subject, or by their address. Section ``rate_limits``."""

    requests_per_minute: int = field(default=0, metadata={"least": 0})
    """requests over HTTP, and operations over WebSocket or in a batch; 0: any number"""
    anonymous_requests_per_minute: int | None = field(default=None, metadata={"least": 0})
    """the same for an address that shows no good token; left out: as many as the others"""
    cost_per_minute: int = field(default=0, metadata={"least": 0})
    """what their operations cost, as it is estimated (section ``cost``); 0: any"""
    redis_url: str | None = None
    """where all gateways count together, each taking a hundredth of a limit at a time, such as redis://127.0.0.1:6379/0
    (gateway-graphql[redis]); none: each its own"""
    redis_prefix: str = "rate-limits"
    """what the names of its keys there begin with"""
    trusted_proxies: tuple[str, ...] = ()
    """networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8"""


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """Answers that are kept for as long as ``@cacheControl`` says. Section ``cache``; without it none is."""

    responses: bool = True
    """keep whole answers to clients, where every field of them may be kept"""
    subgraph_answers: bool = True
    """keep answers of subgraphs: entities one by one, and what was asked from the root"""
    default_max_age: int = field(default=0, metadata={"least": 0})
    """seconds, for what needs ``@cacheControl`` to be kept and has none; 0: it is not kept"""
    vary: tuple[str, ...] = ()
    """headers, forwarded ones, by which answers differ for everybody, such as accept-language"""
    redis_url: str | None = None
    """where all gateways keep them together, such as redis://127.0.0.1:6379/0 (gateway-graphql[redis]); none: each its own"""
    redis_prefix: str = "gateway-cache"
    """what the names of its keys there begin with"""
    memory_bytes: int = 64 * MEBIBYTE
    """of all answers that are kept here, where there is no Redis"""


@dataclass(frozen=True, slots=True)
class LogLinesSettings:
    """Where log lines go beside standard output. Section ``log_lines``; needs ``service_token``, which says whose they are."""

    redis_url: str | None = None
    """a Redis, such as redis://127.0.0.1:6379/0 (gateway-graphql[redis]), in one stream of which they wait for whoever keeps
    them, the oldest going when nobody does; none: nowhere"""
    key: str = "log_lines"
    """of the stream"""
    alive_every: float = 15
    """seconds after which a process that has nothing to say tells that it is alive"""


@dataclass(frozen=True, slots=True)
class ApplicationSettings:
    """A single-page application that is served below ``/``, beside the graph. Section ``application``."""

    folder: Path
    """its built files; ``index.html`` answers for every address that a browser asks a page for"""
    connect_to: tuple[str, ...] = ()
    """origins that its page may talk to beside this one, such as that of the issuer of access tokens"""
    settings: Mapping[str, str] = field(default_factory=dict)
    """what it is told of the system, in ``/settings.json``; anybody can read it"""


@dataclass(frozen=True, slots=True)
class SubgraphTls:
    """Who is believed to be a subgraph, over https and wss, and who the gateway says it is. PEM files. Section ``subgraph_tls``."""

    ca_file: Path | None = None
    """certificates of the authorities that are believed; left out: those of the system"""
    certificate_file: Path | None = None
    """the gateway's own certificate, where subgraphs ask for one (mutual TLS)"""
    key_file: Path | None = None
    """its key, if it is not in the same file"""


@dataclass(frozen=True, slots=True)
class HttpsSettings:
    """What makes ``serve`` answer over https instead of http. PEM files; a changed one is used from the next connection on."""

    certificate_file: Path
    """the certificate, with those that lead to its authority below it"""
    key_file: Path | None = None
    """its key, if it is not in the same file"""
    client_ca_file: Path | None = None
    """certificates of authorities: only clients with a certificate of one of them are answered"""


@dataclass(frozen=True, slots=True)
class SubgraphSettings:
    """What the network side must know of one subgraph beyond its URL in the supergraph."""

    routing_url: str | None = None
    """where it answers GraphQL over HTTP, if not at the URL in the supergraph"""
    subscription_url: str | None = None
    """where its live subscriptions are, if not at the URL in the supergraph"""
    timeout: float | None = None
    http2: bool = False
    """whether queries and mutations go to it over HTTP/2, all on one connection (gateway-graphql[http2]); over http it must speak
    it from the first byte. Uploads and live subscriptions stay with HTTP/1.1"""
    live: str = "websocket"
    """how it is subscribed to: ``websocket`` (graphql-transport-ws), ``sse`` or ``multipart``"""
    share_live: bool = False
    """whether live subscriptions that are alike become one; only for streams that have no beginning of their own"""
    headers: Mapping[str, str] = field(default_factory=dict)
    """sent with each request to it, such as an API key"""
    forward_headers: tuple[str, ...] | None = None
    """instead of those that go on to all subgraphs; empty: none"""
    traffic: TrafficSettings | None = None
    """instead of that of all subgraphs"""
    tls: SubgraphTls | None = None
    """instead of that of all subgraphs"""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The whole page."""

    limits: Limits = field(default_factory=Limits)
    operation_limits: OperationLimits = field(default_factory=OperationLimits)
    cost: CostLimits = field(default_factory=CostLimits)
    rate_limits: RateLimitSettings = field(default_factory=RateLimitSettings)
    cache: CacheSettings | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    live: LiveSettings = field(default_factory=LiveSettings)
    traffic: TrafficSettings = field(default_factory=TrafficSettings)
    service_token: ServiceTokenSettings | None = None
    log_lines: LogLinesSettings = field(default_factory=LogLinesSettings)
    subgraph_tls: SubgraphTls | None = None
    https: HttpsSettings | None = None
    authentication: AuthenticationSettings | None = None
    authorization: AuthorizationSettings = field(default_factory=AuthorizationSettings)
    subgraphs: Mapping[str, SubgraphSettings] = field(default_factory=dict)
    forward_headers: tuple[str, ...] = ("traceparent", "tracestate")
    """request headers that go on to the subgraphs, unless ``subgraphs.<name>`` has its own; the request id always does"""
    answer_headers: tuple[str, ...] = ()
    """headers of the subgraphs' answers that go on to the client, such as set-cookie; of cache-control the strictest"""
    cors_origins: tuple[str, ...] = ()
    """pages of these origins may ask from a browser, such as http://localhost:5173; ``*`` for all"""
    application: ApplicationSettings | None = None
    graphiql: bool = True
    introspection: bool = True
    suggestions: bool = True
    """whether a wrong name in an operation is answered with names that are there"""
    error_masking: ErrorMasking = field(default_factory=ErrorMasking)
    csrf_prevention: bool = True
    """refuse what a page of another origin can send unasked: GET, and forms, without a header that shows it was allowed"""
    csrf_headers: tuple[str, ...] = (
        "apollo-require-preflight",
        "x-apollo-operation-name",
        "graphql-preflight",
        "x-requested-with",
    )
    """any one of these headers shows it"""
    trusted_documents: Path | None = None
    """a JSON file of the documents that clients were built with: they may send its id in place of a document"""
    only_trusted: bool = False
    """answer no other documents than those; needs ``trusted_documents``"""
    rest: tuple[Path, ...] = ()
    """YAML files, each with the REST endpoints of one version of an API; their operations are trusted documents"""
    production: bool = False
    """the safe choice for what helps developers: no GraphiQL, introspection, suggestions or plans in answers, errors masked,
    only trusted documents where there are any; each can still be set"""
    compression: bool = True
    """whether answers are sent with gzip to clients that take it"""
    extensions: tuple[str, ...] = ()
    """code of your own on a request's way: ``package.module:name`` of each ``gateway_graphql.Extension``"""
    metrics: str | None = None
    """``host:port`` where Prometheus finds the metrics; none: nowhere. Not for clients: it tells of every subgraph"""
    metrics_tls: HttpsSettings | None = None
    """what makes that place speak TLS, with a ``client_ca_file`` to nobody but Prometheus. Section ``metrics_tls``"""
    tracing: bool = False
    """whether there are OpenTelemetry spans; ``serve`` turns it on when ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set"""
    reload_every: float = 5
    """seconds between two looks whether the supergraph, or a subgraph's schema, has changed; 0: only at the start"""
    plan_cache_size: int = 1000
    known_operations: Path | None = None
    """a JSON file of operations that are planned before anybody asks, at the start and before a new supergraph is served"""
    query_plan_in_answer: bool = False
    """whether ``extensions.queryPlan: true`` in a request gets the plan in the answer"""

    def forwarded_to(self, subgraph: str) -> frozenset[str]:
        """Which of a client's headers go on to this subgraph."""
        known = self.subgraphs.get(subgraph)
        own = known.forward_headers if known else None
        return frozenset(self.forward_headers if own is None else own)

    def forwarded(self) -> frozenset[str]:
        """Which of a client's headers go on to any subgraph."""
        return frozenset(self.forward_headers).union(*(self.forwarded_to(subgraph) for subgraph in self.subgraphs))

    def tls_of(self, subgraph: str) -> SubgraphTls | None:
        """How this subgraph is spoken to over TLS, if anything is said of it."""
        known = self.subgraphs.get(subgraph)
        return (known.tls if known else None) or self.subgraph_tls

    @classmethod
    def in_production(cls, **others: Any) -> ServerSettings:
        """The settings that ``production: true`` stands for; ``others`` are set as they are."""
        safe: dict[str, Any] = {
            "production": True,
            "graphiql": False,
            "introspection": False,
            "suggestions": False,
            "query_plan_in_answer": False,
            "error_masking": ErrorMasking(enabled=True),
            "only_trusted": others.get("trusted_documents") is not None,
        }
        return cls(**{**safe, **others})
