"""The suggestions service. Every setting it has is on this page."""

from subgraphs.chassis.env import Env
from subgraphs.chassis.service_keys import PublicKeys
from subgraphs.chassis.tls import Tls

env = Env("SUGGESTIONS")

SERVICE_NAME = "suggestions"
SERVICE_PUBLIC_KEYS = PublicKeys.from_environment(env)
SECRET_KEY = env.text("SECRET_KEY")
DEBUG = env.flag("DEBUG")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
TLS = Tls.from_environment(env)

MONGO_URL = env.text("MONGO_URL")
NAMESPACE = env.text("DOORSTEP_NAMESPACE", "doorstep")

# The most characters a field may have.
TEXT_LENGTH = env.number("TEXT_LENGTH", 4_000)
NAME_LENGTH = env.number("NAME_LENGTH", 200)
EMAIL_LENGTH = env.number("EMAIL_LENGTH", 254)
FIELD_LENGTH = env.number("FIELD_LENGTH", 100)

# Each suggestion causes a letter to an address that nobody has confirmed: so many a day for one address.
PER_EMAIL_AND_DAY = env.number("PER_EMAIL_AND_DAY", 5)

DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("REQUEST_BYTES", 2 * 1024 * 1024)

ROOT_URLCONF = "subgraphs.suggestions.urls"
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
