"""The discounts service. Every setting it has is on this page."""

from subgraphs.chassis.env import Env
from subgraphs.chassis.service_keys import PublicKeys
from subgraphs.chassis.tls import Tls
from subgraphs.discounts.shares import shares

env = Env("DISCOUNTS")

SERVICE_NAME = "discounts"
NAMESPACE = env.text("DOORSTEP_NAMESPACE", "doorstep")
SECRET_KEY = env.text("SECRET_KEY")
SERVICE_PUBLIC_KEYS = PublicKeys.from_environment(env)
DEBUG = env.flag("DEBUG")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
TLS = Tls.from_environment(env)
DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("REQUEST_MAX_BYTES", 256 * 1024)

# How many percent of requests are answered here and no longer by the monolith: 100, or 0,DiscountClaim.status=5
TAKES_OVER = shares(env.items("TAKES_OVER", "100"))

# Claims of one caller in a minute.
CLAIMS_PER_MINUTE = env.number("CLAIMS_PER_MINUTE", 30)

# Where browsers reach this service, for the links to vouchers; and how long such a link may be used.
DOWNLOAD_URL = env.text("DOWNLOAD_URL", "http://127.0.0.1:8009").rstrip("/")
DOWNLOAD_SECONDS = env.number("DOWNLOAD_SECONDS", 900)

DATABASES = {
    "default": {
        "ENGINE": "django_mongodb_backend",
        "HOST": env.text("MONGO_URL"),
        "NAME": f"{NAMESPACE}_{SERVICE_NAME}",
        "OPTIONS": {
            "appname": f"doorstep {SERVICE_NAME}",
            "serverSelectionTimeoutMS": env.number("MONGO_WAIT_MS", 5_000),
            "w": "majority",
        },
    }
}
DATABASE_ROUTERS = ["django_mongodb_backend.routers.MongoRouter"]
DEFAULT_AUTO_FIELD = "django_mongodb_backend.fields.ObjectIdAutoField"

INSTALLED_APPS = [
    "django_mongodb_backend",
    "graphene_django",
    "subgraphs.discounts.apps.DiscountsConfig",
]
MIDDLEWARE = [
    "subgraphs.chassis.logs.RequestId",
    "subgraphs.chassis.identity.RequireGateway",
    "django.middleware.security.SecurityMiddleware",
]
ROOT_URLCONF = "subgraphs.discounts.urls"
ASGI_APPLICATION = "subgraphs.discounts.asgi.application"
APPEND_SLASH = False

USE_TZ = True
TIME_ZONE = "UTC"
LOGGING_CONFIG = None
