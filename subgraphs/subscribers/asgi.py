"""The ASGI application of the subscribers service."""

import os
from importlib import import_module

from django.conf import settings
from django.core.asgi import get_asgi_application

from subgraphs.chassis import logs
from subgraphs.chassis.body_limit import LimitBody
from subgraphs.subscribers.known_addresses import questions

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "subgraphs.subscribers.settings")
logs.configure("subscribers")
_django = get_asgi_application()

# Otherwise the first request would pay for building the schema.
import_module("subgraphs.subscribers.urls")

# In the background, so that already the first subscribe can be answered; nothing waits for the connection.
questions().connect()

application = LimitBody(_django, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
