"""``production: true``: what helps developers is off, and errors tell clients only what they can act on."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from gateway_graphql.execution.error_masking import ErrorMasking
from gateway_graphql.execution.errors import SubgraphUnreachable
from gateway_graphql.server import ServerSettings
from gateway_graphql.server.graph_file import WrongGraphFile, read_graph_file
from tests.gateway_graphql.server.hardened import codes, hardened

SAFE = ServerSettings.in_production()
MISTYPED = "{ me { nam } }"
NAME = "{ me { name } }"


def failing(code: str | None = None, **extensions: Any) -> dict[str, Any]:
    more = {**extensions, **({"code": code} if code else {})}
    return {"data": {"me": None}, "errors": [{"message": "at /srv/db.py:7", "path": ["me"], "extensions": more}]}


async def test_names_are_suggested_to_developers_alone() -> None:
    async with hardened() as gateway:
        assert "Did you mean" in (await gateway.post(MISTYPED))["errors"][0]["message"]
    async with hardened(SAFE) as gateway:
        for said in (await gateway.post(MISTYPED), await gateway.live(MISTYPED)):
            assert codes(said) == ["GRAPHQL_VALIDATION_FAILED"]
            assert "Did you mean" not in said["errors"][0]["message"]
        wrong = await gateway.post("query($s: Status) { top(status: $s) { id } }", variables={"s": "ACTIVES"})
        assert codes(wrong) == ["BAD_USER_INPUT"]
        assert "Did you mean" not in wrong["errors"][0]["message"]


@pytest.mark.parametrize("query", ["{ __schema { queryType { name } } }", '{ __type(name: "Query") { name } }'])
async def test_the_schema_is_not_told(query: str) -> None:
    async with hardened(SAFE) as gateway:
        for said in (await gateway.post(query), await gateway.live(query)):
            assert "data" not in said
        assert await gateway.post("{ __typename }") == {"data": {"__typename": "Query"}}


async def test_there_is_no_graphiql() -> None:
    async with hardened(SAFE) as gateway:
        for path in ("/graphiql", "/graphiql/page.js"):
            async with gateway.http.get(f"{gateway.url}{path}", headers={"Accept": "text/html"}) as answer:
                assert answer.status == 404


async def test_pages_are_not_framed_and_load_nothing_from_elsewhere() -> None:
    async with hardened() as gateway, gateway.http.get(f"{gateway.url}/graphiql") as answer:
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'self'" in policy
        assert "https:" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("code", [None, "INTERNAL_SERVER_ERROR", "SQL_ERROR"])
async def test_what_a_client_cannot_act_on_is_hidden_and_logged(
    code: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    async with hardened(SAFE, subscribers=failing(code, query="SELECT 1")) as gateway:
        for said in (await gateway.post(NAME), await gateway.live(NAME)):
            assert said["errors"] == [
                {
                    "message": "Internal server error",
                    "path": ["me"],
                    "extensions": {"code": "INTERNAL_SERVER_ERROR"},
                }
            ]
    assert "at /srv/db.py:7" in caplog.text
    assert "SELECT 1" in caplog.text


async def test_what_a_client_can_act_on_stays() -> None:
    async with hardened(SAFE, subscribers=failing("NOT_FOUND", host="db1")) as gateway:
        (error,) = (await gateway.post(NAME))["errors"]

    assert error == {"message": "at /srv/db.py:7", "path": ["me"], "extensions": {"code": "NOT_FOUND"}}


async def test_a_subgraph_that_is_down_keeps_its_name_for_itself(caplog: pytest.LogCaptureFixture) -> None:
    down = SubgraphUnreachable("subscribers", "no connection to 10.0.0.7")
    async with hardened(SAFE, subscribers=down) as gateway:
        (error,) = (await gateway.post(NAME))["errors"]

    assert error["extensions"] == {"code": "SUBGRAPH_UNAVAILABLE"}
    assert "subscribers" not in str(error)
    assert "10.0.0.7" in caplog.text


async def test_stack_traces_never_leave(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    told = failing("NOT_FOUND", exception={"stacktrace": ["db.py"]}, field="id")
    async with hardened(subscribers=told) as gateway:
        (error,) = (await gateway.post(NAME))["errors"]

    assert error["extensions"] == {"code": "NOT_FOUND", "serviceName": "subscribers", "field": "id"}
    assert "db.py" in caplog.text


def test_each_choice_of_production_can_be_set(tmp_path: Path) -> None:
    file = tmp_path / "graph.yaml"
    (tmp_path / "supergraph.graphql").touch()
    file.write_text(
        "supergraph: supergraph.graphql\nproduction: true\nintrospection: true\nerror_masking: {codes: [X]}\n"
    )
    settings = read_graph_file(file, {}).settings

    assert (settings.graphiql, settings.suggestions, settings.only_trusted) == (False, False, False)
    assert settings.introspection
    assert settings.error_masking == ErrorMasking(enabled=True, codes=("X",))

    file.write_text("supergraph: supergraph.graphql\nonly_trusted: true\n")
    with pytest.raises(WrongGraphFile, match="only_trusted: there are none; name their file"):
        read_graph_file(file, {})
