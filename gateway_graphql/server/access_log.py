"""Structured logs: one JSON line per event on stdout, uvicorn's own lines included."""

from __future__ import annotations

import logging
import re
import sys
from dataclasses import replace
from typing import Any

import orjson
import structlog

from gateway_graphql.server.log_lines import CarriedHandler, LogLines
from gateway_graphql.server.service_token import ServiceTokens
from gateway_graphql.server.settings import LogLinesSettings, ServiceTokenSettings

__all__ = ["carry_lines", "configure_logs", "end_lines", "log"]

SERVICE = "gateway"
LIFETIME = 24 * 3600
"""seconds that a token of log lines is good"""
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
        logger_factory=structlog.BytesLoggerFactory(_OUT),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    handler = CarriedHandler(sys.stdout, None)
    _OUT.others = handler
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


def carry_lines(settings: LogLinesSettings, token: ServiceTokenSettings | None) -> None:
    """Have every line carried to Redis as well, from now on, where the settings name one."""
    if settings.redis_url is None or token is None:
        return
    from gateway_graphql.server.log_stream import StreamCarrier

    # A line may wait for whoever keeps it for longer than a request for its answer.
    tokens = ServiceTokens(replace(token, lifetime=LIFETIME))
    carrier = StreamCarrier(settings.redis_url, settings.key, token=lambda: tokens.token_for("log_lines"))
    lines = LogLines(SERVICE, carrier, alive_every=settings.alive_every, process=SERVICE)
    _OUT.lines = lines
    if _OUT.others is not None:
        _OUT.others.lines = lines


def end_lines() -> None:
    """Have the last lines carried, if that is soon done."""
    if _OUT.lines is not None:
        _OUT.lines.end()


class _Out:
    """Standard output, from where lines go on to whoever keeps them."""

    lines: LogLines | None = None
    others: CarriedHandler | None = None
    """writes what libraries log"""

    def write(self, line: bytes) -> int:
        """One line."""
        written = sys.stdout.buffer.write(line)
        if self.lines is not None:
            self.lines.put(line.decode().rstrip("\n"))
        return written

    def flush(self) -> None:
        """Let others see it."""
        sys.stdout.buffer.flush()


_OUT = _Out()


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
