"""The subscribers service. Every setting it has is on this page."""

from subgraphs.chassis.env import Env
from subgraphs.chassis.service_keys import PublicKeys, Secret
from subgraphs.chassis.tls import Tls

env = Env("SUBSCRIBERS")

SERVICE_NAME = "subscribers"
SERVICE_KEY = Secret.from_environment(env, "SERVICE_KEY")
SERVICE_PUBLIC_KEYS = PublicKeys.from_environment(env)
SECRET_KEY = env.text("SECRET_KEY")
DEBUG = env.flag("DEBUG")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
TLS = Tls.from_environment(env)

MONGO_URL = env.text("MONGO_URL")
RABBITMQ_QUESTIONS_URL = env.text("RABBITMQ_QUESTIONS_URL", "") or env.text("RABBITMQ_URL")
RABBITMQ_CA_FILE = env.text("RABBITMQ_CA_FILE", "")
NAMESPACE = env.text("DOORSTEP_NAMESPACE", "doorstep")

# How long subscribe waits to hear whether the address is known exactly; without an answer it goes on.
KNOWN_ADDRESS_WAIT_MS = env.number("KNOWN_ADDRESS_WAIT_MS", 60)

# The most characters a field may have.
NAME_LENGTH = env.number("NAME_LENGTH", 200)
EMAIL_LENGTH = env.number("EMAIL_LENGTH", 254)
ADDRESS_LENGTH = env.number("ADDRESS_LENGTH", 500)
FIELD_LENGTH = env.number("FIELD_LENGTH", 100)

DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("REQUEST_BYTES", 2 * 1024 * 1024)

ROOT_URLCONF = "subgraphs.subscribers.urls"
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
