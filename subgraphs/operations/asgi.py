"""The ASGI application of the operations service."""

import os
from importlib import import_module

from django.conf import settings
from django.core.asgi import get_asgi_application

from subgraphs.chassis import logs
from subgraphs.chassis.body_limit import LimitBody
from subgraphs.operations.looking import looking

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "subgraphs.operations.settings")
logs.configure("operations")
_django = get_asgi_application()

# Otherwise the first request would pay for building the schema.
import_module("subgraphs.operations.urls")

application = looking(LimitBody(_django, settings.DATA_UPLOAD_MAX_MEMORY_SIZE), settings.LOOK_EVERY)
