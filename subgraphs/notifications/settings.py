"""The notifications service. Every setting it has is on this page."""

from subgraphs.chassis.env import Env
from subgraphs.chassis.service_keys import PublicKeys
from subgraphs.chassis.tls import Tls

env = Env("NOTIFICATIONS")

SERVICE_NAME = "notifications"
NAMESPACE = env.text("DOORSTEP_NAMESPACE", "doorstep")
SECRET_KEY = env.text("SECRET_KEY")
SERVICE_PUBLIC_KEYS = PublicKeys.from_environment(env)
DEBUG = env.flag("DEBUG")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
TLS = Tls.from_environment(env)
DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("REQUEST_MAX_BYTES", 2 * 1024 * 1024)

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
    "django_filters",
    "subgraphs.notifications.apps.NotificationsConfig",
]
MIDDLEWARE = [
    "subgraphs.chassis.logs.RequestId",
    "subgraphs.chassis.identity.RequireGateway",
    "django.middleware.security.SecurityMiddleware",
]
ROOT_URLCONF = "subgraphs.notifications.urls"
ASGI_APPLICATION = "subgraphs.notifications.asgi.application"
APPEND_SLASH = False

USE_TZ = True
TIME_ZONE = "UTC"
LOGGING_CONFIG = None
