"""The application that uvicorn serves."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "subgraphs.addresses.settings")

from django.core.asgi import get_asgi_application

from subgraphs.chassis.logs import configure

application = get_asgi_application()
configure("addresses")

from subgraphs.addresses.search_questions import questions  # noqa: E402 - the settings must be there

# In the background, so that already the first suggestion can come from search; nothing waits for the connection.
questions().connect()
