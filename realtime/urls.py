"""What is answered over HTTP: the schema for whoever composes the graph, and health."""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from strawberry.django.views import AsyncGraphQLView

from realtime import health
from realtime.live_results.schema import schema

urlpatterns = [
    # No cookie is ever read here: callers carry a service token, so there is nothing to forge.
    path("graphql", csrf_exempt(AsyncGraphQLView.as_view(schema=schema, graphql_ide=None))),
    path("live", health.live),
    path("ready", health.ready),
]
