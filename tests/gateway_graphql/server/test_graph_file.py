"""``graph.yaml``: what it says, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway_graphql.server.graph_file import GraphFile, WrongGraphFile, read_graph_file

FINE = """
subgraphs:
  products:
    routing_url: ${PRODUCTS_URL}
    schema: {file: products.graphql}
  reviews:
    routing_url: http://reviews/graphql
    subscription_url: ws://reviews/live
    timeout: 2.5
    schema: {subgraph_url: "http://reviews/${PATH_OF_IT:-graphql}"}
"""


def read(folder: Path, text: str, **environment: str) -> GraphFile:
    """The file with this text."""
    (folder / "products.graphql").write_text("type Query { a: Int }")
    file = folder / "graph.yaml"
    file.write_text(text)
    return read_graph_file(file, environment)


def problems(folder: Path, text: str, **environment: str) -> list[str]:
    """What is said about this text."""
    with pytest.raises(WrongGraphFile) as wrong:
        read(folder, text, **environment)
    assert str(wrong.value).startswith(f"{folder / 'graph.yaml'}: ")
    return wrong.value.problems


def test_subgraphs_and_their_schemas(tmp_path: Path) -> None:
    graph = read(tmp_path, FINE, PRODUCTS_URL="http://products/graphql")

    products, reviews = graph.subgraphs
    assert (products.name, products.routing_url) == ("products", "http://products/graphql")
    assert (products.schema_file, products.schema_url) == (tmp_path / "products.graphql", None)
    assert (reviews.schema_file, reviews.schema_url) == (None, "http://reviews/graphql")
    assert graph.settings.subgraphs["reviews"].subscription_url == "ws://reviews/live"
    assert graph.settings.subgraphs["reviews"].timeout == 2.5


def test_every_setting(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        FINE
        + """
