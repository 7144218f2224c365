"""GraphiQL from our own files: it works without any other host. What the files are: ``graphiql/README.md``."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from gateway_graphql.server.asgi import Answer, Refused

__all__ = ["graphiql_asset", "graphiql_page"]

FOLDER = Path(__file__).parent / "graphiql"
KINDS = {".js": b"text/javascript; charset=utf-8", ".css": b"text/css; charset=utf-8"}
# The page may load nothing from elsewhere, and talk to nobody but its own host.
POLICY = (
    b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    b"connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SAFE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
PAGE_HEADERS = (
    (b"content-security-policy", POLICY),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-cache"),
    *SAFE,
)
ASSET_HEADERS = ((b"cache-control", b"public, max-age=3600"), (b"vary", b"accept-encoding"), *SAFE)


def graphiql_page() -> Answer:
    """The page itself."""
    return Answer(200, b"text/html; charset=utf-8", _content("index.html"), PAGE_HEADERS)


def graphiql_asset(name: str, headers: Mapping[str, str]) -> Answer:
    """One of its scripts or styles."""
    kind = KINDS.get(Path(name).suffix)
    if kind is None or name not in _names():
        raise Refused(404, "NOT_FOUND", f"GraphiQL has no file {name}.")
    if "gzip" in headers.get("accept-encoding", ""):
        return Answer(200, kind, _compressed(name), (*ASSET_HEADERS, (b"content-encoding", b"gzip")))
    return Answer(200, kind, _content(name), ASSET_HEADERS)


@cache
def _names() -> frozenset[str]:
    return frozenset(file.name for file in FOLDER.iterdir())


@cache
def _content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


@cache
def _compressed(name: str) -> bytes:
    return gzip.compress(_content(name))
