"""What a subgraph's HTTP server answers, and all that can go wrong before it has, whichever version of HTTP it speaks."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import aiohttp

__all__ = [
    "AnswerBrokeOff",
    "AnswerTooLarge",
    "ConnectionClosed",
    "HttpAnswer",
    "NoConnection",
    "NotHttp",
    "decoded",
    "whole_body",
]

_CHUNK = 256 * 1024

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
"""told apart by their first bytes"""


class NoConnection(Exception):
    """Nobody accepts the connection; ``__cause__`` says why, and is a ``TimeoutError`` if nobody refuses it either."""


class ConnectionClosed(Exception):
    """The other side closed the connection before it began to answer."""


class AnswerBrokeOff(Exception):
    """The other side closed the connection in the middle of its answer."""


class AnswerTooLarge(Exception):
    """The answer is larger than was allowed."""


class NotHttp(Exception):
    """What came back is not HTTP of the version that was spoken, or is encoded in a way that was not asked for."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole answer."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    """those that are kept, by lower-case name"""


async def whole_body(answer: aiohttp.ClientResponse, largest: int) -> bytes:
    """
    All of an answer to the general client, whose own ``read(n)`` ends with what has come so far.

    :raises AnswerTooLarge: it is larger than ``largest`` bytes.
    """
    if (answer.content_length or 0) > largest:
        raise AnswerTooLarge
    parts, size = [], 0
    async for part in answer.content.iter_chunked(_CHUNK):
        size += len(part)
        if size > largest:
            raise AnswerTooLarge
        parts.append(part)
    return b"".join(parts)


def decoded(body: bytes, encoding: bytes, largest: int) -> bytes:
    """
    The body of a server that compresses although it was asked not to.

    :raises NotHttp: in a way that nobody asked for, or not in the way it says.
    :raises AnswerTooLarge: it is larger than ``largest`` bytes.
    :raises AnswerBrokeOff: the end is missing.
    """
    if encoding not in (b"gzip", b"x-gzip", b"deflate"):
        raise NotHttp
    reader: Any = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        whole: bytes = reader.decompress(body, largest)
    except zlib.error:
        raise NotHttp from None
    if reader.unconsumed_tail:
        raise AnswerTooLarge
    if not reader.eof:
        raise AnswerBrokeOff
    return whole
