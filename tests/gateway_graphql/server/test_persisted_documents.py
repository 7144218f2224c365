"""Automatic persisted queries: what a client that sends hashes sees."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import aiohttp
import pytest

from gateway_graphql.server.asgi import Refused
from gateway_graphql.server.persisted_documents import PersistedDocuments
from tests.gateway_graphql.server.test_websocket import connected

Http = aiohttp.ClientSession
HELLO = "query Hello($name: String) { hello(name: $name) }"


def persisted(document: str, **more: Any) -> dict[str, Any]:
    """The extensions of a request for this document."""
    return {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(document.encode()).hexdigest(), **more}}


async def post(http: Http, url: str, **parameters: Any) -> tuple[int, Any]:
    """Status and body."""
    async with http.post(f"{url}/graphql", json=parameters) as answer:
        return answer.status, await answer.json()


async def get(http: Http, url: str, **parameters: Any) -> tuple[int, Any]:
    """The same by GET."""
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()}
    async with http.get(f"{url}/graphql", params=texts) as answer:
        return answer.status, await answer.json()


async def test_a_document_is_sent_once(http: Http, url: str) -> None:
    extensions = persisted(HELLO)

    status, missing = await get(http, url, extensions=extensions)
    assert (status, missing) == (
        200,
        {"errors": [{"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}]},
    )

    given = await post(http, url, query=HELLO, extensions=extensions, variables={"name": "Ada"})
    assert given == (200, {"data": {"hello": "hello Ada"}})
    by_hash = await get(http, url, extensions=extensions, variables={"name": "Bea"})
    assert by_hash == (200, {"data": {"hello": "hello Bea"}})
    assert await post(http, url, extensions=extensions) == (200, {"data": {"hello": "hello you"}})


async def test_it_is_known_over_websocket_too(http: Http, url: str) -> None:
    await post(http, url, query="{ hello }", extensions=persisted("{ hello }"))
    async with connected(http, url) as socket:
        payload = {"extensions": persisted("{ hello }")}
        await socket.send_json({"id": "1", "type": "subscribe", "payload": payload})
        assert (await socket.receive_json(timeout=5))["payload"] == {"data": {"hello": "hello you"}}
        await socket.receive_json(timeout=5)
        payload = {"extensions": persisted("{ other }")}
        await socket.send_json({"id": "2", "type": "subscribe", "payload": payload})
        said = await socket.receive_json(timeout=5)
        assert said["type"] == "error"
        assert said["payload"][0]["message"] == "PersistedQueryNotFound"


@pytest.mark.parametrize(
    ("extensions", "says"),
    [
        ({"persistedQuery": 1}, "must be an object with version 1"),
        (persisted(HELLO, version=2), "must be an object with version 1"),
        (persisted(HELLO, sha256Hash="abc"), "in hexadecimal"),
        (persisted("another"), "is not the SHA-256 of the parameter `query`"),
    ],
)
async def test_a_wrong_hash_is_refused(http: Http, url: str, extensions: Any, says: str) -> None:
    status, body = await post(http, url, query=HELLO, extensions=extensions)
    assert status == 400
    assert says in body["errors"][0]["message"]


async def test_a_mutation_by_hash_needs_a_post_as_well(http: Http, url: str) -> None:
    mutation = 'mutation { remember(text: "x") }'
    assert (await post(http, url, query=mutation, extensions=persisted(mutation)))[0] == 200
    assert (await get(http, url, extensions=persisted(mutation)))[0] == 405


def test_the_documents_used_last_are_kept() -> None:
    known = PersistedDocuments(limit=30)
    first, second, third = ("{ aaaaaaaa }", "{ bbbbbbbb }", "{ cccccccc }")
    known.text_of(first, persisted(first))
    known.text_of(second, persisted(second))
    known.text_of(None, persisted(first))
    known.text_of(third, persisted(third))

    assert known.text_of(None, persisted(first)) == first
    assert known.text_of(None, persisted(third)) == third
    with pytest.raises(Refused, match="PersistedQueryNotFound"):
        known.text_of(None, persisted(second))
    huge = "{ " + "a" * 40 + " }"
    assert known.text_of(huge, persisted(huge)) == huge
    assert known.text_of(None, persisted(first)) == first


def test_they_can_be_off() -> None:
    with pytest.raises(Refused, match="PersistedQueryNotSupported"):
        PersistedDocuments(limit=0).text_of(None, persisted(HELLO))
