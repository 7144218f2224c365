"""One JSON line per log entry on stdout; one request id through everything a request causes."""

import logging
import re
import sys
from typing import Any

import structlog

from workers.chassis.log_broker import carried_lines
from workers.chassis.log_lines import CarriedHandler


def configure(service: str, level: int = logging.INFO) -> None:
    """Let structlog and the standard library (Celery, pymongo, pika) write the same JSON lines."""

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
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
                without_secrets,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("pymongo", "pika", "amqp", "kombu"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Pika tells each failed attempt to connect with a traceback of its own; the loop says it once, in a line.
    logging.getLogger("pika").setLevel(logging.CRITICAL)


def current_request_id() -> str | None:
    """The id of the request being worked for, ``None`` outside of one."""
    return structlog.contextvars.get_contextvars().get("request_id")


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
