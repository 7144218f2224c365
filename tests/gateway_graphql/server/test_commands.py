"""``compose`` and ``plan``; ``serve`` is started for real in ``test_readme.py`` and ``test_wheel.py``."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from gateway_graphql.__main__ import main
from gateway_graphql.supergraph.api_schema import api_schema
from gateway_graphql.supergraph.read import read_supergraph
from tests.gateway_graphql.server.shop import PRODUCTS_SDL, REVIEWS_SDL


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Two subgraphs in files."""
    for name, sdl in (("products", PRODUCTS_SDL), ("reviews", REVIEWS_SDL)):
        (tmp_path / f"{name}.graphql").write_text(sdl)
    file = tmp_path / "graph.yaml"
    file.write_text(
        "subgraphs:\n"
        "  products: {routing_url: http://products, schema: {file: products.graphql}}\n"
        "  reviews: {routing_url: http://reviews, schema: {file: reviews.graphql}}\n"
    )
    return file


@pytest.fixture
def supergraph(config: Path, tmp_path: Path) -> Path:
    """Both composed."""
    file = tmp_path / "supergraph.graphql"
    assert main(["compose", "--config", str(config), "--output", str(file)]) == 0
    return file


def test_compose_writes_the_supergraph(config: Path, supergraph: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compose", "--config", str(config)]) == 0

    assert capsys.readouterr().out == supergraph.read_text()
    assert 'url: "http://reviews"' in supergraph.read_text()


def test_compose_as_json(config: Path, supergraph: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compose", "--config", str(config), "--format", "json"]) == 0

    said = json.loads(capsys.readouterr().out)
    assert said["supergraphSdl"].strip() == supergraph.read_text().strip()
    assert said["errors"] == []


def test_compose_a_contract(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config.parent / "products.graphql").write_text(
        'type Query { a: Int @tag(name: "public") b: Int @tag(name: "secret") c: Int } '
    )
    (config.parent / "reviews.graphql").write_text('type Query { d: Int @tag(name: "public") @tag(name: "secret") }')

    arguments = ["compose", "--config", str(config), "--include-tag", "public", "--exclude-tag", "secret"]
    assert main(arguments) == 0
    supergraph = read_supergraph(capsys.readouterr().out)
    query = api_schema(supergraph.document).query_type
    assert query
    assert list(query.fields) == ["a"]

    assert main([*arguments, "--exclude-tag", "public"]) == 1
    assert "(in the contract: include public; exclude public, secret)" in capsys.readouterr().err


def test_compose_says_every_error_with_its_code(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config.parent / "products.graphql").write_text(PRODUCTS_SDL.replace('"id"', '"isbn"'))
    (config.parent / "reviews.graphql").write_text(REVIEWS_SDL.replace('"id"', '"sku"'))

    assert main(["compose", "--config", str(config)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("(KEY_INVALID_FIELDS)") == 2
    assert said.err.endswith(f"{config}: the subgraphs do not compose: 2 error(s)\n")

    assert main(["compose", "--config", str(config), "--format", "json"]) == 1
    json_said = json.loads(capsys.readouterr().out)
    assert json_said["supergraphSdl"] is None
    assert [(error["code"], error["subgraphs"]) for error in json_said["errors"]] == [
        ("KEY_INVALID_FIELDS", ["products"]),
        ("KEY_INVALID_FIELDS", ["reviews"]),
    ]


def test_compose_with_a_wrong_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "graph.yaml").write_text("subgraphs: {a: {schema: {file: none.graphql}}}")

    assert main(["compose", "--config", str(tmp_path / "graph.yaml")]) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path}/graph.yaml: subgraphs.a: routing_url is missing; add the URL where a answers GraphQL over HTTP",
        f"{tmp_path}/graph.yaml: subgraphs.a.schema: there is no file {tmp_path}/none.graphql; "
        "the path is relative to the folder of this YAML file",
    ]


def test_plan_is_readable(supergraph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    operation = tmp_path / "operation.graphql"
    operation.write_text("query Shop { products { name reviews } }")

    assert main(["plan", "--supergraph", str(supergraph), str(operation)]) == 0
    said = capsys.readouterr().out
    assert "Fetch products" in said
    assert "Fetch reviews needs Product { id }" in said

    assert main(["plan", "--supergraph", str(supergraph), str(operation), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "query"


def test_plan_shows_what_comes_later(
    supergraph: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{ products { name ... @defer(label: "slow") { reviews } } }'))

    assert main(["plan", "--supergraph", str(supergraph), "-"]) == 0
    said = capsys.readouterr().out
    assert "Later fetch reviews needs Product { id }" in said
    assert "Later part slow at products" in said


def test_plan_reads_standard_input(
    supergraph: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("{ reviewCount }"))

    assert main(["plan", "--supergraph", str(supergraph), "-"]) == 0
    assert "Fetch reviews" in capsys.readouterr().out


def test_plan_says_what_is_wrong_and_where(
    supergraph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    operation = tmp_path / "operation.graphql"
    operation.write_text("{\n  products { names }\n}")

    assert main(["plan", "--supergraph", str(supergraph), str(operation)]) == 1
    assert capsys.readouterr().err.startswith(f"{operation}:2:14: Cannot query field 'names' on type 'Product'")


@pytest.mark.parametrize("text", ["nonsense {", "type Query { a: Int }"])
def test_what_is_no_supergraph(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "supergraph.graphql"
    file.write_text(text)

    assert main(["plan", "--supergraph", str(file), "-"]) == 1
    assert capsys.readouterr().err.startswith(f"{file}: ")


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--supergraph", str(tmp_path / "none"), "-"]) == 1
    assert capsys.readouterr().err == (
        f"{tmp_path}/none: there is no such file; name a supergraph that compose has written\n"
    )


def test_a_port_in_use_is_named(supergraph: Path) -> None:
    # In a process of its own: `serve` takes over the logs of its process.
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "gateway_graphql", "serve", "--supergraph", supergraph, "--port", port],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == f"port {port} on 127.0.0.1 is in use; choose another with --port\n"


def test_check_says_that_all_is_in_order(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", str(config)]) == 0
    assert capsys.readouterr().out.startswith(f"{config}: in order; it composes products, reviews with ")


def test_check_says_everything_that_is_wrong(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config.parent / "products.graphql").write_text(PRODUCTS_SDL.replace('"id"', '"isbn"'))
    config.write_text(config.read_text() + "extensions: [nowhere:extension]\n")

    assert main(["check", "--config", str(config)]) == 1
    said = capsys.readouterr().err
    assert "extensions: nowhere:extension cannot be imported" in said
    assert "(KEY_INVALID_FIELDS)" in said
    assert said.endswith(f"{config}: 2 problem(s)\n")


def test_check_of_a_supergraph(supergraph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "served.yaml"
    page.write_text("supergraph: supergraph.graphql\nsubgraphs: {products: {timeout: 3}}\n")
    assert main(["check", "--config", str(page)]) == 0
    assert capsys.readouterr().out == f"{page}: in order; {supergraph} has products, reviews\n"

    page.write_text("supergraph: supergraph.graphql\nsubgraphs: {prducts: {timeout: 3}}\n")
    assert main(["check", "--config", str(page)]) == 1
    assert capsys.readouterr().err == (
        f"subgraphs.prducts: there is no such subgraph in {supergraph}; there are: products, reviews\n"
        f"{page}: 1 problem(s)\n"
    )
    assert main(["compose", "--config", str(page)]) == 1
    assert "there is nothing to compose" in capsys.readouterr().err


def test_check_reads_the_known_operations(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config.parent / "operations.json").write_text("[1]")
    config.write_text(config.read_text() + "known_operations: operations.json\n")

    assert main(["check", "--config", str(config)]) == 1
    assert "operations.json: operation 1 has no document in it" in capsys.readouterr().err


def test_serve_needs_something_to_serve(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", "0"]) == 1
    assert capsys.readouterr().err == "name a supergraph with --supergraph, or a graph.yaml with --config\n"


def test_check_prints_the_json_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--json-schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    wrong = {
        "subgraphs": {"a": {"schema": {"file": "a", "subgraph_url": "http://a"}}},
        "limitz": {},
        "timeouts": {"plan": 0},
    }
    problems = {".".join(map(str, one.path)) for one in jsonschema.Draft202012Validator(schema).iter_errors(wrong)}
    assert problems == {"", "subgraphs.a.schema", "timeouts.plan"}
    assert not list(jsonschema.Draft202012Validator(schema).iter_errors({"supergraph": "a", "subgraphs": {"a": {}}}))
    assert list(jsonschema.Draft202012Validator(schema).iter_errors({"subgraphs": {"a": {}}}))
    assert list(jsonschema.Draft202012Validator(schema).iter_errors({}))
    assert (
        schema["properties"]["timeouts"]["properties"]["plan"]["description"]
        == "until a new operation is checked and planned"
    )
