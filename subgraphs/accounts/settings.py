"""The accounts service. Every setting it has is on this page."""

import os
from datetime import timedelta
from pathlib import Path

import dj_database_url

from subgraphs.accounts.roles import SCOPES
from subgraphs.accounts.signing_keys import Older, SigningKeys, newest
from subgraphs.chassis.env import Env
from subgraphs.chassis.service_keys import PublicKeys
from subgraphs.chassis.tls import Tls

env = Env("ACCOUNTS")

SERVICE_NAME = "accounts"
SERVICE_PUBLIC_KEYS = PublicKeys.from_environment(env)
SECRET_KEY = env.text("SECRET_KEY")
DEBUG = env.flag("DEBUG")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
TLS = Tls.from_environment(env)

# sqlite:////folder/file.sqlite3 or postgresql://user:password@host/name
DATABASE_URL = env.text("DATABASE_URL", "sqlite:///accounts.sqlite3")

# Where browsers reach this service, to the letter; the issuer of all tokens is this and /o.
PUBLIC_URL = env.text("PUBLIC_URL", "http://127.0.0.1:8006").rstrip("/")
ISSUER = f"{PUBLIC_URL}/o"
AUDIENCE = env.text("AUDIENCE", "doorstep")

# A JSON list of RSA private keys (PEM). The first signs; the others stay known until what they signed has ended.
# SIGNING_KEYS_FILE names a file with it instead, which may change while the service runs.
SIGNING_KEYS = SigningKeys.from_environment(env)

# Seconds. Access tokens are short: who checks them learns of a revoked one from /o/revoked_tokens/, or not at all.
ACCESS_TOKEN_SECONDS = env.number("ACCESS_TOKEN_SECONDS", 600)
REFRESH_TOKEN_SECONDS = env.number("REFRESH_TOKEN_SECONDS", 14 * 24 * 3600)

# Whether browsers may be sent back to http:// addresses: for development only.
HTTP_CLIENTS = env.flag("HTTP_CLIENTS")
if HTTP_CLIENTS:
    # Else oauthlib lets no page of an http:// origin read what it is answered, not even one that its client names.
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

# After so many wrong passwords for one name from one address, none is looked at for a while (seconds).
LOGIN_FAILURES = env.number("LOGIN_FAILURES", 5)
LOGIN_PAUSE = env.number("LOGIN_PAUSE", 900)
# The same for one address, whatever the names; and for one name, whatever the addresses, but not for browsers in which its
# owner has logged in before.
LOGIN_ADDRESS_FAILURES = env.number("LOGIN_ADDRESS_FAILURES", 50)
LOGIN_NAME_FAILURES = env.number("LOGIN_NAME_FAILURES", 100)
# Wrong credentials of API clients, from one address in a minute.
WRONG_SECRETS = env.number("WRONG_SECRETS", 60)

DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("REQUEST_BYTES", 1024 * 1024)

_database = dj_database_url.parse(DATABASE_URL)
if _database["ENGINE"].endswith("sqlite3"):
    # Readers go on beside the one who writes, and who writes next waits for their turn.
    _database["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL"}
else:
    _database.setdefault("OPTIONS", {})["pool"] = {"timeout": 5}
    # Otherwise each connection of the pool fails once after a restart of the server.
    _database["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ROOT_URLCONF = "subgraphs.accounts.urls"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "oauth2_provider",
    "axes",
    "subgraphs.accounts",
]
MIDDLEWARE = [
    "subgraphs.chassis.logs.RequestId",
    "subgraphs.chassis.identity.RequireGateway",
    "subgraphs.accounts.login_limits.LimitWrongSecrets",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "subgraphs.accounts.database_problems.DatabaseProblems",
]
# Browsers and API clients come here themselves, without the gateway: pages and endpoints of OAuth and OpenID Connect.
OPEN_FOLDERS = ("/o/", "/login/")
# Asked every few seconds: not a line each in the log.
QUIET_PATHS = ("/o/revoked_tokens/",)
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Ours first: the library has pages of its own by the same names.
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/login/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"

AXES_HANDLER = "subgraphs.accounts.login_limits.LoginLimits"
AXES_FAILURE_LIMIT = LOGIN_FAILURES
AXES_COOLOFF_TIME = timedelta(seconds=LOGIN_PAUSE)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# The pause is as long as it was said to be, whoever goes on trying meanwhile.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_VERBOSE = False

OAUTH2_PROVIDER_APPLICATION_MODEL = "accounts.ApiClient"
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": ISSUER,
    "OIDC_RSA_PRIVATE_KEY": newest(SIGNING_KEYS),
    "OIDC_RSA_PRIVATE_KEYS_INACTIVE": Older(SIGNING_KEYS),
    "OIDC_JWKS_MAX_AGE_SECONDS": 300,
    "OIDC_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "client_credentials", "refresh_token"],
    "OAUTH2_VALIDATOR_CLASS": "subgraphs.accounts.access.Validator",
    "SCOPES_BACKEND_CLASS": "subgraphs.accounts.access.Scopes",
    "ACCESS_TOKEN_GENERATOR": "subgraphs.accounts.access.access_token",
    "REFRESH_TOKEN_GENERATOR": "oauthlib.oauth2.rfc6749.tokens.random_token_generator",
    "ACCESS_TOKEN_EXPIRE_SECONDS": ACCESS_TOKEN_SECONDS,
    "ID_TOKEN_EXPIRE_SECONDS": ACCESS_TOKEN_SECONDS,
    "REFRESH_TOKEN_EXPIRE_SECONDS": REFRESH_TOKEN_SECONDS,
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "PKCE_REQUIRED": True,
    "REQUEST_APPROVAL_PROMPT": "auto",
    "SCOPES": dict(SCOPES),
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https", "http"] if HTTP_CLIENTS else ["https"],
    "ALLOWED_SCHEMES": ["https", "http"] if HTTP_CLIENTS else ["https"],
    # What the Best Current Practice (RFC 9700) asks for.
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}

LOGGING_CONFIG = None
USE_TZ = True
USE_I18N = False
APPEND_SLASH = False
