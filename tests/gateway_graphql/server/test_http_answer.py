"""Answers that come in many pieces."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web

from gateway_graphql.server.http_answer import AnswerTooLarge, whole_body
from gateway_graphql.server.revoked_tokens import RevokedTokens
from tests.gateway_graphql.server.one_subgraph import subgraph

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BODY = b"0123456789" * 300_000
TOKENS = [f"{number:064x}" for number in range(30_000)]


async def in_pieces(request: web.Request) -> web.StreamResponse:
    """Without a length, so that only the end tells how much there is."""
    answer = web.StreamResponse()
    await answer.prepare(request)
    for begin in range(0, len(BODY), 100_000):
        await answer.write(BODY[begin : begin + 100_000])
    return answer


async def with_a_length(_: web.Request) -> web.Response:
    return web.Response(body=BODY)


@pytest.mark.parametrize("handler", [in_pieces, with_a_length])
async def test_all_of_it_is_read_and_no_more_than_may_be(handler: Handler) -> None:
    async with subgraph(handler) as url, aiohttp.ClientSession() as http:
        async with http.get(url) as answer:
            assert await whole_body(answer, len(BODY)) == BODY
        async with http.get(url) as answer:
            with pytest.raises(AnswerTooLarge):
                await whole_body(answer, len(BODY) - 1)


async def test_a_long_list_of_revoked_tokens_is_read_to_its_end() -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.json_response({"revoked": TOKENS})

    async with subgraph(handler) as url, aiohttp.ClientSession() as http:
        revoked = RevokedTokens(url, lambda: http, 60)
        assert await revoked.includes(TOKENS[-1])
        await revoked.close()
