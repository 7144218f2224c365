"""Who gets an answer compressed, and that it is the same answer."""

from __future__ import annotations

import zlib

import aiohttp
import pytest

from gateway_graphql.server.asgi import Answer
from gateway_graphql.server.compression import IN_A_THREAD, compressed

LONG = "a" * 1500


async def asked(url: str, encoding: str | None, name: str = LONG) -> tuple[str | None, str | None, bytes]:
    """Content-Encoding, Vary, and the body as it travelled."""
    headers = {"Accept-Encoding": encoding} if encoding is not None else {}
    raw = aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=("Accept-Encoding",))
    async with raw, raw.post(f"{url}/graphql", json={"query": f'{{ hello(name: "{name}") }}'}, headers=headers) as got:
        body = await got.read()
        assert got.headers["Content-Length"] == str(len(body))
        return got.headers.get("Content-Encoding"), got.headers.get("Vary"), body


EXPECTED = b'{"data":{"hello":"hello ' + LONG.encode() + b'"}}'


@pytest.mark.parametrize("encoding", ["gzip", "br, gzip;q=0.5", "*", "GZIP"])
async def test_a_client_that_takes_gzip_gets_it(url: str, encoding: str) -> None:
    said, vary, body = await asked(url, encoding)
    assert (said, vary) == ("gzip", "accept-encoding")
    assert len(body) < 200
    assert zlib.decompress(body, 16 + zlib.MAX_WBITS) == EXPECTED


@pytest.mark.parametrize("encoding", [None, "identity", "br", "gzip;q=0", "*;q=0", "gzip; q=0.0, *"])
async def test_another_client_gets_it_as_it_is(url: str, encoding: str | None) -> None:
    assert await asked(url, encoding) == (None, "accept-encoding", EXPECTED)


async def test_a_short_answer_stays_as_it_is(url: str) -> None:
    assert await asked(url, "gzip", "Ada") == (None, None, b'{"data":{"hello":"hello Ada"}}')


async def test_a_long_answer_is_compressed_without_stalling_the_others() -> None:
    body = b"0123456789" * IN_A_THREAD
    answer = Answer(200, b"application/json", body)
    await compressed(answer, {"accept-encoding": "gzip"})
    assert zlib.decompress(answer.body, 16 + zlib.MAX_WBITS) == body
