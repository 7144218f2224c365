"""What is said where the database refuses: a mistake of whoever asks is not a failure of ours, and a pause is no end."""

from collections.abc import Callable
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse

log = structlog.get_logger("accounts")


class DatabaseProblems:
    """
    Django middleware for the forms and the endpoints of the protocol, which pass on what they are sent.

    400 where a column cannot take a parameter: PostgreSQL holds no NUL, and no more than a column is long. 503 while there
    is no database. The errors are those of RFC 6749, sections 5.2 and 4.1.2.1.
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
        if isinstance(problem, DataError):
            log.warning("parameter refused by the database", path=request.path, problem=str(problem).strip())
            said = "a parameter is too long, or holds a character that is no text"
            return JsonResponse({"error": "invalid_request", "error_description": said}, status=400)
        if isinstance(problem, OperationalError):
            log.error("no database", path=request.path, problem=str(problem).strip())
            said = "the database cannot be reached; try again in a moment"
            body = {"error": "temporarily_unavailable", "error_description": said}
            return JsonResponse(body, status=503, headers={"Retry-After": "5"})
        return None
