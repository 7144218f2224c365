"""Operations that are planned before anybody asks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway_graphql import Extension, create_app
from gateway_graphql.server import GatewayApp, ServerSettings
from gateway_graphql.server.known_operations import WrongOperations, read_known_operations
from tests.gateway_graphql.server.serving import serving
from tests.gateway_graphql.server.test_reload import Numbers, ask, supergraph

Http = aiohttp.ClientSession


class Planned:
    """Hears of every document that is planned."""

    def __init__(self) -> None:
        self.documents: list[str] = []
        self.extension = Extension(plan=lambda document, *_: self.documents.append(document))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three operations, of which one is not in the graph."""
    path = tmp_path / "operations.json"
    path.write_text(json.dumps([{"query": "{ slow a }"}, {"query": "{ nowhere }"}, {"query": "{ a }"}]))
    return path


def app_with(planned: Planned, file: Path, **settings: Any) -> GatewayApp:
    """A gateway that knows them."""
    return create_app(
        supergraph("a"),
        ServerSettings(known_operations=file, **settings),
        client=Numbers(),
        extensions=[planned.extension],
    )


async def test_they_are_planned_before_the_first_request(http: Http, file: Path) -> None:
    planned = Planned()
    async with serving(app_with(planned, file), lifespan="on") as url:
        assert sorted(planned.documents) == ["{ a }", "{ nowhere }", "{ slow a }"]
        assert await ask(http, url, "{ a }") == {"data": {"a": 1}}
        assert len(planned.documents) == 3
        await ask(http, url, "{ b: a }")
        assert len(planned.documents) == 4


async def test_a_new_supergraph_knows_them_and_what_was_asked(http: Http, file: Path) -> None:
    planned = Planned()
    app = app_with(planned, file)
    async with serving(app, lifespan="on") as url:
        await ask(http, url, "{ c: a }")
        file.write_text(json.dumps([{"query": "{ d: a }"}]))
        planned.documents.clear()
        await app.reload(supergraph("a"))
        assert planned.documents[0] == "{ d: a }"
        assert set(planned.documents[1:]) == {"{ slow a }", "{ a }", "{ c: a }"}
        planned.documents.clear()
        for query in ("{ a }", "{ c: a }", "{ d: a }"):
            assert "errors" not in await ask(http, url, query)
        assert planned.documents == []


async def test_no_more_than_there_is_room_for(file: Path) -> None:
    planned = Planned()
    file.write_text(json.dumps([{"query": f"{{ a{number}: a }}"} for number in range(20)]))
    app = app_with(planned, file, plan_cache_size=5)
    await app.warm()
    assert planned.documents == [f"{{ a{number}: a }}" for number in range(5)]


async def test_a_file_that_cannot_be_used_keeps_the_old_supergraph(http: Http, file: Path) -> None:
    app = app_with(Planned(), file)
    async with serving(app, lifespan="on") as url:
        file.write_text("nonsense")
        with pytest.raises(ValueError, match="this is not JSON"):
            await app.reload(supergraph("b"))
        assert await ask(http, url, "{ a }") == {"data": {"a": 1}}


@pytest.mark.parametrize(
    "text",
    [
        [{"query": "query A { a }", "operationName": "A"}, {"query": "{ b }"}],
        {"format": "apollo-persisted-query-manifest", "operations": [{"body": "query A { a }", "name": "A"}, {"body": "{ b }"}]},
    ],
)  # fmt: skip
def test_operations_with_their_names(file: Path, text: Any) -> None:
    file.write_text(json.dumps(text))
    found = [(one.query, one.operation_name) for one in read_known_operations(file)]
    assert found == [("query A { a }", "A"), ("{ b }", None)]


def test_documents_by_their_hash(file: Path) -> None:
    file.write_text(json.dumps({"f00": "{ a }", "ba5": "{ b }"}))
    assert [one.query for one in read_known_operations(file)] == ["{ a }", "{ b }"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "this is not JSON"),
        ("7", "there are no operations in it"),
        ('[{"query": "{ a }"}, {"document": "{ a }"}]', "operation 2 has no document in it"),
        ('{"f00": 1}', "operation 1 has no document in it"),
        ('[{"query": "{ a }", "operationName": 1}]', "operation 1 has no document in it"),
    ],
)
def test_what_is_wrong_is_said(file: Path, text: str, says: str) -> None:
    file.write_text(text)
    with pytest.raises(WrongOperations, match=says) as wrong:
        read_known_operations(file)
    assert str(wrong.value).startswith(f"{file}: ")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WrongOperations, match="cannot be read: No such file"):
        read_known_operations(tmp_path / "none.json")
