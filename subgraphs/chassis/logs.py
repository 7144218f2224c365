"""One JSON line per log entry on stdout, and one request id through everything a request causes."""

import logging
import re
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from uuid import uuid4

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from subgraphs.chassis import tracing
from subgraphs.chassis.log_broker import carried_lines
from subgraphs.chassis.log_lines import CarriedHandler
from subgraphs.chassis.metrics import REQUESTS

REQUEST_ID_HEADER = "X-Request-Id"
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._:+/=@-]{1,128}")
_QUIET_PATHS = frozenset({"/live", "/ready"})

log = structlog.get_logger("request")


def configure(service: str, level: int = logging.INFO) -> None:
    """Let structlog and the standard library (Django, uvicorn, pymongo) write the same JSON lines."""

    def name_the_service(_: Any, __: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
        entry.setdefault("service", service)
        return entry

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        name_the_service,
        structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = CarriedHandler(sys.stdout, carried_lines(service))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                _keep_to_json,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
                without_secrets,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "django", "django.request", "django.server"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    # Every request has its own line below; a second one by uvicorn would say it twice.
    logging.getLogger("uvicorn.access").disabled = True
    for name in ("pymongo", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Pika tells each failed attempt to connect with a traceback of its own; whoever connects says it once, in a line.
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    # Refusals are logged where they are decided, with their reason.
    logging.getLogger("django.request").setLevel(logging.ERROR)


def current_request_id() -> str | None:
    """The id of the request being answered, ``None`` outside of one."""
    return structlog.contextvars.get_contextvars().get("request_id")


class RequestId:
    """
    Django middleware: take the caller's ``X-Request-Id`` or make one, and log each request once with it.

    Put it first, so that refusals carry the id as well.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        if iscoroutinefunction(self.get_response):
            return self._answer_later(request)
        request_id, started = self._begin(request)
        with structlog.contextvars.bound_contextvars(request_id=request_id), _span(request, request_id):
            return self._end(request, self.get_response(request), request_id, started)

    async def _answer_later(self, request: HttpRequest) -> HttpResponse:
        request_id, started = self._begin(request)
        with structlog.contextvars.bound_contextvars(request_id=request_id), _span(request, request_id):
            return self._end(request, await self.get_response(request), request_id, started)

    def _begin(self, request: HttpRequest) -> tuple[str, float]:
        given = request.headers.get(REQUEST_ID_HEADER, "")
        return (given if _ACCEPTABLE_ID.fullmatch(given) else str(uuid4())), time.perf_counter()

    def _end(self, request: HttpRequest, response: HttpResponse, request_id: str, started: float) -> HttpResponse:
        response[REQUEST_ID_HEADER] = request_id
        REQUESTS.labels(str(response.status_code)).inc()
        tracing.about(http__response__status_code=response.status_code)
        if not _is_quiet(request):
            log.info(
                "request answered",
                method=request.method,
                path=request.path,
                status=response.status_code,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )
        return response


def _is_quiet(request: HttpRequest) -> bool:
    return request.path in _QUIET_PATHS or request.path in getattr(settings, "QUIET_PATHS", ())


def _span(request: HttpRequest, request_id: str) -> AbstractContextManager[None]:
    if _is_quiet(request):
        return nullcontext()
    # Other paths hold ids: as names they would be as many as there are things.
    name = f"{request.method} {request.path}" if request.path == "/graphql" else str(request.method)
    return tracing.span(
        name,
        "server",
        request.headers.get(tracing.TRACEPARENT),
        http__request__method=str(request.method),
        url__path=request.path,
        request__id=request_id,
    )


def _keep_to_json(_: Any, __: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Objects that only make sense inside the process (Django's request, colours of uvicorn) are no log facts."""
    for key in ("request", "color_message"):
        entry.pop(key, None)
    return entry


_SECRET_HINTS = ("://", "earer ", "eyJ", "password", "secret", "token", "authorization", "cookie", "api_key")
_SECRETS = re.compile(
    r"""(?P<url>://[^/\s"@:]*:)[^/\s"@]+(?=@)"""  # of a user in a URL
    r"""|(?P<bearer>[Bb]earer\ )[\w.~+/=-]+"""
    r"""|(?P<jwt>\beyJ)[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?"""
    r"""|(?P<field>"(?:[\w-]*[_-])?(?:password|secret|token|authorization|cookie|api_key)":\s?")(?:[^"\\]|\\.)+""",
)


def without_secrets(_logger: Any, _method: str, line: Any) -> str:
    """The line without what gives somebody access: passwords in URLs, tokens, and fields of such names."""
    for hint in _SECRET_HINTS:
        if hint in line:
            return _SECRETS.sub(lambda found: f"{found[found.lastgroup or 0]}[hidden]", line)
    return str(line)
