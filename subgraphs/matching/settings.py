"""The matching service. Every setting it has is on this page."""

from subgraphs.chassis.env import Env
from subgraphs.chassis.service_keys import PublicKeys
from subgraphs.chassis.tls import Tls

env = Env("MATCHING")

SERVICE_NAME = "matching"
SERVICE_PUBLIC_KEYS = PublicKeys.from_environment(env)
SECRET_KEY = env.text("SECRET_KEY")
DEBUG = env.flag("DEBUG")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
TLS = Tls.from_environment(env)

MONGO_URL = env.text("MONGO_URL")

# The most characters a field of a single address may have.
NAME_LENGTH = env.number("NAME_LENGTH", 200)
ADDRESS_LENGTH = env.number("ADDRESS_LENGTH", 500)
FIELD_LENGTH = env.number("FIELD_LENGTH", 100)

# A file of addresses.
BATCH_FILE_BYTES = env.number("BATCH_FILE_BYTES", 256 * 1024 * 1024)
BATCH_ROWS = env.number("BATCH_ROWS", 1_000_000)
BATCH_FIELD_LENGTH = env.number("BATCH_FIELD_LENGTH", 500)

# Where browsers reach this service, for the links to files of results; and how long such a link may be used.
DOWNLOAD_URL = env.text("DOWNLOAD_URL", "http://127.0.0.1:8003")
DOWNLOAD_SECONDS = env.number("DOWNLOAD_SECONDS", 900)

# How long a reviewer keeps an item for themselves, and how long a decision can be taken back.
CLAIM_SECONDS = env.number("CLAIM_SECONDS", 600)
UNDO_SECONDS = env.number("UNDO_SECONDS", 3600)

# Files go to disk while they arrive; everything else of a request stays small.
DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("REQUEST_BYTES", 2 * 1024 * 1024)
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

ROOT_URLCONF = "subgraphs.matching.urls"
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
