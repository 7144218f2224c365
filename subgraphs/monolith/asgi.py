"""The application that uvicorn serves."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "subgraphs.monolith.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application

from subgraphs.chassis.body_limit import LimitBody
from subgraphs.chassis.logs import configure

application = LimitBody(get_asgi_application(), settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
configure("monolith")
