"""Where this service answers."""

from django.urls import path

from subgraphs.chassis.health import health_urls
from subgraphs.chassis_graphene import mongo
from subgraphs.chassis_graphene.endpoint import GraphQLEndpoint
from subgraphs.discounts.downloads import download
from subgraphs.discounts.schema import schema

urlpatterns = [
    path("graphql", GraphQLEndpoint.as_view(schema=schema)),
    path("downloads/<str:token>/voucher.pdf", download),
    *health_urls({"mongodb": mongo.ping}),
]
