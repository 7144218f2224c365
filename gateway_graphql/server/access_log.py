"""Structured logs: one JSON line per event on stdout, uvicorn's own lines included."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import orjson
import structlog

__all__ = ["configure_logs", "log"]

SERVICE = "gateway"
log: Any = structlog.get_logger(SERVICE)


def configure_logs() -> None:
    """Write JSON lines from now on. Only the command does this; a host application keeps its own logging."""
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _service,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_json), _as_bytes],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_json),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)


def _service(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    first = {"time": event.pop("time"), "level": event.pop("level"), "service": SERVICE, "event": event.pop("event")}
    return first | event


def _json(event: Any, **_options: Any) -> str:
    return without_secrets(None, "", orjson.dumps(event, default=repr).decode())


def _as_bytes(_logger: Any, _method: str, line: Any) -> bytes:
    return str(line).encode()


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
