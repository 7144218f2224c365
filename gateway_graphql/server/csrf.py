"""
Requests that a page of another origin could send with the cookies of whoever looks at it, without asking first.

A browser asks (a CORS preflight) before it sends anything but a *simple* request; what it sends unasked must not be
answered, or a strange page acts in its visitor's name. JSON is never simple. GET and multipart forms are, unless they
carry a header that only a preflight allows, or the browser itself vouches for where they come from. A GET, which changes
nothing here, is answered also when nothing in it comes from a browser: neither credentials that one adds by itself, nor
what it says of the page, nor its name. So clients that are no browsers may ask as *GraphQL over HTTP* allows them to.
https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS#simple_requests
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway_graphql.server.asgi import Refused

__all__ = ["is_from_elsewhere", "refuse_simple"]

OURS = frozenset({"same-origin", "none"})
"""what ``Sec-Fetch-Site`` says of our own pages, and of an address that a person typed; no page can set it"""
SIMPLE_TYPES = frozenset({"", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})


BY_BROWSERS = ("cookie", "origin", "referer", "sec-fetch-site", "authorization")
"""what a browser sends of itself, one or the other, with a request of a page"""


def refuse_simple(
    headers: Mapping[str, str], proofs: tuple[str, ...], origins: tuple[str, ...], *, only_reads: bool = False
) -> None:
    """
    Refuse a request that a browser sends without a preflight.

    ``proofs``: headers any of which forces one. ``origins``: pages that may ask anyhow. ``only_reads``: it changes nothing.

    :raises Refused: nothing shows that its sender may read the answer.
    """
    if headers.get("content-type", "").partition(";")[0].strip().lower() not in SIMPLE_TYPES:
        return
    if headers.get("sec-fetch-site") in OURS or any(headers.get(name) for name in proofs):
        return
    # A browser adds credentials of its own for Basic and Negotiate; a bearer token only a script has.
    if headers.get("authorization", "")[:7].lower() == "bearer ":
        return
    if headers.get("origin") in origins:
        return
    if only_reads and not headers.keys() & BY_BROWSERS and not headers.get("user-agent", "").startswith("Mozilla/"):
        return
    raise Refused(
        400,
        "CSRF_ERROR",
        "This request could come from any page that somebody looks at. Send it as application/json, or with one of the "
        f"headers {', '.join(proofs)} (with any value). The setting is csrf_prevention of the gateway.",
    )


def is_from_elsewhere(headers: Mapping[str, str], origins: tuple[str, ...]) -> bool:
    """Whether the page of another origin opens this WebSocket, for which no browser asks first."""
    origin = headers.get("origin")
    if origin is None or origin in origins or "*" in origins:
        return False
    return origin.partition("://")[2].lower() != headers.get("host", "").lower()
