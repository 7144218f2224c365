"""``/graphql`` answers as GraphQL over HTTP says, to the gateway alone; ``/live`` and ``/ready`` to everybody."""

import json
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import AsyncClient

from subgraphs.addresses.model import Address
from subgraphs.chassis.identity import TOKEN_HEADER, sign
from tests.subgraphs.service import KEYS

RESULT = "application/graphql-response+json"
QUERY = '{ address(id: "unknown") { id } }'


async def _send(ask: Any, body: Any, *, accept: str | None = None, content_type: str = "application/json") -> Any:
    headers = {TOKEN_HEADER: ask.token()} | ({"Accept": accept} if accept else {})
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return await AsyncClient().post("/graphql", data=text, content_type=content_type, headers=headers)


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (None, "send the gateway's token"),
        ("nonsense", "refused"),
        (sign("matching", issuer="gateway", key=KEYS["gateway"]), "refused"),
        (sign("addresses", issuer="gateway", key=KEYS["matching"]), "refused"),
        (sign("addresses", issuer="matching", key=KEYS["matching"]), "refused"),
        (sign("addresses", issuer="gateway", key=KEYS["gateway"], lifetime=-60), "refused"),
    ],
    ids=["none", "nonsense", "for another", "forged", "of another", "expired"],
)
async def test_only_the_gateway_is_answered(token: str | None, said: str) -> None:
    headers = {TOKEN_HEADER: token} if token else {}

    response = await AsyncClient().post(
        "/graphql", data=json.dumps({"query": QUERY}), content_type="application/json", headers=headers
    )

    assert response.status_code == 401
    error = json.loads(response.content)["errors"][0]
    assert said in error["message"]
    assert error["extensions"]["code"] == "SERVICE_TOKEN_REQUIRED"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        (RESULT, RESULT),
        (f"{RESULT}, application/json;q=0.9", RESULT),
        (f"application/json, {RESULT};q=0.5", "application/json"),
        (f"text/html, {RESULT}; charset=utf-8", RESULT),
    ],
)
async def test_it_answers_in_the_type_that_is_wanted(ask, accept: str | None, media_type: str) -> None:
    response = await _send(ask, {"query": QUERY}, accept=accept)

    assert response.status_code == 200
    assert response["Content-Type"] == f"{media_type}; charset=utf-8"
    assert json.loads(response.content) == {"data": {"address": None}}


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "application/json;q=x"])
async def test_a_type_it_does_not_have(ask, accept: str) -> None:
    assert (await _send(ask, {"query": QUERY}, accept=accept)).status_code == 406


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{", "not valid JSON"),
        (b"\xff", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ([], "one JSON object"),
        ("null", "one JSON object"),
        ({}, "query is missing"),
        ({"query": 1}, "query is missing"),
        ({"query": "  "}, "query is missing"),
        ({"query": QUERY, "variables": []}, "variables must be an object"),
        ({"query": QUERY, "operationName": 1}, "operationName must be a text"),
        (b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}', "half a character"),
        ({"query": QUERY, "extensions": 1}, "extensions must be an object"),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_a_request_that_is_none(ask, body: Any, said: str) -> None:
    response = await _send(ask, body)

    assert response.status_code == 400
    assert said in json.loads(response.content)["errors"][0]["message"]


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ({"query": "{ address("}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ " + "a " * 20_001 + "}"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query Q($id: ID!) { address(id: $id) { id } }"}, "BAD_USER_INPUT"),
        ({"query": "query Q($id: ID!) { address(id: $id) { id } }", "variables": {"id": [1]}}, "BAD_USER_INPUT"),
        ({"query": "query A { __typename } query B { __typename }"}, "BAD_USER_INPUT"),
        ({"query": "query A { __typename }", "operationName": "B"}, "BAD_USER_INPUT"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_an_operation_that_cannot_run(ask, operation: dict[str, Any], code: str) -> None:
    older, newer = await _send(ask, operation), await _send(ask, operation, accept=RESULT)

    assert (older.status_code, newer.status_code) == (200, 400)
    for response in (older, newer):
        body = json.loads(response.content)
        assert "data" not in body
        assert body["errors"][0]["extensions"]["code"] == code


async def test_a_query_may_stand_in_the_address_a_mutation_may_not(ask) -> None:
    headers = {TOKEN_HEADER: ask.token()}
    client = AsyncClient()

    query = await client.get("/graphql", {"query": "{ __typename }", "variables": "{}"}, headers=headers)
    mutation = await client.get(
        "/graphql", {"query": 'mutation { removeAddress(id: "x") { __typename } }'}, headers=headers
    )

    assert json.loads(query.content) == {"data": {"__typename": "Query"}}
    assert (mutation.status_code, mutation["Allow"]) == (405, "POST")
    assert (await client.get("/graphql", {"query": "{a}", "variables": "{"}, headers=headers)).status_code == 400
    assert (await client.put("/graphql", headers=headers)).status_code == 405


async def test_other_bodies(ask) -> None:
    assert (await _send(ask, "query=x", content_type="text/plain")).status_code == 415
    assert (await _send(ask, {"query": "x" * (2 * 1024 * 1024)})).status_code == 413


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "operations is not valid JSON"),
        ({"operations": "[]", "map": "{}"}, "one JSON object"),
        ({"operations": "{}", "map": "[]"}, "one JSON object"),
        ({"operations": "{}", "map": "{}"}, "query is missing"),
        ({"operations": '{"variables":{"file":null}}', "map": '{"0":["variables.file"]}'}, "not in the request"),
        ({"operations": '{"variables":{"file":null}}', "map": '{"f":1}', "f": b"x"}, "list of places"),
        ({"operations": '{"variables":{"file":null}}', "map": '{"f":["variables.x"]}', "f": b"x"}, "no place"),
        ({"operations": '{"variables":{"file":1}}', "map": '{"f":["variables.file"]}', "f": b"x"}, "no place"),
        ({"operations": '{"query":null}', "map": '{"f":["query"]}', "f": b"x"}, "no place"),
        ({"operations": '{"variables":{"f":[null]}}', "map": '{"f":["variables.f.1"]}', "f": b"x"}, "no place"),
    ],
    ids=str,
)
async def test_an_upload_that_is_none(ask, form: dict[str, Any], said: str) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = {name: SimpleUploadedFile("f", it) if isinstance(it, bytes) else it for name, it in form.items()}

    response = await AsyncClient().post("/graphql", data=sent, headers={TOKEN_HEADER: ask.token()})

    assert response.status_code == 400
    assert said in json.loads(response.content)["errors"][0]["message"]


