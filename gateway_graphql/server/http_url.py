"""A URL, as a request to it needs it."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

__all__ = ["HttpUrl", "Place", "ends_a_header", "http_url"]

ends_a_header = re.compile(r"[\r\n\0]").search
"""whether a text would end the header that it is the value of"""
_PUNCTUATION = "%/:=&?~+!$,;'@()*[]"
"""of a path and its query, as they are"""


class Place(NamedTuple):
    """Where to connect to."""

    host: str
    port: int
    tls: bool


@dataclass(frozen=True, slots=True)
class HttpUrl:
    """Where to connect to, and what to say there."""

    place: Place
    host: str
    """host and port as the request names them"""
    target: str
    """path and query"""
    authorization: str | None
    """from the user and password in the URL"""


@lru_cache(maxsize=1024)
def http_url(url: str) -> HttpUrl:
    """
    Take a URL apart.

    :raises ValueError: it is none of HTTP.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or ends_a_header(url) or " " in parts.netloc:
        raise ValueError(f"{url!r} is not a URL of HTTP")
    tls = parts.scheme == "https"
    authorization = None
    if parts.username is not None:
        named = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = f"Basic {b64encode(named.encode()).decode()}"
    return HttpUrl(
        Place(parts.hostname, parts.port or (443 if tls else 80), tls),
        parts.netloc.rpartition("@")[2].encode("idna").decode(),
        quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_PUNCTUATION),
        authorization,
    )
