"""GraphQL over HTTP."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from gateway_graphql.server import GatewayApp
from tests.gateway_graphql.server.monolith_gateway import MonolithGateway
from tests.gateway_graphql.server.serving import serving

Http = aiohttp.ClientSession
GRAPHQL = "application/graphql-response+json"


async def ask(http: Http, url: str, query: str, accept: str | None = None, **more: Any) -> tuple[int, str, Any]:
    """Status, media type and body."""
    headers = {"Accept": accept} if accept else {}
    async with http.post(f"{url}/graphql", json={"query": query, **more}, headers=headers) as answer:
        return answer.status, answer.content_type, await answer.json(content_type=None)


async def test_a_query_is_answered(http: Http, url: str) -> None:
    said = await ask(http, url, "query Q($name: String) { hello(name: $name) }", variables={"name": "Ada"})

    assert said == (200, "application/json", {"data": {"hello": "hello Ada"}})


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/json"),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8, application/json; q=0.9", GRAPHQL),
        ("application/json, application/graphql-response+json;q=0.5", "application/json"),
        ("text/plain, application/json", "application/json"),
    ],
)
async def test_the_client_chooses_the_media_type(http: Http, url: str, accept: str, expected: str) -> None:
    assert (await ask(http, url, "{ hello }", accept))[:2] == (200, expected)


async def test_nothing_it_would_take_is_406(http: Http, url: str) -> None:
    status, _, body = await ask(http, url, "{ hello }", "image/png")

    assert (status, body["errors"][0]["extensions"]["code"]) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize("query", ["{ hello", "{ unknown }"])
async def test_a_wrong_operation_is_400_or_200_by_media_type(http: Http, url: str, query: str) -> None:
    assert (await ask(http, url, query, GRAPHQL))[0] == 400
    status, _, body = await ask(http, url, query, "application/json")

    assert status == 200
    assert "data" not in body
    assert body["errors"][0]["message"]


async def test_a_field_that_fails_is_200_with_data(http: Http, url: str) -> None:
    status, _, body = await ask(http, url, "{ hello broken }", GRAPHQL)

    assert (status, body["data"]) == (200, {"hello": "hello you", "broken": None})
    assert body["errors"][0]["path"] == ["broken"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"{", "not JSON"),
        (b"[]", "Batching is off"),
        (b'"text"', "JSON object"),
        (b"{}", "`query` is missing"),
        (b'{"query": 1}', "`query`"),
        (b'{"query": "{ hello }", "variables": []}', "`variables`"),
        (b'{"query": "{ hello }", "operationName": 1}', "`operationName`"),
        (b'{"query": "{ hello }", "extensions": 1}', "`extensions`"),
    ],
)
async def test_what_is_no_request_is_400_and_says_why(http: Http, url: str, body: bytes, says: str) -> None:
    async with http.post(f"{url}/graphql", data=body, headers={"Content-Type": "application/json"}) as answer:
        assert answer.status == 400
        assert says in (await answer.json())["errors"][0]["message"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/json; charset=utf-16", ""])
async def test_other_content_is_415(http: Http, url: str, content_type: str) -> None:
    data = b'{"query": "{ hello }"}'
    async with http.post(
        f"{url}/graphql", data=data, headers={"Content-Type": content_type}, skip_auto_headers=["Content-Type"]
    ) as answer:
        assert answer.status == 415


async def test_get_asks_a_query(http: Http, url: str) -> None:
    parameters = {"query": "query Q($name: String) { hello(name: $name) }", "variables": json.dumps({"name": "Ada"})}
    async with http.get(f"{url}/graphql", params=parameters) as answer:
        assert await answer.json() == {"data": {"hello": "hello Ada"}}


async def test_get_never_changes_anything(http: Http, url: str, gateway: MonolithGateway) -> None:
    async with http.get(f"{url}/graphql", params={"query": 'mutation { remember(text: "x") }'}) as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert gateway.remembered == []


async def test_other_methods_are_405(http: Http, url: str) -> None:
    async with http.put(f"{url}/graphql", json={"query": "{ hello }"}) as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(("size", "status"), [(2000, 200), (2001, 413)])
@pytest.mark.parametrize("chunked", [False, True])
async def test_the_body_limit_is_exact(http: Http, url: str, size: int, status: int, chunked: bool) -> None:
    body = b'{"query": "{ hello }"}'.ljust(size)

    async def chunks() -> Any:
        for start in range(0, len(body), 100):
            yield body[start : start + 100]

    async with http.post(
        f"{url}/graphql", data=chunks() if chunked else body, headers={"Content-Type": "application/json"}
    ) as answer:
        assert answer.status == status
        if status == 413:
            error = (await answer.json())["errors"][0]
            assert error["extensions"] == {
                "code": "PAYLOAD_TOO_LARGE",
                "limit": 2000,
                "setting": "limits.json_bytes",
            }


async def test_the_request_id_goes_there_and_back(http: Http, url: str, gateway: MonolithGateway) -> None:
    async with http.post(
        f"{url}/graphql",
        json={"query": "{ hello }"},
        headers={"X-Request-Id": "abc-1", "Authorization": "Bearer x", "X-Other": "no"},
    ) as answer:
        assert answer.headers["X-Request-Id"] == "abc-1"
    assert gateway.headers[-1] == {"x-request-id": "abc-1", "authorization": "Bearer x"}


async def test_a_harmful_request_id_is_replaced(http: Http, url: str) -> None:
    async with http.get(f"{url}/health", headers={"X-Request-Id": 'a"b {}'}) as answer:
        assert len(answer.headers["X-Request-Id"]) == 32


async def test_one_request_too_many_is_told_to_come_back(http: Http, url: str, gateway: MonolithGateway) -> None:
    asking = [asyncio.create_task(ask(http, url, "{ slow }")) for _ in range(4)]
    await gateway.until_slow(4)

    async with http.post(f"{url}/graphql", json={"query": "{ hello }"}) as answer:
        body = await answer.json()
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert body["errors"][0]["extensions"]["code"] == "OVERLOADED"
    async with http.get(f"{url}/health") as answer:
        assert answer.status == 200
    gateway.slow_may_end.set()
    assert [status for status, _, _ in await asyncio.gather(*asking)] == [200] * 4
    assert (await ask(http, url, "{ hello }"))[0] == 200


async def test_a_client_that_leaves_stops_its_query(http: Http, url: str, gateway: MonolithGateway) -> None:
    asking = asyncio.ensure_future(ask(http, url, "{ slow }"))
    await asyncio.wait_for(gateway.slow_started.wait(), 5)
    asking.cancel()

    await asyncio.wait_for(gateway.slow_cancelled.wait(), 5)


async def test_a_client_that_leaves_does_not_stop_its_mutation(http: Http, url: str, gateway: MonolithGateway) -> None:
    asking = asyncio.ensure_future(ask(http, url, 'mutation { slowly(text: "kept") }'))
    await asyncio.wait_for(gateway.slow_started.wait(), 5)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    async with http.get(f"{url}/health"):
        gateway.slow_may_end.set()

    await asyncio.wait_for(gateway.slow_ended.wait(), 5)
    assert gateway.remembered == ["kept"]


@pytest.mark.parametrize("accept", ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"])
async def test_neither_does_one_that_asked_for_a_stream(
    http: Http, url: str, gateway: MonolithGateway, accept: str
) -> None:
    body = {"query": 'mutation { slowly(text: "kept") }'}
    async with http.post(f"{url}/graphql", json=body, headers={"Accept": accept}) as answer:
        await asyncio.wait_for(gateway.slow_started.wait(), 5)
        answer.close()
    async with http.get(f"{url}/health"):
        gateway.slow_may_end.set()

    await asyncio.wait_for(gateway.slow_ended.wait(), 5)
    assert gateway.remembered == ["kept"]


async def test_server_sent_events(http: Http, url: str) -> None:
    body = {"query": "subscription { count(to: 2) }"}
    async with http.post(f"{url}/graphql", json=body, headers={"Accept": "text/event-stream"}) as answer:
        assert answer.content_type == "text/event-stream"
        said = (await answer.read()).decode()

    assert said == (
        'event: next\ndata: {"data":{"count":1}}\n\n'
        'event: next\ndata: {"data":{"count":2}}\n\n'
        "event: complete\ndata:\n\n"
    )


async def test_a_quiet_stream_shows_signs_of_life_and_ends_with_its_client(
    http: Http, url: str, gateway: MonolithGateway
) -> None:
    body = {"query": "subscription { forever }"}
    async with http.post(f"{url}/graphql", json=body, headers={"Accept": "text/event-stream"}) as answer:
        assert await answer.content.readuntil(b"\n\n") == b'event: next\ndata: {"data":{"forever":1}}\n\n'
        assert await answer.content.readuntil(b"\n\n") == b":\n\n"
        answer.close()

    await asyncio.wait_for(gateway.stream_left.wait(), 5)


async def test_a_server_that_ends_breaks_a_stream_off_without_calling_it_complete(
    http: Http, gateway: MonolithGateway
) -> None:
    app = GatewayApp(gateway)  # type: ignore[arg-type]
    body = {"query": "subscription { forever }"}
    async with (
        serving(app) as url,
        http.post(f"{url}/graphql", json=body, headers={"Accept": "text/event-stream"}) as answer,
    ):
        await answer.content.readuntil(b"\n\n")
        app.end_streams()
        assert await answer.read() == b""
    assert gateway.stream_left.is_set()


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ('multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json', "multipart/mixed"),
        (f"{GRAPHQL}, application/json, text/event-stream, multipart/mixed", "text/event-stream"),
        ("application/json, text/event-stream;q=0.5, multipart/mixed;q=0.6", "multipart/mixed"),
    ],
)
async def test_a_client_that_takes_streams_as_well_gets_one_for_a_subscription(
    http: Http, url: str, accept: str, expected: str
) -> None:
    body = {"query": "subscription { count(to: 2) }"}
    async with http.post(f"{url}/graphql", json=body, headers={"Accept": accept}) as answer:
        assert answer.content_type == expected
        text = await answer.text()
        assert text.count('{"data":{"count":') == 2
    _, media_type, result = await ask(http, url, "{ hello }", accept)
    assert media_type in ("application/json", GRAPHQL)
    assert result == {"data": {"hello": "hello you"}}


async def test_multipart_subscription(http: Http, url: str) -> None:
    body = {"query": "subscription { count(to: 1) }"}
    accept = 'multipart/mixed;subscriptionSpec="1.0", application/json;q=0.1'
    async with http.post(f"{url}/graphql", json=body, headers={"Accept": accept}) as answer:
        assert answer.headers["Content-Type"] == 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"'
        said = await answer.read()

    assert said == (
        b'\r\n--graphql\r\ncontent-type: application/json\r\n\r\n{"payload":{"data":{"count":1}}}\r\n--graphql--\r\n'
    )


@pytest.mark.parametrize("path", ["/health", "/live", "/ready"])
async def test_it_says_that_it_is_well(http: Http, url: str, path: str) -> None:
    async with http.get(url + path) as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})


async def test_other_paths_are_404(http: Http, url: str) -> None:
    async with http.get(f"{url}/other") as answer:
        assert answer.status == 404
        assert "/graphql" in (await answer.json())["errors"][0]["message"]


@pytest.mark.parametrize("path", ["/graphiql", "/graphql"])
async def test_a_browser_gets_graphiql_and_its_files(http: Http, url: str, path: str) -> None:
    async with http.get(url + path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}) as answer:
        page = await answer.text()
        assert answer.content_type == "text/html"
    for name in ("graphiql.min.js", "graphiql.min.css", "page.js", "react.production.min.js"):
        assert f"graphiql/{name}" in page
        async with http.get(f"{url}/graphiql/{name}") as answer:
            assert (answer.status, len(await answer.read()) > 50) == (200, True)


async def test_no_other_file_is_served(http: Http, url: str) -> None:
    async with http.get(f"{url}/graphiql/%2e%2e/app.py") as answer:
        assert answer.status == 404


async def test_a_page_of_a_named_origin_may_ask(http: Http, url: str) -> None:
    origin = {"Origin": "http://localhost:5173"}
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-a"}
    async with http.options(f"{url}/graphql", headers=origin | asks) as answer:
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]
        assert answer.headers["Access-Control-Allow-Headers"] == "content-type,x-a"
    async with http.post(f"{url}/graphql", json={"query": "{ hello }"}, headers=origin) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]
        assert answer.headers["Vary"] == "origin"


async def test_a_page_of_another_origin_may_not(http: Http, url: str) -> None:
    async with http.post(
        f"{url}/graphql", json={"query": "{ hello }"}, headers={"Origin": "http://elsewhere"}
    ) as answer:
        assert "Access-Control-Allow-Origin" not in answer.headers
