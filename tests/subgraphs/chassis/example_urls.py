"""The addresses of an example service."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from subgraphs.chassis.health import health_urls
from subgraphs.chassis.logs import current_request_id

PROBLEMS: list[Exception] = []
"""what the check finds"""


def _check() -> None:
    if PROBLEMS:
        raise PROBLEMS[0]


def sync_view(_: HttpRequest) -> HttpResponse:
    """Answer with the request id."""
    return HttpResponse(current_request_id())


async def async_view(_: HttpRequest) -> HttpResponse:
    """Answer with the request id."""
    return HttpResponse(current_request_id())


urlpatterns = [
    path("sync", sync_view),
    path("async", async_view),
    path("admin/", sync_view),
    path("administrators", sync_view),
    *health_urls({"store": _check}),
]
