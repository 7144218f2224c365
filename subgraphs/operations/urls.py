"""Where the service answers: ``/graphql``, ``/live``, ``/ready``."""

from functools import partial

from asgiref.sync import async_to_sync
from django.urls import path

from subgraphs.chassis.health import health_urls
from subgraphs.chassis_strawberry.view import SubgraphView
from subgraphs.operations import management
from subgraphs.operations.schema import schema

urlpatterns = [
    path("graphql", SubgraphView.as_view(schema=schema)),
    *health_urls({"rabbitmq": partial(async_to_sync(management.queues))}),
]
