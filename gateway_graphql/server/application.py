"""A single-page application beside the graph: its built files below ``/``, and its page for every address it may have."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from mimetypes import guess_type

from gateway_graphql.server.asgi import Answer, Headers, HttpRequest, Refused
from gateway_graphql.server.compression import takes_gzip
from gateway_graphql.server.json_text import dumps
from gateway_graphql.server.negotiation import HTML, media_type_for
from gateway_graphql.server.settings import ApplicationSettings

__all__ = ["Application"]

INDEX = "index.html"
SETTINGS = "settings.json"
HASHED = "assets/"
"""the folder in which Vite gives each file a name that is another one when its content is"""
COMPRESSIBLE = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
SAFE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


@dataclass(frozen=True, slots=True)
class _File:
    """One file as it is sent."""

    kind: bytes
    body: bytes
    zipped: bytes | None
    """none: it would not be smaller"""
    etag: str
    headers: Headers


class Application:
    """The files of one folder, read once: another build is served by the next start."""

    def __init__(self, settings: ApplicationSettings) -> None:
        page = (
            (b"content-security-policy", _policy(settings.connect_to)),
            (b"x-frame-options", b"DENY"),
            (b"cache-control", b"no-cache"),
            *SAFE,
        )
        files = {
            file.relative_to(settings.folder).as_posix(): file.read_bytes()
            for file in sorted(settings.folder.rglob("*"))
            if file.is_file() and not file.name.startswith(".")
        }
        files[SETTINGS] = dumps(dict(settings.settings))
        self._files = {name: _file(name, body, page) for name, body in files.items()}

    def has(self, request: HttpRequest) -> bool:
        """Whether this is for the application: one of its files, or an address that a browser asks a page for."""
        if request.method not in ("GET", "HEAD"):
            return False
        name = _name(request.path)
        return name in self._files or (
            not name.startswith(HASHED) and media_type_for(request.headers.get("accept")) == HTML
        )

    def answer(self, request: HttpRequest) -> Answer:
        """The file, or the page, which finds out by itself what belongs at this address."""
        file = self._files.get(_name(request.path)) or self._files.get(INDEX)
        if file is None:
            raise Refused(404, "NOT_FOUND", "The application has no page; build it with `make up`.")
        headers = (*file.headers, (b"etag", file.etag.encode()))
        if file.etag in request.headers.get("if-none-match", ""):
            return Answer(304, file.kind, b"", headers)
        if file.zipped is not None:
            headers += ((b"vary", b"accept-encoding"),)
            if takes_gzip(request.headers.get("accept-encoding", "")):
                return Answer(200, file.kind, file.zipped, (*headers, (b"content-encoding", b"gzip")))
        return Answer(200, file.kind, file.body, headers)


def _name(path: str) -> str:
    return path.removeprefix("/") or INDEX


def _file(name: str, body: bytes, page: Headers) -> _File:
    kind = guess_type(name)[0] or "application/octet-stream"
    zipped = gzip.compress(body, mtime=0) if kind.startswith(COMPRESSIBLE) else None
    if zipped is not None and len(zipped) >= len(body):
        zipped = None
    keep = b"public, max-age=31536000, immutable" if name.startswith(HASHED) else b"no-cache"
    return _File(
        f"{kind}; charset=utf-8".encode() if kind.startswith("text/") else kind.encode(),
        body,
        zipped,
        f'W/"{sha256(body).hexdigest()[:24]}"',
        page if name == INDEX else ((b"cache-control", keep), *SAFE),
    )


def _policy(connect_to: tuple[str, ...]) -> bytes:
    """The page runs no code but its own, and talks to nobody but its own host and these origins."""
    parts: Mapping[str, str] = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "manifest-src": "'self'",
        "worker-src": "'self'",
        "connect-src": " ".join(("'self'", *connect_to)),
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items()).encode()
