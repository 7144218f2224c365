"""Everything about a local system that can be set. Every setting it has is on this page."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

PORTS: Mapping[str, int] = {
    "GATEWAY_PORT": 8000,
    "SUBSCRIBERS_PORT": 8001,
    "ADDRESSES_PORT": 8002,
    "MATCHING_PORT": 8003,
    "NOTIFICATIONS_PORT": 8004,
    "REALTIME_PORT": 8005,
    "ACCOUNTS_PORT": 8006,
    "SUGGESTIONS_PORT": 8007,
    "MONOLITH_PORT": 8008,
    "DISCOUNTS_PORT": 8009,
    "LOGS_PORT": 8010,
    "OPERATIONS_PORT": 8011,
    "MAILBOX_SMTP_PORT": 8025,
    "MAILBOX_PORT": 8026,
    "MONGO_PORT": 27117,
    "REDIS_PORT": 6479,
    "RABBITMQ_PORT": 5772,
    "EPMD_PORT": 4479,
    "RABBITMQ_DIST_PORT": 4480,
    "RABBITMQ_METRICS_PORT": 15792,
    "RABBITMQ_MANAGEMENT_PORT": 15772,
}
"""variable → port when it is not set"""

SERVER_PORTS = (
    "MONGO_PORT",
    "REDIS_PORT",
    "RABBITMQ_PORT",
    "EPMD_PORT",
    "RABBITMQ_DIST_PORT",
    "RABBITMQ_METRICS_PORT",
    "RABBITMQ_MANAGEMENT_PORT",
)
"""only used where the server is started here"""

PASSED_ON = ("DISCOUNTS_TAKES_OVER", "MONOLITH_CLAIMS_OPEN", "MONOLITH_KEEP_SECONDS")
"""settings of services that are turned while a service is carved out (``subgraphs/monolith/README.md``)"""


@dataclass(frozen=True)
class LocalSettings:
    """Where one local system keeps its state and which ports it uses."""

    state: Path
    """the one folder that holds everything written at run time"""
    namespace: str = "doorstep"
    ports: Mapping[str, int] = field(default_factory=lambda: dict(PORTS))
    mongo_url: str | None = None
    redis_url: str | None = None
    rabbitmq_url: str | None = None
    rabbitmq_management_url: str | None = None
    """an address given by the environment: that server is used and never stopped"""
    accounts_database_url: str | None = None
    """where accounts keeps users, such as postgresql://user:password@host/name; none: SQLite in the state folder"""
    adopt_running: bool = True
    """use a Redis on 6379 or a RabbitMQ on 5672 that answers already"""
    extra: Mapping[str, str] = field(default_factory=dict)
    """further variables for every process: such as those of OpenTelemetry, where the runner was given some"""

    @classmethod
    def from_environment(cls) -> "LocalSettings":
        """
        Read the settings.

        :raises SystemExit: naming the variable that holds no port number.
        """
        return cls(
            state=(REPOSITORY / os.environ.get("DOORSTEP_STATE", ".doorstep")).resolve(),
            namespace=os.environ.get("DOORSTEP_NAMESPACE", "doorstep"),
            ports={name: _port(name, default) for name, default in PORTS.items()},
            mongo_url=os.environ.get("MONGO_URL"),
            redis_url=os.environ.get("REDIS_URL"),
            rabbitmq_url=os.environ.get("RABBITMQ_URL"),
            rabbitmq_management_url=os.environ.get("RABBITMQ_MANAGEMENT_URL"),
            accounts_database_url=os.environ.get("ACCOUNTS_DATABASE_URL"),
            extra={name: value for name, value in os.environ.items() if name.startswith("OTEL_") or name in PASSED_ON},
        )

    def url(self, service: str, path: str = "/graphql", scheme: str = "http") -> str:
        """Where a service of this system answers."""
        return f"{scheme}://127.0.0.1:{self.ports[f'{service.upper()}_PORT']}{path}"

    @property
    def origins(self) -> tuple[str, ...]:
        """What a browser may call the gateway."""
        port = self.ports["GATEWAY_PORT"]
        return (f"http://127.0.0.1:{port}", f"http://localhost:{port}")


def _port(name: str, default: int) -> int:
    text = os.environ.get(name, str(default))
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SystemExit(f"{name}={text!r} is no port: set a number from 1 to 65535")
    return int(text)
