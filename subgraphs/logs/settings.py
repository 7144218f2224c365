"""The logs service. Every setting it has is on this page."""

from subgraphs.chassis.env import Env
from subgraphs.chassis.service_keys import PublicKeys
from subgraphs.chassis.tls import Tls

env = Env("LOGS")

SERVICE_NAME = "logs"
NAMESPACE = env.text("DOORSTEP_NAMESPACE", "doorstep")
SECRET_KEY = env.text("SECRET_KEY")
SERVICE_PUBLIC_KEYS = PublicKeys.from_environment(env)
DEBUG = env.flag("DEBUG")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
TLS = Tls.from_environment(env)
DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("REQUEST_MAX_BYTES", 2 * 1024 * 1024)

MONGO_URL = env.text("MONGO_URL")
# How long an entry is kept: `prepare` makes MongoDB remove older ones. How large all may become, workers/logs is told.
KEEP_SECONDS = env.number("KEEP_SECONDS", 7 * 24 * 3600)
# How long one search may take.
SEARCH_MS = env.number("SEARCH_MS", 5_000)
# The most characters a search text or another condition may have.
CONDITION_LENGTH = env.number("CONDITION_LENGTH", 200)

DATABASES: dict[str, object] = {}
INSTALLED_APPS = ["graphene_django"]
MIDDLEWARE = [
    "subgraphs.chassis.logs.RequestId",
    "subgraphs.chassis.identity.RequireGateway",
    "django.middleware.security.SecurityMiddleware",
]
ROOT_URLCONF = "subgraphs.logs.urls"
ASGI_APPLICATION = "subgraphs.logs.asgi.application"
APPEND_SLASH = False

USE_TZ = True
TIME_ZONE = "UTC"
LOGGING_CONFIG = None
