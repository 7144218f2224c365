"""The operations service. Every setting it has is on this page."""

from subgraphs.chassis.env import Env
from subgraphs.chassis.service_keys import PublicKeys
from subgraphs.chassis.tls import Tls

env = Env("OPERATIONS")

SERVICE_NAME = "operations"
SERVICE_PUBLIC_KEYS = PublicKeys.from_environment(env)
SECRET_KEY = env.text("SECRET_KEY")
DEBUG = env.flag("DEBUG")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
TLS = Tls.from_environment(env)

NAMESPACE = env.text("DOORSTEP_NAMESPACE", "doorstep")

# Where dead letters are read, retried and discarded; and where the broker tells of its queues (management plugin).
RABBITMQ_URL = env.text("RABBITMQ_URL")
RABBITMQ_MANAGEMENT_URL = env.text("RABBITMQ_MANAGEMENT_URL")

# The virtual hosts of tasks, beside the one of RABBITMQ_URL, where facts are; each has dead letters of its own.
TASK_VHOSTS = env.items("TASK_VHOSTS", "")

# The services that are looked at: name=URL of its /ready, and so on.
SERVICES = dict(item.split("=", 1) for item in env.items("SERVICES", "") if "=" in item)
# Pages for people beside the graph, such as Flower: name=URL, and so on.
CONSOLES = dict(item.split("=", 1) for item in env.items("CONSOLES", "") if "=" in item)
# The authority that is believed over TLS; empty: those of the system.
CA_FILE = env.text("CA_FILE", "") or None

# Seconds that a service or the broker may take to answer.
PATIENCE = env.number("PATIENCE", 3)
# Seconds between two looks at the queues, to learn since when something waits.
LOOK_EVERY = env.number("LOOK_EVERY", 5)
# At most so many dead letters are looked at; what lies behind them comes when those are gone.
MOST_DEAD_LETTERS = env.number("MOST_DEAD_LETTERS", 1_000)

DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("REQUEST_BYTES", 256 * 1024)

ROOT_URLCONF = "subgraphs.operations.urls"
INSTALLED_APPS: list[str] = []
MIDDLEWARE = [
    "subgraphs.chassis.logs.RequestId",
    "subgraphs.chassis.identity.RequireGateway",
]
DATABASES: dict[str, object] = {}
LOGGING_CONFIG = None
USE_TZ = True
USE_I18N = False
APPEND_SLASH = False
