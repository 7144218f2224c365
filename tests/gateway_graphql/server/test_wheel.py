"""The wheel of the package, in an environment that holds nothing else of ours, serves two subgraphs."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.gateway_graphql.server.processes import free_port, process, until_it_answers
from tests.gateway_graphql.server.shop import shop

REPOSITORY = Path(__file__).parents[3]


def run(*command: str | Path) -> str:
    """The output of a command that succeeds."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("wheel")
    uv = shutil.which("uv", path=f"{REPOSITORY / '.doorstep' / 'uv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")
    assert uv, "uv is not on PATH; `make install` puts it there"
    run(uv, "build", "--quiet", "--wheel", "--out-dir", folder, REPOSITORY / "gateway_graphql")
    (wheel,) = folder.glob("gateway_graphql-*.whl")
    run(uv, "venv", "--quiet", "--python", sys.executable, folder / "venv")
    python: Path = folder / "venv" / "bin" / "python"
    # The versions of our lock: they are in uv's cache, and they are what the other tests have tried.
    lock = REPOSITORY / "requirements" / "strawberry.txt"
    constraints = ["--constraints", str(lock)] if lock.exists() else []
    run(uv, "pip", "install", "--quiet", "--python", python, *constraints, wheel)
    return python


async def test_the_wheel_serves_two_subgraphs(python: Path, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    arguments = ("-m", "gateway_graphql", "serve", "--config", "graph.yaml", "--port", str(port))
    async with shop() as services, aiohttp.ClientSession() as http:
        (tmp_path / "graph.yaml").write_text(
            "subgraphs:\n"
            f"  products: {{schema: {{subgraph_url: '{services.products_url}'}}}}\n"
            f"  reviews: {{schema: {{subgraph_url: '{services.reviews_url}'}}}}\n"
        )
        with process(tmp_path, environment, *arguments, python=str(python)) as gateway:
            await asyncio.to_thread(until_it_answers, f"{url}/health", gateway)
            async with http.post(f"{url}/graphql", json={"query": "{ products { name reviews } }"}) as answer:
                said = await answer.json()
            async with http.get(f"{url}/graphiql/graphiql.min.js") as answer:
                has_graphiql = answer.status == 200

    assert said["data"]["products"][0] == {"name": "Letterbox", "reviews": ["Every letter fits."]}
    assert has_graphiql
    # -P: the repository, where pytest runs, is not on the path.
    assert run(python, "-P", "-c", "import gateway_graphql; print(gateway_graphql.__file__)").startswith(
        str(python.parents[1])
    )
