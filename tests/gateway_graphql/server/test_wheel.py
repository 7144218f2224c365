"""The wheel of the package, in an environment that holds nothing else of ours, serves two subgraphs."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import aiohttp
import pytest

from tests.gateway_graphql.server.environments import environment_with_the_wheel, run
from tests.gateway_graphql.server.processes import free_port, process, until_it_answers
from tests.gateway_graphql.server.shop import shop


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel and what it depends on."""
    return environment_with_the_wheel(tmp_path_factory.mktemp("wheel"))


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
    typed = (
        "import gateway_graphql, pathlib; print((pathlib.Path(gateway_graphql.__file__).parent / 'py.typed').is_file())"
    )
    assert run(python, "-P", "-c", typed) == "True\n"
    # -P: the repository, where pytest runs, is not on the path.
    assert run(python, "-P", "-c", "import gateway_graphql; print(gateway_graphql.__file__)").startswith(
        str(python.parents[1])
    )
