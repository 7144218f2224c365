"""How the service answers over HTTP, whoever asks and whatever is wrong."""

import pytest
from django.test import AsyncClient

from subgraphs.chassis.identity import TOKEN_HEADER, sign
from tests.subgraphs.service import KEYS
from tests.subgraphs.subscribers.questions import SUBSCRIBE, ada


async def test_without_the_gateways_token_nothing_is_answered(ask, db) -> None:
    others = [
        "",
        "nonsense",
        sign("matching", issuer="gateway", key=KEYS["gateway"]),
        sign("subscribers", issuer="gateway", key=KEYS["matching"]),
        sign("subscribers", issuer="matching", key=KEYS["matching"]),
        sign("subscribers", issuer="gateway", key=KEYS["gateway"], lifetime=-11),
    ]
    for token in others:
        body = {"query": SUBSCRIBE, "variables": {"input": ada()}}
        answer = await ask.post(body, headers={TOKEN_HEADER: token})

        assert answer.status == 401
        assert answer.body["errors"][0]["extensions"] == {"code": "SERVICE_TOKEN_REQUIRED"}
    assert db["subscribers"].count_documents({}) == 0


async def test_live_and_ready_answer_everybody() -> None:
    live, ready = await AsyncClient().get("/live"), await AsyncClient().get("/ready")

    assert live.json() == {"status": "live"}
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "checks": {"mongodb": "ok"}})


async def test_ready_names_what_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: object) -> None:
        raise OSError("gone")

    monkeypatch.setattr("pymongo.database.Database.command", lambda *_, **__: gone(None))

    ready = await AsyncClient().get("/ready")

    assert (ready.status_code, ready.json()["checks"]) == (503, {"mongodb": "OSError: gone"})


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/graphql-response+json", "application/graphql-response+json"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("application/json, */*;q=0.1", "application/json"),
    ],
)
async def test_the_client_chooses_the_media_type(ask, accept: str, media_type: str) -> None:
    answer = await ask.post({"query": "{ __typename }"}, headers={"Accept": accept})

    assert (answer.status, answer.media_type, answer.data) == (200, media_type, {"__typename": "Query"})


async def test_a_media_type_we_do_not_speak(ask) -> None:
    assert (await ask.post({"query": "{ __typename }"}, headers={"Accept": "text/html"})).status == 406


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{ nope }"},
        {"query": "{"},
        {"query": ""},
        {"query": None},
        {"query": 1},
        {"query": "{ __typename }", "variables": []},
        {"query": "{ __typename }", "operationName": 1},
        {"query": "{ __typename }", "operationName": "Other"},
        {"query": SUBSCRIBE, "variables": {}},
        {"query": SUBSCRIBE, "variables": {"input": {"name": 1}}},
        {},
        [],
        [{"query": "{ __typename }"}],
        "text",
        7,
        None,
    ],
)
async def test_a_request_that_cannot_run_has_status_400_and_no_data(ask, body: object) -> None:
    answer = await ask.post(body, headers={"Accept": "application/graphql-response+json"})

    assert answer.status == 400, answer
    assert "data" not in answer.body
    assert answer.messages[0]


async def test_the_older_media_type_tells_of_the_operation_by_its_errors_alone(ask) -> None:
    answer = await ask.post({"query": "{ nope }"}, headers={"Accept": "application/json"})

    assert answer.status == 200
    assert "data" not in answer.body
    assert answer.messages[0]


async def test_json_that_is_none(ask) -> None:
    response = await AsyncClient().post(
        "/graphql", data="{", content_type="application/json", headers={TOKEN_HEADER: ask.token()}
    )

    assert response.status_code == 400


async def test_a_mutation_by_get_is_refused(ask) -> None:
    response = await AsyncClient().get(
        "/graphql",
        {"query": 'mutation { unsubscribe(id: "x") { problems { code } } }'},
        headers={TOKEN_HEADER: ask.token()},
    )

    assert response.status_code in {400, 405}
    assert "application/" in response["Content-Type"]


@pytest.mark.parametrize(("size", "status"), [(2 * 1024 * 1024, 200), (2 * 1024 * 1024 + 1, 413)])
async def test_a_request_has_a_largest_size(ask, size: int, status: int) -> None:
    body = '{"query": "{ __typename }"}'

    response = await AsyncClient().post(
        "/graphql", data=body.ljust(size), content_type="application/json", headers={TOKEN_HEADER: ask.token()}
    )

    assert response.status_code == status


async def test_what_goes_wrong_inside_stays_inside(ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("subgraphs.subscribers.store.SubscriberStore.get_many", broken)

    answer = await ask('{ subscriber(id: "x") { id } }')

    assert answer.body["errors"][0]["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    assert "secret" not in str(answer.body)


async def test_a_store_that_does_not_answer_is_said(ask, monkeypatch: pytest.MonkeyPatch) -> None:
    from pymongo.errors import ServerSelectionTimeoutError

    def unreachable(*_: object, **__: object) -> None:
        raise ServerSelectionTimeoutError("mongodb.internal:27017")

    monkeypatch.setattr("subgraphs.subscribers.store.SubscriberStore.get_many", unreachable)

    answer = await ask('{ subscriber(id: "x") { id } }')

    assert answer.body["errors"][0]["extensions"] == {"code": "STORE_UNAVAILABLE"}
    assert "mongodb.internal" not in str(answer.body)
