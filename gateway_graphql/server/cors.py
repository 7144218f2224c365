"""Lets pages of other origins ask the gateway, where the setting ``cors_origins`` names them."""

from __future__ import annotations

from collections.abc import Mapping

from gateway_graphql.server.asgi import Answer, Headers

__all__ = ["cors_headers", "preflight"]

METHODS = b"GET, POST, PUT, PATCH, DELETE, OPTIONS"
"""all that anything here is asked with"""
REMEMBER = b"600"
"""seconds a browser need not ask again"""
READABLE = b"x-request-id, retry-after, ratelimit, ratelimit-policy, api-version, deprecation, sunset, link, etag"


def cors_headers(headers: Mapping[str, str], origins: tuple[str, ...]) -> Headers:
    """What an answer carries so that this page may read it; nothing for a page that may not."""
    origin = headers.get("origin")
    if origin is None or not origins:
        return ()
    if "*" in origins:
        return ((b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", READABLE))
    vary = (b"vary", b"origin")
    if origin not in origins:
        return (vary,)
    return (
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", READABLE),
        vary,
    )


def preflight(headers: Mapping[str, str]) -> Answer | None:
    """The answer to a browser that asks whether it may ask; None if it does not."""
    if "access-control-request-method" not in headers:
        return None
    wanted = headers.get("access-control-request-headers", "content-type")
    return Answer(
        204,
        b"text/plain",
        b"",
        (
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", wanted.encode("latin-1")),
            (b"access-control-max-age", REMEMBER),
        ),
    )
