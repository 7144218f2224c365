"""The live results as a subgraph: schema, health, and who may ask."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, build_schema
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.realtime.conftest import Server, service_token

REPOSITORY = Path(__file__).parents[2]
SDL = "{ _service { sdl } }"


def post(server: Server, query: str, token: str | None) -> tuple[int, Any]:
    headers = {"content-type": "application/json"} | ({"Doorstep-Service-Token": token} if token else {})
    request = urllib.request.Request(f"{server.url}/graphql", json.dumps({"query": query}).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-m", "realtime", *arguments]
    return subprocess.run(
        command, cwd=REPOSITORY, env=kept | environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_committed_schema_is_what_the_code_says() -> None:
    printed = run("schema")

    assert printed.stdout == (REPOSITORY / "realtime/schema.graphql").read_text(), "python -m realtime schema"


def test_the_schema_is_served_to_whoever_composes_the_graph(server: Server) -> None:
    status, answer = post(server, SDL, service_token())

    assert status == 200
    assert answer["data"]["_service"]["sdl"].strip() == (REPOSITORY / "realtime/schema.graphql").read_text().strip()


def test_everything_a_client_sees_is_described() -> None:
    # The directives of Federation are known to whoever composes, so their definitions are not in the SDL.
    schema: GraphQLSchema = build_schema((REPOSITORY / "realtime/schema.graphql").read_text(), assume_valid=True)
    silent = [
        f"{named.name}.{name}"
        for named in schema.type_map.values()
        if not named.name.startswith("_") and isinstance(named, GraphQLObjectType) and named.name != "Query"
        for name, field in named.fields.items()
        if not field.description or not named.description or not all(a.description for a in field.args.values())
    ]

    assert silent == []


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (None, "is missing"),
        ("nonsense", "not accepted"),
        (service_token(issuer="matching"), "not accepted"),
        (service_token(audience="subscribers"), "not accepted"),
        (service_token(age=100), "expired"),
    ],
)
async def test_only_the_gateway_is_answered(server: Server, token: str | None, reason: str) -> None:
    status, answer = post(server, SDL, token)
    headers = {"Doorstep-Service-Token": token} if token else {}
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://127.0.0.1:{server.port}/graphql", additional_headers=headers)

    assert status == 401
    assert answer["errors"][0]["extensions"] == {"code": "SERVICE_TOKEN_REQUIRED"}
    assert reason in answer["errors"][0]["message"]
    assert refused.value.response.status_code == 403


async def test_a_socket_anywhere_else_is_refused(server: Server) -> None:
    headers = {"Doorstep-Service-Token": service_token()}
    with pytest.raises(InvalidStatus):
        await connect(f"ws://127.0.0.1:{server.port}/nothing", additional_headers=headers)


@pytest.mark.parametrize("path", ["/live", "/ready"])
def test_health_needs_no_token(server: Server, path: str) -> None:
    with urllib.request.urlopen(server.url + path, timeout=10) as answer:
        assert json.load(answer) == {"status": "ok"}


def test_a_missing_setting_names_itself() -> None:
    refused = run("serve")

    assert refused.returncode == 2
    assert refused.stderr.strip() == (
        "MissingSetting: set REALTIME_SECRET_KEY in the environment (or SECRET_KEY, for every service)"
    )


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("SERVICE_PUBLIC_KEYS", "{", "is not JSON"),
        ("REDIS_PATIENCE", "long", "write a number"),
        ("REDIS_PATIENCE", "-1", "not negative"),
        ("DEBUG", "maybe", "write true or false"),
    ],
)
def test_a_setting_that_cannot_be_read_says_what_to_write(name: str, value: str, advice: str) -> None:
    fine = {"REALTIME_SECRET_KEY": "x", "REDIS_URL": "redis://127.0.0.1:1", "SERVICE_PUBLIC_KEYS": "{}"}
    refused = run("serve", **(fine | {name: value}))

    assert refused.returncode == 2
    assert advice in refused.stderr