federation_version: =2.9.0
service_token: {header: X-Token, issuer: gateway, key: "${KEY}", lifetime: "${SECONDS}"}
limits: {json_bytes: 10, upload_file_bytes: 20, upload_files: 3, answer_bytes: 40}
timeouts: {connect: 1, subgraph: 2, upload: 3, start: 4}
live: {connection_init: 1, operations_per_connection: 2, buffered_updates: 3, buffered_bytes: 5, heartbeat: 4}
forward_headers: [Authorization, X-Tenant]
graphiql: ${GRAPHIQL}
introspection: off
query_plan_in_answer: on
plan_cache_size: 5
""",
        PRODUCTS_URL="http://products/graphql",
        KEY="k",
        SECONDS="30",
        GRAPHIQL="false",
    ).settings

    assert settings.service_token
    assert (settings.service_token.key, settings.service_token.lifetime) == ("k", 30)
    assert (settings.limits.json_bytes, settings.limits.answer_bytes) == (10, 40)
    assert (settings.timeouts.connect, settings.timeouts.start) == (1, 4)
    assert (settings.live.operations_per_connection, settings.live.heartbeat) == (2, 4)
    assert settings.forward_headers == ("authorization", "x-tenant")
    assert (settings.graphiql, settings.introspection, settings.query_plan_in_answer) == (False, False, True)
    assert settings.plan_cache_size == 5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ["subgraphs: missing; list the subgraphs under it, each with routing_url and schema"]),
        ("- a", ["expected a mapping of names to values, not ['a']", "subgraphs: missing; list the"]),
        ("subgraphs: {}", ["subgraphs: there is none; add at least one"]),
        ("subgraphs: {a: [", ["line 1, column 17: this is not YAML"]),
        (
            "subgraphs: {a: {}}",
            ["subgraphs.a.schema: missing; add `file", "subgraphs.a: routing_url is missing; add the URL where a"],
        ),
        (
            "subgraphs: {a: {routing_url: localhost, schema: {file: products.graphql}}}",
            ["subgraphs.a.routing_url: expected a URL such as http://127.0.0.1:8001/graphql, not 'localhost'"],
        ),
        (
            "subgraphs: {a: {routing_url: http://a, schema: {file: none.graphql}}}",
            ["subgraphs.a.schema: there is no file"],
        ),
        (
            "subgraphs: {a: {routing_url: http://a, schema: {file: products.graphql, subgraph_url: http://a}}}",
            ["subgraphs.a.schema: name either a file or a subgraph_url"],
        ),
        (
            "subgraphs: {a: {routing_uri: http://a, schema: {subgraph_url: http://a}}}",
            ["subgraphs.a.routing_uri: there is no such setting; did you mean routing_url?"],
        ),
        (
            "subgraphs: {a: {routing_url: '${A_URL}', schema: {subgraph_url: http://a}}}",
            ["subgraphs.a.routing_url: set A_URL in the environment; the file refers to it as ${A_URL}"],
        ),
        (
            "subgraphs: {a: {schema: {subgraph_url: http://a}}}\nlimits: {json_bytes: many, upload_files: 1.5}",
            [
                "limits.json_bytes: expected a number above 0, not 'many'",
                "limits.upload_files: expected a whole number, not 1.5",
            ],
        ),
        (
            "subgraphs: {a: {schema: {subgraph_url: http://a}}}\nservice_token: {issuer: gateway}",
            ["service_token: name either a key or a key_file"],
        ),
        (
            "subgraphs: {a: {schema: {subgraph_url: http://a}}}\nforward_headers: Authorization\ngraphiql: perhaps",
            ["forward_headers: expected a list of texts", "graphiql: expected true or false, not 'perhaps'"],
        ),
        (
            "subgraphs: {a: {schema: {subgraph_url: http://a}}}\ntimeout: {}",
            ["timeout: there is no such setting; did you mean timeouts?"],
        ),
    ],
)
def test_everything_wrong_is_said_at_once(tmp_path: Path, text: str, says: list[str]) -> None:
    said = problems(tmp_path, text)

    assert len(said) == len(says), said
    for problem, start in zip(said, says, strict=True):
        assert problem.startswith(start)


def test_a_supergraph_needs_no_schemas(tmp_path: Path) -> None:
    (tmp_path / "supergraph.graphql").write_text("")
    text = "supergraph: supergraph.graphql\nsubgraphs: {a: {routing_url: http://elsewhere, timeout: 3}}\n"
    graph = read(tmp_path, text)

    assert (graph.supergraph, graph.subgraphs) == (tmp_path / "supergraph.graphql", ())
    assert graph.settings.subgraphs["a"].routing_url == "http://elsewhere"
    assert read(tmp_path, "supergraph: supergraph.graphql").settings.subgraphs == {}


def test_a_supergraph_that_is_served_anyhow(tmp_path: Path) -> None:
    (tmp_path / "graph.yaml").write_text("graphiql: false\nsubgraphs: {a: {timeout: 3}}")
    graph = read_graph_file(tmp_path / "graph.yaml", {}, tmp_path / "other.graphql")

    assert (graph.supergraph, graph.settings.graphiql) == (tmp_path / "other.graphql", False)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    assert problems(tmp_path, "supergraph: none.graphql\nknown_operations: none.json") == [
        f"supergraph: there is no file {tmp_path}/none.graphql; the path is relative to the folder of this YAML file",
        f"known_operations: there is no file {tmp_path}/none.json; the path is relative to the folder of this YAML file",
    ]


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(WrongGraphFile, match="there is no such file; name your graph"):
        read_graph_file(tmp_path / "graph.yaml", {})


def test_http2_needs_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "subgraphs: {a: {routing_url: http://a/graphql, http2: on, schema: {file: products.graphql}}}"
    assert read(tmp_path, text).settings.subgraphs["a"].http2

    monkeypatch.setattr("gateway_graphql.server.graph_file.find_spec", lambda _: None)
    assert problems(tmp_path, text) == ["subgraphs.a.http2: h2 is not installed; pip install 'gateway-graphql[http2]'"]
