"""The addresses service. Every setting it has is on this page."""

from subgraphs.chassis.csv_upload import CsvLimits
from subgraphs.chassis.env import Env
from subgraphs.chassis.service_keys import PublicKeys, Secret
from subgraphs.chassis.tls import Tls

env = Env("ADDRESSES")

SERVICE_NAME = "addresses"
NAMESPACE = env.text("DOORSTEP_NAMESPACE", "doorstep")
SECRET_KEY = env.text("SECRET_KEY")
SERVICE_KEY = Secret.from_environment(env, "SERVICE_KEY")
SERVICE_PUBLIC_KEYS = PublicKeys.from_environment(env)
DEBUG = env.flag("DEBUG")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
TLS = Tls.from_environment(env)

# What a file may hold, and how much one request may bring.
UPLOAD_LIMITS = CsvLimits(
    file_bytes=env.number("UPLOAD_MAX_BYTES", 256 * 1024 * 1024),
    rows=env.number("UPLOAD_MAX_ROWS", 1_000_000),
    field_length=env.number("UPLOAD_MAX_FIELD_LENGTH", 500),
)
DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("REQUEST_MAX_BYTES", 2 * 1024 * 1024)
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

RABBITMQ_QUESTIONS_URL = env.text("RABBITMQ_QUESTIONS_URL", "") or env.text("RABBITMQ_URL")
RABBITMQ_CA_FILE = env.text("RABBITMQ_CA_FILE", "")
SUGGESTION_WAIT_MS = env.number("SUGGESTION_WAIT_MS", 50)
"""how long matching's search is waited for before the register looks for itself"""
SUGGESTION_SECONDS = env.number("SUGGESTION_SECONDS", 30)
"""how long suggestions of the own store are remembered; a change of the register ends it earlier"""

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

CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": env.text("REDIS_URL"),
        "KEY_PREFIX": f"{NAMESPACE}:{SERVICE_NAME}",
        "OPTIONS": {
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "SOCKET_CONNECT_TIMEOUT": 1,
            "SOCKET_TIMEOUT": 1,
            # Without Redis a suggestion takes a little longer; that is no reason to fail.
            "IGNORE_EXCEPTIONS": True,
        },
    }
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True

INSTALLED_APPS = [
    "subgraphs.addresses.apps.MongoAdminConfig",
    "subgraphs.addresses.apps.MongoAuthConfig",
    "subgraphs.addresses.apps.MongoContentTypesConfig",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_mongodb_backend",
    "graphene_django",
    "django_filters",
    "subgraphs.addresses.apps.AddressesConfig",
]
# Django's own migrations count on integer keys.
MIGRATION_MODULES = {
    "admin": "subgraphs.addresses.mongo_migrations.admin",
    "auth": "subgraphs.addresses.mongo_migrations.auth",
    "contenttypes": "subgraphs.addresses.mongo_migrations.contenttypes",
}

MIDDLEWARE = [
    "subgraphs.chassis.logs.RequestId",
    "subgraphs.chassis.identity.RequireGateway",
    "subgraphs.chassis_graphene.static_files.StaticFiles",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "subgraphs.addresses.urls"
ASGI_APPLICATION = "subgraphs.addresses.asgi.application"
APPEND_SLASH = False

# The admin pages: forms, sessions, static files.
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.flag("SECURE_COOKIES")

USE_TZ = True
TIME_ZONE = "UTC"
LOGGING_CONFIG = None
