"""Every setting of the server is on this page; each is safe when forgotten. ``graph.yaml`` may set them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Limits", "LiveSettings", "ServerSettings", "ServiceTokenSettings", "SubgraphSettings", "Timeouts"]

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
    heartbeat: float = 20
    """seconds between signs of life: a ping to a subgraph, a comment on a server-sent stream"""


@dataclass(frozen=True, slots=True)
class ServiceTokenSettings:
    """How the gateway proves to a subgraph who it is. Section ``service_token``; without it no token is sent."""

    key: str
    """Ed25519 seed, base64url without padding"""
    header: str = "Doorstep-Service-Token"
    issuer: str = "gateway"
    lifetime: int = 60
    """seconds"""


@dataclass(frozen=True, slots=True)
class SubgraphSettings:
    """What the network side must know of one subgraph beyond its URL in the supergraph."""

    subscription_url: str | None = None
    """where its live subscriptions are, if not at the URL in the supergraph"""
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The whole page."""

    limits: Limits = field(default_factory=Limits)
    timeouts: Timeouts = field(default_factory=Timeouts)
    live: LiveSettings = field(default_factory=LiveSettings)
    service_token: ServiceTokenSettings | None = None
    subgraphs: Mapping[str, SubgraphSettings] = field(default_factory=dict)
    forward_headers: tuple[str, ...] = ("traceparent", "tracestate")
    """request headers that go on to the subgraphs; the request id always does"""
    cors_origins: tuple[str, ...] = ()
    """pages of these origins may ask from a browser, such as http://localhost:5173; ``*`` for all"""
    graphiql: bool = True
    introspection: bool = True
    plan_cache_size: int = 1000
    query_plan_in_answer: bool = False
    """whether ``extensions.queryPlan: true`` in a request gets the plan in the answer"""
