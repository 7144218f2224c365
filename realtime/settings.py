"""The live results. Every setting they have is on this page."""

from functools import partial

from realtime.env import Env
from realtime.log_lines import LogLines
from realtime.log_stream import StreamCarrier
from realtime.logs import write_json_logs
from realtime.service_keys import PublicKeys, Secret
from realtime.sign_lines import sign_lines
from realtime.tls import Tls

env = Env("REALTIME")

SECRET_KEY = env.text("SECRET_KEY")
DEBUG = env.flag("DEBUG")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
TLS = Tls.from_environment(env)

DOORSTEP_NAMESPACE = env.text("DOORSTEP_NAMESPACE", "doorstep")
REDIS_URL = env.text("REDIS_URL")

# Who may ask: the public keys of all services; only the gateway's is accepted here.
SERVICE_NAME = "realtime"
SERVICE_PUBLIC_KEYS = PublicKeys.from_environment(env)

# The channel layer only wakes; should a wake-up be lost, the stream is read again after this many seconds.
UPDATES_READ_AGAIN_AFTER = env.number("UPDATES_READ_AGAIN_AFTER", 3)
# How long an open subscription bears a Redis that does not answer before it ends with an error.
REDIS_PATIENCE = env.number("REDIS_PATIENCE", 30)
REDIS_CONNECTIONS = int(env.number("REDIS_CONNECTIONS", 50))
# So many log lines wait for somebody who watches them and reads slowly; then the oldest are lost to them.
LOG_TAIL_LINES = int(env.number("LOG_TAIL_LINES", 500))
# One socket of the gateway may carry many people's subscriptions.
SUBSCRIPTIONS_PER_SOCKET = int(env.number("SUBSCRIPTIONS_PER_SOCKET", 1000))
SOCKET_MESSAGE_BYTES = int(env.number("SOCKET_MESSAGE_BYTES", 64 * 1024))

ROOT_URLCONF = "realtime.urls"
ASGI_APPLICATION = "realtime.asgi.application"
INSTALLED_APPS: list[str] = []
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
APPEND_SLASH = False
USE_TZ = True
DATABASES: dict[str, dict[str, str]] = {}
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
LOGGING_CONFIG = None

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # A socket timeout would end the connection that waits for wake-ups whenever nothing happens for a while.
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}], "prefix": DOORSTEP_NAMESPACE},
    }
}

# Log lines go into a bounded stream in Redis as well, from where workers/logs takes them.
LOG_LINES = (
    LogLines(
        SERVICE_NAME,
        StreamCarrier(
            REDIS_URL,
            f"{DOORSTEP_NAMESPACE}:log_lines",
            token=partial(sign_lines, SERVICE_NAME, Secret.from_environment(env, "SERVICE_KEY")),
        ),
        alive_every=env.number("LOGS_ALIVE_SECONDS", 15),
    )
    if env.flag("SHIP_LOGS")
    else None
)
write_json_logs(SERVICE_NAME, debug=DEBUG, lines=LOG_LINES)
