"""Headers of the subgraphs' answers that go on to the client; which ones is the setting ``answer_headers``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from gateway_graphql.server.asgi import Headers

__all__ = ["collected_headers", "combined", "note_headers"]

Collected = list[Headers]
"""the wanted headers of each answer, by lower-case name"""

_collected: ContextVar[Collected | None] = ContextVar("answer_headers", default=None)

CACHE_CONTROL = b"cache-control"
SET_COOKIE = b"set-cookie"


@contextmanager
def collected_headers() -> Iterator[Collected]:
    """Around the answer to one request: what subgraphs say in it, in the tasks that it starts as well."""
    collected: Collected = []
    token = _collected.set(collected)
    try:
        yield collected
    finally:
        _collected.reset(token)


def note_headers(headers: Headers) -> None:
    """A subgraph answered with these."""
    collected = _collected.get()
    if collected is not None:
        collected.append(headers)


def combined(collected: Sequence[Headers], *, failed: bool) -> Headers:
    """
    What the client gets: every cookie; of other headers the last; of ``cache-control`` the strictest of all answers.

    An answer without ``cache-control`` may not be stored, and neither may one that ``failed``.
    """
    cookies = [header for headers in collected for header in headers if header[0] == SET_COOKIE]
    last = {name: value for headers in collected for name, value in headers if name not in (SET_COOKIE, CACHE_CONTROL)}
    found = [*cookies, *last.items()]
    said = [dict(headers).get(CACHE_CONTROL) for headers in collected]
    if any(said):
        found.append((CACHE_CONTROL, b"no-store" if failed else _strictest(said)))
    return tuple(found)


def _strictest(said: Sequence[bytes | None]) -> bytes:
    ages, private = [], False
    for one in said:
        parts = dict(_directives(one or b"no-store"))
        if "no-store" in parts or "no-cache" in parts or not parts.get("max-age", "").isdigit():
            return b"no-store"
        ages.append(int(parts["max-age"]))
        private = private or "private" in parts
    return b"%b, max-age=%d" % (b"private" if private else b"public", min(ages))


def _directives(header: bytes) -> Iterator[tuple[str, str]]:
    for part in header.decode("latin-1").lower().split(","):
        name, _, value = part.strip().partition("=")
        yield name, value.strip('"')
