"""The README of the package does what it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from dataclasses import fields, replace
from pathlib import Path

import jsonschema
import pytest
import trustme
import yaml

from gateway_graphql.server.graph_file import read_graph_file
from gateway_graphql.server.graph_schema import graph_schema
from gateway_graphql.server.settings import (
    AuthenticationSettings,
    AuthorizationSettings,
    CacheSettings,
    HttpsSettings,
    IssuerSettings,
    Limits,
    LiveSettings,
    ServerSettings,
    SubgraphTls,
    Timeouts,
    TrafficSettings,
)
from tests.gateway_graphql.server.processes import free_port, process, until_it_answers

PACKAGE = Path(__file__).parents[3] / "gateway_graphql"
README = (PACKAGE / "README.md").read_text()
FILES = dict(re.findall(r"```\w+\n# (\S+\.\w+)\n(.*?)```", README, re.DOTALL))
SHOWN = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
NO_DEFAULTS = {
    "application",
    "subgraphs",
    "service_token",
    "metrics",
    "metrics_tls",
    "known_operations",
    "rest",
    "cache",
    "trusted_documents",
    "authentication",
    "authorization",
    "subgraph_tls",
    "https",
}
"""settings that are shown as they could be"""
ENVIRONMENT = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of the README, on ports that are free."""
    ports = {port: str(free_port()) for port in ("5001", "5002")}
    for name, text in FILES.items():
        for port, free in ports.items():
            text = text.replace(port, free)
        (tmp_path / name).write_text(text)
    return tmp_path


def run(folder: Path, *arguments: str) -> str:
    """The output of a command that succeeds."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_five_minutes(folder: Path) -> None:
    port = free_port()
    with process(folder, ENVIRONMENT, "products.py"), process(folder, ENVIRONMENT, "reviews.py") as reviews:
        run(folder, "-m", "gateway_graphql", "compose", "--config", "graph.yaml", "--output", "supergraph.graphql")
        planned = run(folder, "-m", "gateway_graphql", "plan", "--supergraph", "supergraph.graphql", "shop.graphql")
        with process(
            folder, ENVIRONMENT, "-m", "gateway_graphql", "serve", "--config", "graph.yaml", "--port", str(port)
        ) as gateway:
            until_it_answers(f"http://127.0.0.1:{port}/health", gateway)
            question = urllib.request.Request(
                f"http://127.0.0.1:{port}/graphql",
                data=b'{"query": "{ products { name reviews } }"}',
                headers={"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(question, timeout=10) as answer:
                said = answer.read().decode()
            reviews.terminate()
            reviews.wait(10)
            with urllib.request.urlopen(question, timeout=10) as answer:
                partly = json.load(answer)

    plan_shown, answer_shown = SHOWN
    assert planned == plan_shown
    assert said == answer_shown.splitlines()[1]
    assert partly["data"]["products"] == [{"name": "Letterbox", "reviews": None}, {"name": "Doorbell", "reviews": None}]
    assert partly["errors"][0]["extensions"]["serviceName"] == "reviews"


def test_a_page_of_rest_endpoints(folder: Path) -> None:
    run(folder, "-c", "from library import result; open('s.graphql', 'w').write(result.supergraph_sdl)")
    (folder / "shop.graphql").write_text("query Shop { products degrees }")
    (folder / "api.yaml").write_text(FILES["api.yaml"].replace("shop.graphql", "shop.graphql\n    answer: products"))

    described = json.loads(run(folder, "-m", "gateway_graphql", "openapi", "--supergraph", "s.graphql", "api.yaml"))

    assert list(described["paths"]) == ["/products"]


def test_the_library(folder: Path) -> None:
    said = run(folder, "library.py")

    assert "Fetch products" in said
    assert "Fetch weather" in said


def test_a_part_of_the_graph(folder: Path) -> None:
    assert "Fetch products: { products { name } }" in run(folder, "public.py")


def test_the_extension_is_one(folder: Path) -> None:
    (folder / "load.py").write_text(
        "from gateway_graphql.server.extensions import extension_named\n"
        "extension = extension_named('house_rules:extension')\n"
        "print(extension.error(None, {'message': 'x', 'path': ['a']}))\n"
    )
    assert run(folder, "load.py") == "{'message': 'Something went wrong.', 'path': ['a']}\n"


def test_the_policies_are_a_function_that_says_which_hold(folder: Path) -> None:
    (folder / "ask.py").write_text(
        "import asyncio, my_policies\n"
        "from gateway_graphql.execution.caller import Caller\n"
        "print(asyncio.run(my_policies.allowed(Caller('ada', claims={'roles': ['editor']}), ['admin', 'editor'])))\n"
    )
    assert run(folder, "ask.py") == "['editor']\n"


def test_the_defaults_shown_are_the_defaults(folder: Path) -> None:
    (folder / "products.graphql").write_text("type Query { a: Int }")
    (folder / "operations.json").write_text("[]")
    (folder / "trusted.json").write_text("{}")
    (folder / "dist").mkdir()
    (folder / "dist/index.html").touch()
    authority, made = trustme.CA(), trustme.CA().issue_cert("gateway")
    for name in ("ca", "products-ca", "clients", "prometheus"):
        authority.cert_pem.write_to_path(folder / f"{name}.pem")
    for name in ("gateway", "public", "metrics"):
        made.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
        made.private_key_pem.write_to_path(folder / f"{name}.key")
    settings = read_graph_file(folder / "every-setting.yaml", {"GATEWAY_SERVICE_KEY": "k"}).settings

    defaults = ServerSettings()
    shown = (folder / "every-setting.yaml").read_text()
    for setting in fields(ServerSettings):
        assert setting.name in shown
        if setting.name not in NO_DEFAULTS:
            assert getattr(settings, setting.name) == getattr(defaults, setting.name), setting.name
    jsonschema.validate(yaml.safe_load(shown), graph_schema())
    shown_issuer = settings.authentication.issuers["main"]
    assert settings.authentication == AuthenticationSettings({"main": shown_issuer})
    assert replace(shown_issuer, revoked_url=None) == IssuerSettings(
        shown_issuer.issuer, shown_issuer.jwks_url, "my-graph"
    )
    assert settings.authorization == AuthorizationSettings(policies="my_policies:allowed")
    assert settings.cache == CacheSettings()
    for section in (
        Limits,
        Timeouts,
        LiveSettings,
        TrafficSettings,
        AuthenticationSettings,
        AuthorizationSettings,
        IssuerSettings,
        SubgraphTls,
        HttpsSettings,
    ):
        for setting in fields(section):
            assert f"{setting.name}:" in shown, f"{section.__name__}.{setting.name}"
