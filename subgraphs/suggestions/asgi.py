"""The ASGI application of the suggestions service."""

import os
from importlib import import_module

from django.conf import settings
from django.core.asgi import get_asgi_application

from subgraphs.chassis import logs
from subgraphs.chassis.body_limit import LimitBody

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "subgraphs.suggestions.settings")
logs.configure("suggestions")
_django = get_asgi_application()

# Otherwise the first request would pay for building the schema.
import_module("subgraphs.suggestions.urls")

application = LimitBody(_django, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
