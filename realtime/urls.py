"""What is answered over HTTP: the schema for whoever composes the graph, and health."""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from realtime import health
from realtime.live_results.schema import schema
from realtime.over_http import OverHttp

urlpatterns = [
    # No cookie is ever read here: callers carry a service token, so there is nothing to forge.
    path("graphql", csrf_exempt(OverHttp.as_view(schema=schema, graphql_ide=None))),
    path("live", health.live),
    path("ready", health.ready),
]
