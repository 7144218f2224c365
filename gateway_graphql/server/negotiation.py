"""Which of our media types a client wants, from its Accept header."""

from __future__ import annotations

from functools import lru_cache

__all__ = [
    "EVENT_STREAM",
    "GRAPHQL_RESPONSE",
    "HTML",
    "JSON",
    "MULTIPART",
    "accepts_parts",
    "media_type_for",
    "stream_type_for",
]

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/mixed"
HTML = "text/html"

# In the order of our preference among equals. JSON stands for "anything", as GraphQL over HTTP asks for old clients.
OFFERED = (GRAPHQL_RESPONSE, JSON, EVENT_STREAM, MULTIPART, HTML)
FOR_ANYTHING = {"*/*": JSON, "application/*": JSON, "text/*": EVENT_STREAM, "multipart/*": MULTIPART}


@lru_cache(maxsize=512)
def media_type_for(accept: str | None) -> str | None:
    """The media type to answer in; None when we have nothing the client would take."""
    if not accept or not accept.strip():
        return JSON
    best: tuple[float, int] | None = None
    chosen = None
    for entry in accept.split(","):
        name, *parameters = (part.strip() for part in entry.split(";"))
        offered = FOR_ANYTHING.get(name.lower(), name.lower())
        weight = _weight(parameters)
        if offered not in OFFERED or weight <= 0 or not _charset_is_ours(parameters):
            continue
        # What is named beats what is only covered by a wildcard of the same weight.
        rank = (weight, (0 if name in FOR_ANYTHING else len(OFFERED)) - OFFERED.index(offered))
        if best is None or rank > best:
            best, chosen = rank, offered
    return chosen


@lru_cache(maxsize=512)
def stream_type_for(accept: str | None) -> str | None:
    """
    The media type for a subscription, whatever else the client would take for other operations.

    Many clients send one Accept for everything, with JSON in it as well.
    """
    best: tuple[float, str] | None = None
    for entry in (accept or "").split(","):
        name, *parameters = (part.strip() for part in entry.split(";"))
        weight = _weight(parameters)
        if name.lower() in (EVENT_STREAM, MULTIPART) and weight > 0 and (best is None or weight > best[0]):
            best = (weight, name.lower())
    return None if best is None else best[1]


@lru_cache(maxsize=512)
def accepts_parts(accept: str | None) -> bool:
    """Whether the client takes an answer in parts (``@defer``): ``multipart/mixed;deferSpec=20220824``."""
    for entry in (accept or "").split(","):
        name, *parameters = (part.strip().replace('"', "").lower() for part in entry.split(";"))
        if name == MULTIPART and "deferspec=20220824" in parameters and _weight(parameters) > 0:
            return True
    return False


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _charset_is_ours(parameters: list[str]) -> bool:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower() in ("utf-8", "utf8")
    return True
