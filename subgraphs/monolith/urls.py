"""Where this service answers: the pages, the graph, the staff's pages, health."""

from django.contrib import admin
from django.db import connection
from django.urls import path

from subgraphs.chassis.health import health_urls
from subgraphs.chassis_graphene.endpoint import GraphQLEndpoint
from subgraphs.monolith import views
from subgraphs.monolith.downloads import download
from subgraphs.monolith.schema import schema


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    # The check runs in a thread of its own, and so had a connection of its own.
    connection.close()


urlpatterns = [
    path("discounts/", views.claim, name="new claim"),
    path("discounts/about/", views.about, name="about"),
    path("discounts/claims/", views.claims, name="claims"),
    path("discounts/claims/<str:id>/", views.result, name="claim"),
    path("downloads/<str:token>/voucher.pdf", download),
    path("graphql", GraphQLEndpoint.as_view(schema=schema)),
    path("admin/", admin.site.urls),
    *health_urls({"database": _ask_database}),
]
