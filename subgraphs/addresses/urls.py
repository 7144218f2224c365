"""Where this service answers."""

from django.contrib import admin
from django.urls import path

from subgraphs.addresses import generation
from subgraphs.addresses.schema import schema
from subgraphs.chassis.health import health_urls
from subgraphs.chassis_graphene import mongo
from subgraphs.chassis_graphene.endpoint import GraphQLEndpoint

urlpatterns = [
    path("graphql", GraphQLEndpoint.as_view(schema=schema)),
    path("admin/", admin.site.urls),
    *health_urls({"mongodb": mongo.ping, "redis": generation.ping}),
]
