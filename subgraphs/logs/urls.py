"""Where this service answers."""

from functools import partial

from django.urls import path

from subgraphs.chassis import mongo
from subgraphs.chassis.health import health_urls
from subgraphs.chassis_graphene.endpoint import GraphQLEndpoint
from subgraphs.logs.schema import schema

urlpatterns = [
    path("graphql", GraphQLEndpoint.as_view(schema=schema)),
    *health_urls({"mongodb": partial(mongo.ping, "logs")}),
]
