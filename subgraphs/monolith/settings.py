"""The monolith. Every setting it has is on this page."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from subgraphs.chassis.env import Env
from subgraphs.chassis.service_keys import PublicKeys
from subgraphs.chassis.tls import Tls

env = Env("MONOLITH")

SERVICE_NAME = "monolith"
SERVICE_PUBLIC_KEYS = PublicKeys.from_environment(env)
SECRET_KEY = env.text("SECRET_KEY")
DEBUG = env.flag("DEBUG")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
TLS = Tls.from_environment(env)
DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("REQUEST_BYTES", 256 * 1024)

DATABASE_FILE = env.text("DATABASE_FILE", "monolith.sqlite3")

# Where browsers reach this service, for the links to vouchers; and how long such a link may be used.
PUBLIC_URL = env.text("PUBLIC_URL", "http://127.0.0.1:8008").rstrip("/")
DOWNLOAD_SECONDS = env.number("DOWNLOAD_SECONDS", 900)

# Claims from one address in a minute.
CLAIMS_PER_MINUTE = env.number("CLAIMS_PER_MINUTE", 30)
# False once the service has taken over: the form says where to go instead (README.md, step 6).
CLAIMS_OPEN = env.flag("CLAIMS_OPEN", default=True)
# Customers and purchases for trying out, made by `prepare`.
DEMO_DATA = env.flag("DEMO_DATA")

# smtp://host:25, smtp://user:password@host:587?starttls=1, smtps://host
_smtp = urlsplit(env.text("SMTP_URL"))
EMAIL_HOST = _smtp.hostname or ""
EMAIL_USE_SSL = _smtp.scheme == "smtps"
EMAIL_USE_TLS = parse_qs(_smtp.query).get("starttls") == ["1"]
EMAIL_PORT = _smtp.port or (465 if EMAIL_USE_SSL else 25)
EMAIL_HOST_USER = unquote(_smtp.username or "")
EMAIL_HOST_PASSWORD = unquote(_smtp.password or "")
EMAIL_TIMEOUT = env.number("SMTP_TIMEOUT", 10)
LETTERS_FROM = env.text("LETTERS_FROM", "Doorstep <letters@doorstep.example>")
LETTERS_DOMAIN = env.text("LETTERS_DOMAIN", "doorstep.example")

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATABASE_FILE,
        # Readers go on beside the one who writes, and who writes next waits for their turn.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# How long pages, their data and their parts are kept; 0: not at all. Without REDIS_URL each process keeps its own.
KEEP_SECONDS = env.number("KEEP_SECONDS", 60)
REDIS_URL = env.text("REDIS_URL", "")
NAMESPACE = env.text("DOORSTEP_NAMESPACE", "doorstep")


def _cache(kind: str) -> dict[str, object]:
    if not KEEP_SECONDS:
        return {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    if not REDIS_URL:
        return {"BACKEND": "subgraphs.monolith.kept.CountedMemory", "LOCATION": kind, "OPTIONS": {"KIND": kind}}
    return _in_redis("subgraphs.monolith.kept.CountedRedis", kind, KIND=kind)


def _in_redis(backend: str, kind: str, **options: object) -> dict[str, object]:
    return {
        "BACKEND": backend,
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"{NAMESPACE}:monolith:{kind}",
        "OPTIONS": {
            # Nothing of what is read from there is ever run.
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "SOCKET_CONNECT_TIMEOUT": 1,
            "SOCKET_TIMEOUT": 1,
            # Without Redis a page takes a little longer; that is no reason to fail.
            "IGNORE_EXCEPTIONS": True,
            **options,
        },
    }


CACHES = {
    "default": _in_redis("django_redis.cache.RedisCache", "limits")
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "pages": _cache("pages"),
    "data": _cache("data"),
    "template_fragments": _cache("fragments"),
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "graphene_django",
    "subgraphs.monolith.apps.MonolithConfig",
]
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
# People come here themselves, without the gateway.
OPEN_FOLDERS = ("/discounts/",)
ROOT_URLCONF = "subgraphs.monolith.urls"
ASGI_APPLICATION = "subgraphs.monolith.asgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
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
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
X_FRAME_OPTIONS = "DENY"

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LOGGING_CONFIG = None
