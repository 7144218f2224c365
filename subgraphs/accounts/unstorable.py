"""Text that no row can hold is a mistake of whoever sends it, not a failure of ours."""

from collections.abc import Callable
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse

log = structlog.get_logger("accounts")


class RefuseUnstorable:
    """
    Answers 400 where the database cannot take a parameter: PostgreSQL holds no NUL, and no more than a column is long.

    Forms and endpoints of the protocol pass on what they are sent; the error is that of RFC 6749, section 5.2.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """Django calls this with what a view has raised."""
        if not isinstance(problem, DataError):
            return None
        log.warning("parameter refused by the database", path=request.path, problem=str(problem).strip())
        said = "a parameter is too long, or holds a character that is no text"
        return JsonResponse({"error": "invalid_request", "error_description": said}, status=400)
