"""The ASGI application of the matching service."""

import os
from importlib import import_module

from django.conf import settings
from django.core.asgi import get_asgi_application

from subgraphs.chassis import logs
from subgraphs.chassis.body_limit import LimitBody

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "subgraphs.matching.settings")
logs.configure("matching")
_django = get_asgi_application()

# Otherwise the first request would pay for building the schema.
import_module("subgraphs.matching.urls")

# A file that is a little too large gets a problem that says so; one that is far too large is not even taken in.
application = LimitBody(_django, settings.BATCH_FILE_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