async def test_a_broken_multipart_body(ask) -> None:
    response = await _send(ask, b"--x\r\n", content_type="multipart/form-data")

    assert response.status_code == 400


async def test_a_file_can_only_be_an_upload(ask) -> None:
    query = 'mutation ($f: Upload!) { importAddresses(file: $f, source: "x") { problems { code } } }'

    answer = await ask(query, f="text")

    assert "multipart request specification" in answer.messages[0]


async def test_a_store_that_fails_is_no_secret_and_tells_none(ask, monkeypatch) -> None:
    def fails(**_: Any) -> None:
        raise DatabaseError("mongodb://user:password@host")

    monkeypatch.setattr(Address.objects, "filter", fails)

    answer = await ask(QUERY)

    assert answer.body["data"] == {"address": None}
    assert answer.messages == ["The store does not answer; try again in a moment."]
    assert answer.body["errors"][0]["extensions"]["code"] == "STORE_UNAVAILABLE"


async def test_live_and_ready_are_open_to_everybody() -> None:
    live, ready = await AsyncClient().get("/live"), await AsyncClient().get("/ready")

    assert json.loads(live.content) == {"status": "live"}
    assert json.loads(ready.content) == {"status": "ready", "checks": {"mongodb": "ok", "redis": "ok"}}
