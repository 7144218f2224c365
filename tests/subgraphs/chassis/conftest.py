"""The chassis needs no service: a few settings of its own are enough."""

import django
from django.conf import settings

from tests.subgraphs.service import PUBLIC_KEYS

settings.configure(
    SECRET_KEY="only for this test",
    ALLOWED_HOSTS=["testserver"],
    SERVICE_NAME="example",
    SERVICE_PUBLIC_KEYS=PUBLIC_KEYS,
    ROOT_URLCONF="tests.subgraphs.chassis.example_urls",
    MIDDLEWARE=["subgraphs.chassis.logs.RequestId", "subgraphs.chassis.identity.RequireGateway"],
    INSTALLED_APPS=[],
    LOGGING_CONFIG=None,
)
django.setup()
