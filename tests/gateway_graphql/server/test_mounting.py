"""The gateway inside of Starlette and of Django, and under servers other than its own, with the code of the README."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme
from aiohttp import web

from gateway_graphql.execution.subgraph_client import SubgraphRequest
from gateway_graphql.server.settings import ServerSettings, SubgraphSettings, SubgraphTls
from gateway_graphql.server.subgraph_http import SubgraphHttp
from tests.gateway_graphql.server.environments import environment_with_the_wheel
from tests.gateway_graphql.server.one_subgraph import subgraph
from tests.gateway_graphql.server.processes import free_port, process, until_it_answers, until_it_listens
from tests.gateway_graphql.server.test_readme import FILES
from tests.gateway_graphql.server.test_websocket import connected, subscribe

QUERY = "{ products degrees }"
ANSWER = {"data": {"products": ["Letterbox"], "degrees": 12}}
SETTINGS = 'SECRET_KEY = "x"\nROOT_URLCONF = "urls"\nALLOWED_HOSTS = ["*"]\n'
URLS = """
from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("hello", lambda request: HttpResponse("Django is here"))]
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel and both frameworks."""
    return environment_with_the_wheel(
        tmp_path_factory.mktemp("mounting"), "starlette==1.10.0", "django==5.2.19", "granian==2.8.7"
    )


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Path]:
    """The files of the README, with two subgraphs running where they say."""

    async def products(_: web.Request) -> web.StreamResponse:
        return web.json_response({"data": {"products": ["Letterbox"]}})

    async def weather(_: web.Request) -> web.StreamResponse:
        return web.json_response({"data": {"degrees": 12}})

    async with subgraph(products) as one, subgraph(weather) as other:
        for name in ("library.py", "mounted.py", "asgi.py"):
            text = FILES[name].replace("http://127.0.0.1:5001/graphql", one)
            (tmp_path / name).write_text(text.replace("http://127.0.0.1:5003/graphql", other))
        (tmp_path / "settings.py").write_text(SETTINGS)
        (tmp_path / "urls.py").write_text(URLS)
        yield tmp_path


@pytest.mark.parametrize(
    ("application", "below"), [("mounted:app", "/api"), ("asgi:application", "")], ids=["Starlette", "Django"]
)
async def test_it_answers_where_it_is_mounted(python: Path, folder: Path, application: str, below: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}{below}"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    arguments = ("-m", "uvicorn", application, "--port", str(port))
    with process(folder, environment, *arguments, python=str(python)) as server:
        await asyncio.to_thread(until_it_answers, f"{url}/graphiql", server)
        async with aiohttp.ClientSession() as http:
            assert await _answer(http, url) == ANSWER
            async with connected(http, url) as socket:
                await subscribe(socket, "1", QUERY)
                assert (await socket.receive_json(timeout=5))["payload"] == ANSWER
            for file in ("graphiql", "graphiql/page.js"):
                async with http.get(f"{url}/{file}") as page:
                    assert page.status == 200
            async with http.get(f"http://127.0.0.1:{port}/hello") as mine:
                there = await mine.text()
            assert there == ("Not Found" if below else "Django is here")


@pytest.mark.parametrize("server", ["uvicorn", "granian"])
async def test_it_runs_under_other_servers(python: Path, folder: Path, server: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    of_granian = ("--interface", "asgi") if server == "granian" else ()
    arguments = ("-m", server, "library:app", "--port", str(port), *of_granian)
    with process(folder, environment, *arguments, python=str(python)) as running:
        await asyncio.to_thread(until_it_answers, f"{url}/health", running)
        async with aiohttp.ClientSession() as http:
            assert await _answer(http, url) == ANSWER
            async with connected(http, url) as socket:
                await subscribe(socket, "1", QUERY)
                assert (await socket.receive_json(timeout=5))["payload"] == ANSWER


async def _answer(http: aiohttp.ClientSession, url: str) -> Any:
    async with http.post(f"{url}/graphql", json={"query": QUERY}) as answer:
        return await answer.json()


@pytest.mark.parametrize("tls", [False, True], ids=["in the clear", "over TLS"])
async def test_a_subgraph_is_asked_over_http2(python: Path, folder: Path, tls: bool) -> None:
    port = free_port()
    url = f"http{'s' if tls else ''}://127.0.0.1:{port}/graphql"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    arguments = ["-m", "granian", "library:app", "--port", str(port), "--interface", "asgi", "--http", "2"]
    ca_file = folder / "ca.pem"
    if tls:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(ca_file)
        made = authority.issue_cert("127.0.0.1")
        made.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
        made.private_key_pem.write_to_path(folder / "key.pem")
        arguments += ["--ssl-certificate", str(folder / "certificate.pem"), "--ssl-keyfile", str(folder / "key.pem")]
    settings = ServerSettings(
        subgraphs={"a": SubgraphSettings(http2=True)}, subgraph_tls=SubgraphTls(ca_file=ca_file) if tls else None
    )
    with process(folder, environment, *arguments, python=str(python)) as running:
        await asyncio.to_thread(until_it_listens, port, running)
        client = SubgraphHttp(settings)
        try:
            answers = await asyncio.gather(
                *(client.fetch(SubgraphRequest("a", url, f"query Q{each} {QUERY}")) for each in range(50))
            )
        finally:
            await client.close()
            await asyncio.sleep(0)  # the loop closes connections in its next round; the server's end waits for that

    assert answers == [ANSWER] * 50
