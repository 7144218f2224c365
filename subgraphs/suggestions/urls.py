"""Where the service answers: ``/graphql``, ``/live``, ``/ready``."""

from functools import partial

from django.urls import path

from subgraphs.chassis import mongo
from subgraphs.chassis.health import health_urls
from subgraphs.chassis_strawberry.view import SubgraphView
from subgraphs.suggestions.loaders import loaders
from subgraphs.suggestions.schema import schema

urlpatterns = [
    path("graphql", SubgraphView.as_view(schema=schema, loaders=loaders)),
    *health_urls({"mongodb": partial(mongo.ping, "suggestions")}),
]
