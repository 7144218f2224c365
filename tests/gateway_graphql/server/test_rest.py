"""Operations as REST endpoints: what a client without GraphQL sends, and hears."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from openapi_spec_validator import validate

from gateway_graphql.__main__ import main
from gateway_graphql.execution.errors import SubgraphTimedOut
from gateway_graphql.server import ServerSettings, create_app
from gateway_graphql.server.rest.page import WrongRestPage, read_rest_page
from gateway_graphql.server.settings import Limits
from tests.gateway_graphql.execution.clients import AnswersAsTold
from tests.gateway_graphql.execution.graphs import graph
from tests.gateway_graphql.server.serving import serving

GRAPH = graph(
    people="""
      type Query {
        person(id: ID!): Person
        people(first: Int = 20, tags: [String!], near: Float, active: Boolean, kind: Kind): [Person!]!
        secret: String @authenticated
      }
      type Mutation { add(input: Adding!): Added! rename(id: ID!, name: String!): Added! remove(id: ID!): Added! }
      input Adding { name: String! kind: Kind = OTHER friends: [Adding!] }
      type Added { person: Person problems: [Problem!]! }
      type Problem { field: String code: String message: String! }
      enum Kind { READER OTHER }
      scalar DateTime
      interface Thing { id: ID! }
      type Book implements Thing { id: ID! title: String! }
      type Pen implements Thing { id: ID! colour: String @deprecated(reason: "all are blue") }
      "Somebody."
      type Person @key(fields: "id") { "Stable." id: ID! name: String born: DateTime kind: Kind! things: [Thing!]! }
    """
)
OPERATIONS = {
    "person": "query Person($id: ID!) { person(id: $id) { ...Known } } fragment Known on Person { id name }",
    "people": """query People($first: Int = 20, $tags: [String!], $near: Float, $active: Boolean, $kind: Kind) {
        people(first: $first, tags: $tags, near: $near, active: $active, kind: $kind) { id }
    }""",
    "add": "mutation Add($input: Adding!) { add(input: $input) { person { id } problems { field code message } } }",
    "rename": "mutation Rename($id: ID!, $name: String!) { rename(id: $id, name: $name) { person { id } problems { code message } } }",
    "remove": "mutation Remove($id: ID!) { remove(id: $id) { person { id } problems { code message } } }",
    "secret": "query Secret { secret }",
    "things": """query Things($id: ID!, $long: Boolean = false) {
        person(id: $id) { born kind things { __typename id ... on Book { title } ... on Pen { colour } } name @include(if: $long) }
    }""",
}
ENDPOINTS: dict[str, dict[str, Any]] = {
    "GET /people/{id}": {"operation": "person.graphql", "summary": "One person"},
    "GET /people": {"operation": "people.graphql"},
    "GET /people/{id}/things": {"operation": "things.graphql"},
    "POST /people": {"operation": "add.graphql", "body": "input", "problems": "add.problems", "status": 201},
    "PATCH /people/{id}": {
        "operation": "rename.graphql",
        "answer": "rename.person",
        "problems": "rename.problems",
    },
    "DELETE /people/{id}": {"operation": "remove.graphql", "problems": "remove.problems", "status": 204},
    "GET /secret": {
        "operation": "secret.graphql",
        "deprecated": {
            "since": "2026-11-01",
            "sunset": "2027-05-01",
            "successor": "/api/v2/secret",
            "about": "https://example.com/why",
        },
    },
}


def page(folder: Path, **changes: Any) -> Path:
    """The page, and its operations beside it."""
    for name, text in OPERATIONS.items():
        (folder / f"{name}.graphql").write_text(text)
    file = folder / "api.yaml"
    file.write_text(yaml.safe_dump({"title": "People", "version": "1.2.3", "endpoints": ENDPOINTS, **changes}))
    return file


class Client:
    """Asks, and keeps what the subgraph heard."""

    def __init__(self, http: aiohttp.ClientSession, url: str, subgraphs: AnswersAsTold) -> None:
        self._http, self._url, self.subgraphs = http, url, subgraphs

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> tuple[int, Any, Mapping[str, str]]:
        """Status, body and headers of the answer."""
        sent: dict[str, Any] = {"json": body} if raw is None and body is not None else {"data": raw}
        async with self._http.request(method, self._url + path, headers=headers, **sent) as answer:
            text = await answer.read()
            return answer.status, json.loads(text) if text else None, answer.headers

    @property
    def variables(self) -> Mapping[str, Any]:
        """Of the last request to the subgraph."""
        return self.subgraphs.requests[-1].variables


@asynccontextmanager
async def api(folder: Path, answer: Any = None, **settings: Any) -> AsyncIterator[Client]:
    """The API, over a subgraph that answers this."""
    subgraphs = AnswersAsTold(people=answer if answer is not None else {"data": {}})
    app = create_app(GRAPH, ServerSettings(rest=(page(folder),), **settings), subgraphs)
    async with serving(app, own_http=True, proxy_headers=False) as url, aiohttp.ClientSession() as http:
        yield Client(http, url, subgraphs)


async def test_what_an_operation_selects_is_the_body(tmp_path: Path) -> None:
    async with api(tmp_path, {"data": {"person": {"id": "7", "name": "Ada"}}}) as ask:
        status, body, headers = await ask("GET", "/api/v1/people/7")

        assert (status, body) == (200, {"id": "7", "name": "Ada"})
        assert headers["content-type"] == "application/json"
        assert headers["api-version"] == "1.2.3"
        assert ask.variables == {"id": "7"}


async def test_parameters_of_the_query_string_get_the_kinds_of_the_variables(tmp_path: Path) -> None:
    async with api(tmp_path, {"data": {"people": []}}) as ask:
        await ask("GET", "/api/v1/people?first=3&tags=a&tags=b&near=1.5&active=true&kind=READER")

        assert ask.variables == {"first": 3, "tags": ["a", "b"], "near": 1.5, "active": True, "kind": "READER"}


async def test_everything_wrong_with_the_parameters_is_said_at_once(tmp_path: Path) -> None:
    async with api(tmp_path) as ask:
        status, body, headers = await ask("GET", "/api/v1/people?first=many&active=yes&frist=3&near=1&near=2")

        assert (status, headers["content-type"]) == (400, "application/problem+json; charset=utf-8")
        assert (body["type"], body["title"], body["status"]) == ("about:blank", "Bad Request", 400)
        assert body["code"] == "BAD_USER_INPUT"
        assert {one["parameter"]: one["message"] for one in body["errors"]} == {
            "first": "first must be a whole number.",
            "active": "active must be true or false.",
            "frist": "frist is not a parameter here; known here: active, first, kind, near, tags.",
            "near": "near is given more than once.",
        }
        assert body["requestId"] == headers["x-request-id"]
        assert not ask.subgraphs.requests


async def test_a_value_that_the_graph_does_not_know_is_the_client_s_mistake(tmp_path: Path) -> None:
    async with api(tmp_path) as ask:
        status, body, _ = await ask("GET", "/api/v1/people?kind=NOBODY")

        assert (status, body["code"]) == (400, "BAD_USER_INPUT")
        assert "NOBODY" in body["detail"]


async def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    async with api(tmp_path, {"data": {"person": None}}) as ask:
        for path in ("/api/v1/people/7", "/api/v1/nothing", "/api/v1/people/", "/api/v1/"):
            status, body, headers = await ask("GET", path)
            assert (path, status, body["code"]) == (path, 404, "NOT_FOUND")
            assert headers["content-type"].startswith("application/problem+json")


async def test_a_method_that_a_path_has_not_is_refused_with_those_it_has(tmp_path: Path) -> None:
    async with api(tmp_path) as ask:
        status, body, headers = await ask("PUT", "/api/v1/people/7")

        assert (status, headers["allow"], body["code"]) == (405, "DELETE, GET, PATCH", "METHOD_NOT_ALLOWED")


async def test_a_body_is_the_input_and_what_is_made_is_answered(tmp_path: Path) -> None:
    async with api(tmp_path, {"data": {"add": {"person": {"id": "8"}, "problems": []}}}) as ask:
        status, body, _ = await ask("POST", "/api/v1/people", {"name": "Ada"})

        assert (status, body) == (201, {"person": {"id": "8"}})
        assert ask.variables == {"input": {"name": "Ada"}}


async def test_members_of_a_body_are_the_variables_that_are_not_in_the_path(tmp_path: Path) -> None:
    async with api(tmp_path, {"data": {"rename": {"person": {"id": "8"}, "problems": []}}}) as ask:
        assert (await ask("PATCH", "/api/v1/people/8", {"name": "Ada"}))[:2] == (200, {"id": "8"})
        assert ask.variables == {"id": "8", "name": "Ada"}

        status, body, _ = await ask("PATCH", "/api/v1/people/8", {"nmae": "Ada"})
        assert (status, body["detail"]) == (400, "nmae is not a member of the body; known here: name.")
        status, body, _ = await ask("PATCH", "/api/v1/people/8", {})
        assert (status, body["detail"]) == (400, "name is missing.")


@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"name=Ada", "application/x-www-form-urlencoded", 415),
        (b'{"name": "Ada"}', "text/plain", 415),
        (b'{"name": "' + b"A" * 2000 + b'"}', "application/json", 413),
        (b'{"friends": ' + b"[" * 60 + b"]" * 60 + b"}", "application/json", 400),
    ],
)
async def test_a_body_that_cannot_be_used_is_a_problem(
    tmp_path: Path, raw: bytes, content_type: str, status: int
) -> None:
    async with api(tmp_path, limits=Limits(json_bytes=1000)) as ask:
        answered, body, _ = await ask("POST", "/api/v1/people", raw=raw, headers={"content-type": content_type})

        assert (answered, body["status"]) == (status, status)
        assert body["detail"]
        assert not ask.subgraphs.requests


@pytest.mark.parametrize(("code", "status"), [("TAKEN", 422), ("NOT_FOUND", 404), ("CONFLICT", 409), (None, 422)])
async def test_a_refusal_that_is_data_is_a_problem_with_its_reasons(
    tmp_path: Path, code: str | None, status: int
) -> None:
    refusal = {"field": "name", "code": code, "message": "That name is taken."}
    async with api(tmp_path, {"data": {"add": {"person": None, "problems": [refusal]}}}) as ask:
        answered, body, _ = await ask("POST", "/api/v1/people", {"name": "Ada"})

        assert (answered, body["errors"], body["detail"]) == (status, [refusal], "That name is taken.")


async def test_what_has_no_answer_has_no_body(tmp_path: Path) -> None:
    async with api(tmp_path, {"data": {"remove": {"person": {"id": "7"}, "problems": []}}}) as ask:
        assert (await ask("DELETE", "/api/v1/people/7"))[:2] == (204, None)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (SubgraphTimedOut("people", "no answer"), 504),
        ({"errors": [{"message": "no", "extensions": {"code": "FORBIDDEN"}}], "data": {"person": None}}, 401),
        ({"errors": [{"message": "what?"}], "data": {"person": None}}, 502),
        ({"errors": [{"message": "oh", "extensions": {"code": "OF_THEIRS"}}], "data": {"person": None}}, 500),
    ],
)
async def test_an_error_in_the_graph_is_a_problem_with_its_status(tmp_path: Path, answer: Any, status: int) -> None:
    async with api(tmp_path, answer) as ask:
        answered, body, headers = await ask("GET", "/api/v1/people/7")

        assert (answered, body["status"]) == (status, status)
        assert (headers.get("www-authenticate") == "Bearer") == (status == 401)


async def test_what_needs_a_token_says_so(tmp_path: Path) -> None:
    async with api(tmp_path) as ask:
        status, body, headers = await ask("GET", "/api/v1/secret")

        assert (status, body["code"]) == (401, "UNAUTHORIZED_FIELD_OR_TYPE")
        assert headers["www-authenticate"] == "Bearer"


async def test_a_client_that_has_the_answer_is_told_so(tmp_path: Path) -> None:
    async with api(tmp_path, {"data": {"person": {"id": "7", "name": "Ada"}}}) as ask:
        _, _, first = await ask("GET", "/api/v1/people/7")
        assert first["cache-control"] == "private, no-cache"

        status, body, headers = await ask("GET", "/api/v1/people/7", headers={"if-none-match": first["etag"]})
        assert (status, body, headers["etag"]) == (304, None, first["etag"])
        assert (await ask("GET", "/api/v1/people/7", headers={"if-none-match": 'W/"other"'}))[0] == 200


async def test_what_will_go_says_when_and_what_comes_instead(tmp_path: Path) -> None:
    async with api(tmp_path) as ask:
        *_, headers = await ask("GET", "/api/v1/secret")
        *_, other = await ask("GET", "/api/v1/people/7")

        assert headers["deprecation"] == "@1793491200"
        assert headers["sunset"] == "Sat, 01 May 2027 00:00:00 GMT"
        assert headers["link"] == (
            '</api/v2/secret>; rel="successor-version", <https://example.com/why>; rel="deprecation"'
        )
        assert not {"deprecation", "sunset", "link"} & {name.lower() for name in other}


async def test_its_operations_are_answered_where_only_trusted_documents_are(tmp_path: Path) -> None:
    trusted = tmp_path / "trusted.json"
    trusted.write_text("{}")
    answer = {"data": {"person": {"id": "7", "name": "Ada"}}}
    async with api(tmp_path, answer, trusted_documents=trusted, only_trusted=True) as ask:
        assert (await ask("GET", "/api/v1/people/7"))[0] == 200


async def test_the_document_is_valid_and_says_what_is_answered(tmp_path: Path) -> None:
    async with api(tmp_path) as ask:
        status, document, _ = await ask("GET", "/api/v1/openapi.json")

    assert status == 200
    validate(document)
    person = document["paths"]["/people/{id}"]["get"]
    assert person["operationId"] == "person"
    assert person["summary"] == "One person"
    assert person["responses"]["200"]["content"]["application/json"]["schema"] == {
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": {"type": "string", "description": "Stable."},
            "name": {"type": ["string", "null"]},
        },
    }
    assert "404" in person["responses"]
    things = document["paths"]["/people/{id}/things"]["get"]["responses"]["200"]
    schema = things["content"]["application/json"]["schema"]
    assert schema["required"] == ["born", "kind", "things"]  # the name is there only if it was asked for
    book, pen = schema["properties"]["things"]["items"]["anyOf"]
    assert book["properties"]["__typename"] == {"type": "string", "const": "Book"}
    assert pen["properties"]["colour"] == {"type": ["string", "null"], "deprecated": True}
    assert schema["properties"]["born"] == {"type": ["string", "null"], "format": "date-time"}
    adding = document["components"]["schemas"]["Adding"]
    assert adding["required"] == ["name"]
    assert adding["properties"]["friends"]["items"] == {"$ref": "#/components/schemas/Adding"}
    post = document["paths"]["/people"]["post"]
    assert set(post["responses"]) == {"201", "422", "4XX", "5XX"}
    assert "problems" not in post["responses"]["201"]["content"]["application/json"]["schema"]["properties"]
    assert document["paths"]["/secret"]["get"]["deprecated"] is True
    assert document["paths"]["/secret"]["get"]["security"] == [{"accessToken": []}]
    first, *_ = document["paths"]["/people"]["get"]["parameters"]
    assert first == {
        "name": "first",
        "in": "query",
        "required": False,
        "schema": {"type": "integer", "format": "int32", "default": 20},
    }


async def test_a_new_supergraph_is_answered_from_the_next_request_on(tmp_path: Path) -> None:
    subgraphs = AnswersAsTold(people={"data": {"person": {"id": "7", "name": "Ada"}}})
    app = create_app(GRAPH, ServerSettings(rest=(page(tmp_path),)), subgraphs)
    async with serving(app, own_http=True, proxy_headers=False) as url, aiohttp.ClientSession() as http:
        ask = Client(http, url, subgraphs)
        assert (await ask("GET", "/api/v1/people/7"))[0] == 200
        await app.reload(graph(people="type Query { person(id: ID!): Person } type Person { id: ID! }"))
        status, body, _ = await ask("GET", "/api/v1/people/7")
        assert (status, body["code"]) == (500, "GRAPHQL_VALIDATION_FAILED")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": None}, "title: missing"),
        ({"version": 1.0}, "version: expected a text, not 1.0"),
        ({"version": "one"}, 'version: missing, or not like "1.0.0"'),
        ({"prefix": "api"}, "prefix: expected a path such as /api/v1, not 'api'"),
        ({"endpoint": {}}, "endpoint: there is no such setting; did you mean endpoints?"),
        ({"endpoints": {"FETCH /x": {"operation": "person.graphql"}}}, "write a method (GET, POST"),
        ({"endpoints": {"GET /x": {}}}, "operation: missing; name a .graphql file beside this page"),
        ({"endpoints": {"GET /x": {"operation": "none.graphql"}}}, "there is no file"),
        ({"endpoints": {"GET /x": {"operation": "api.yaml"}}}, "Syntax Error"),
        ({"endpoints": {"GET /{who}": {"operation": "person.graphql"}}}, "the path has {who}, and the operation no"),
        ({"endpoints": {"GET /{id}": {"operation": "remove.graphql"}}}, "GET must not change anything"),
        ({"endpoints": {"PUT /{id}": {"operation": "rename.graphql", "body": "input"}}}, "$input must be the only"),
        ({"endpoints": {"DELETE /{id}": {"operation": "remove.graphql", "body": "id"}}}, "body: DELETE has none"),
        ({"endpoints": {"GET /{id}": {"operation": "person.graphql", "status": 404}}}, "404 is not the status of a"),
        (
            {"endpoints": {"GET /{id}": {"operation": "person.graphql", "deprecated": {"since": "soon"}}}},
            "deprecated.since: expected a day such as 2027-01-31, not 'soon'",
        ),
        (
            {"endpoints": {f"GET /{one}": {"operation": "person.graphql"} for one in ("{id}", "{di}")}},
            "is the same to a client as GET /{di}",
        ),
    ],
)
def test_what_is_wrong_with_a_page_is_said_with_its_place(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongRestPage) as refused:
        read_rest_page(page(tmp_path, **change))

    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("operation", "more", "said"),
    [
        ("query Nobody { nobody }", {}, "GET /x: Cannot query field 'nobody' on type 'Query'."),
        ("query P { people { id } }", {"answer": "people.id"}, "people.id: the operation has no id there"),
        ("query P { people { id } }", {"problems": "problems"}, "problems: the operation has no problems there"),
        ("mutation A($input: Adding!) { add(input: $input) { person { id } } }", {}, "$input is an object, which"),
    ],
)
def test_an_operation_that_does_not_fit_the_graph_is_found_before_it_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], operation: str, more: dict[str, Any], said: str
) -> None:
    (tmp_path / "x.graphql").write_text(operation)
    method = "DELETE" if "mutation" in operation else "GET"
    file = page(tmp_path, endpoints={f"{method} /x": {"operation": "x.graphql", **more}})
    supergraph, config = tmp_path / "supergraph.graphql", tmp_path / "graph.yaml"
    supergraph.write_text(GRAPH)
    config.write_text("supergraph: supergraph.graphql\nrest: [api.yaml]\n")

    with pytest.raises(WrongRestPage):
        create_app(GRAPH, ServerSettings(rest=(file,)), AnswersAsTold(people={}))
    for command in (
        ["check", "--config", str(config)],
        ["openapi", "--supergraph", str(supergraph), str(file)],
        ["serve", "--config", str(config), "--port", "0"],
    ):
        assert main(command) == 1
        assert said in capsys.readouterr().err, command


def test_the_command_prints_the_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    supergraph = tmp_path / "supergraph.graphql"
    supergraph.write_text(GRAPH)

    assert main(["openapi", "--supergraph", str(supergraph), str(page(tmp_path))]) == 0

    validate(json.loads(capsys.readouterr().out))


def test_two_pages_of_one_prefix_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(page(tmp_path).read_text())
    (tmp_path / "supergraph.graphql").write_text(GRAPH)
    config = tmp_path / "graph.yaml"
    config.write_text("supergraph: supergraph.graphql\nrest: [api.yaml, other.yaml]\n")

    assert main(["check", "--config", str(config)]) == 1

    assert "api.yaml has the prefix /api/v1 already" in capsys.readouterr().err
