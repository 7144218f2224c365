"""The ASGI application of the matching service."""

import os
from importlib import import_module

from django.core.asgi import get_asgi_application

from subgraphs.chassis import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "subgraphs.matching.settings")
logs.configure("matching")
application = get_asgi_application()

# Otherwise the first request would pay for building the schema.
import_module("subgraphs.matching.urls")
