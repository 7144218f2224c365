"""Where the service answers: ``/graphql``, ``/downloads/``, ``/live``, ``/ready``."""

from functools import partial

from django.urls import path

from subgraphs.chassis import mongo
from subgraphs.chassis.health import health_urls
from subgraphs.chassis_strawberry.view import SubgraphView
from subgraphs.matching.downloads import download_urls
from subgraphs.matching.loaders import loaders
from subgraphs.matching.schema import schema

urlpatterns = [
    path("graphql", SubgraphView.as_view(schema=schema, loaders=loaders, multipart_uploads_enabled=True)),
    *download_urls(),
    *health_urls({"mongodb": partial(mongo.ping, "matching")}),
]
