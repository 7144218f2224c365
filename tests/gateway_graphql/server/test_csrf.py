"""What a page of another origin can send unasked is refused; what shows where it comes from is answered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from gateway_graphql.server import ServerSettings
from tests.gateway_graphql.server.hardened import Hardened, codes, hardened
from tests.gateway_graphql.server.test_websocket import closing

ALLOWED = "http://localhost:5173"
EVIL = "https://evil.example"
UPLOAD = "mutation($file: Upload!) { upload(file: $file) { id } }"


@pytest.fixture
async def gateway() -> AsyncIterator[Hardened]:
    async with hardened(ServerSettings(cors_origins=(ALLOWED,))) as gateway:
        yield gateway


PROOFS = [
    {"Apollo-Require-Preflight": "1"},
    {"X-Apollo-Operation-Name": "Me"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Authorization": "Bearer abc"},
    {"Content-Type": "application/json"},
    {"Origin": ALLOWED, "Sec-Fetch-Site": "cross-site"},
    {},
    {"User-Agent": "curl/8"},
]
NO_PROOFS = [
    {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) of long ago"},
    {"Referer": f"{EVIL}/page"},
    {"Origin": "null"},
    {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Authorization": "Basic abc"},
    {"Cookie": "session=1"},
    {"Cookie": "session=1", "Content-Type": "text/plain; charset=application/json"},
    {"Cookie": "session=1", "Content-Type": "application/x-www-form-urlencoded"},
    {"Cookie": "session=1", "Apollo-Require-Preflight": ""},
]


@pytest.mark.parametrize("headers", PROOFS)
async def test_get_is_answered_where_it_was_allowed_or_no_browser_sends_it(
    gateway: Hardened, headers: dict[str, str]
) -> None:
    async with gateway.http.get(f"{gateway.url}/graphql", params={"query": "{ me { id } }"}, headers=headers) as answer:
        assert await answer.json() == {"data": {"me": {"id": "1"}}}


@pytest.mark.parametrize("headers", NO_PROOFS)
async def test_get_is_refused_where_a_strange_page_may_have_sent_it(gateway: Hardened, headers: dict[str, str]) -> None:
    async with gateway.http.get(f"{gateway.url}/graphql", params={"query": "{ me { id } }"}, headers=headers) as answer:
        assert answer.status == 400
        assert codes(await answer.json()) == ["CSRF_ERROR"]
    assert gateway.subgraphs.requests == []


@pytest.mark.parametrize(("headers", "status"), [({}, 400), ({"Origin": EVIL}, 400), ({"GraphQL-Preflight": "1"}, 200)])
async def test_a_form_changes_nothing_unless_it_was_allowed(
    gateway: Hardened, headers: dict[str, str], status: int
) -> None:
    gateway.subgraphs.answers["subscribers"] = [{"data": {"upload": {"id": "1"}}}]
    form = aiohttp.FormData()
    form.add_field("operations", json.dumps({"query": UPLOAD, "variables": {"file": None}}))
    form.add_field("map", '{"0": ["variables.file"]}')
    form.add_field("0", b"a", filename="a.csv")
    async with gateway.http.post(f"{gateway.url}/graphql", data=form, headers=headers) as answer:
        assert answer.status == status
    assert len(gateway.subgraphs.requests) == (status == 200)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_json_under_a_simple_name_is_not_read(gateway: Hardened, content_type: str) -> None:
    async with gateway.http.post(
        f"{gateway.url}/graphql",
        data=b'{"query": "mutation { remove(id: 1) }"}',
        headers={"Content-Type": content_type, "Origin": EVIL},
    ) as answer:
        assert answer.status == 415
    assert gateway.subgraphs.requests == []


async def test_the_page_of_another_origin_opens_no_websocket(gateway: Hardened) -> None:
    for origin, opens in ((EVIL, False), ("null", False), (ALLOWED, True), (gateway.url, True)):
        async with gateway.http.ws_connect(
            f"{gateway.url}/graphql", protocols=("graphql-transport-ws",), headers={"Origin": origin}
        ) as socket:
            if opens:
                await socket.send_json({"type": "connection_init"})
                assert await socket.receive_json(timeout=5) == {"type": "connection_ack"}
            else:
                assert (await closing(socket))[0] == 4403


async def test_it_can_be_off() -> None:
    async with (
        hardened(ServerSettings(csrf_prevention=False)) as gateway,
        gateway.http.get(f"{gateway.url}/graphql", params={"query": "{ me { id } }"}) as answer,
    ):
        assert answer.status == 200
