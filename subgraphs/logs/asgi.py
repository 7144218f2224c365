"""The application that uvicorn serves."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "subgraphs.logs.settings")

from django.core.asgi import get_asgi_application

from subgraphs.chassis.logs import configure

application = get_asgi_application()
configure("logs")
