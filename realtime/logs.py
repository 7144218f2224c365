"""One line of JSON per thing that happened, on standard output, whoever logs it."""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from realtime.log_lines import CarriedHandler, LogLines


def write_json_logs(service: str, *, debug: bool = False, lines: LogLines | None = None) -> None:
    """
    Send this process's logs, and those of the libraries in it, to standard output as JSON.

    :param lines: have them carried on from there
    """

    def name_the_service(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event.setdefault("service", service)
        return event

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        name_the_service,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = CarriedHandler(sys.stdout, lines)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
                without_secrets,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    # What a client sent wrongly is the client's business and is answered there.
    logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL)
    for chatty in ("asyncio", "uvicorn.access", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


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
