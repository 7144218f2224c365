"""A new supergraph takes over: nothing under way is lost, and what cannot be used never takes over."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway_graphql import GraphQLRequest, Subgraph, compose, create_app
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from gateway_graphql.server.commands.compose_beside import compose_beside, compose_here
from gateway_graphql.server.follow import NotUsable, TryAgain, follow, supergraph_file, supergraph_of
from gateway_graphql.server.graph_file import read_graph_file
from gateway_graphql.server.schemas import SubgraphSdl, load_schemas
from tests.gateway_graphql.server.processes import free_port, process
from tests.gateway_graphql.server.serving import serving
from tests.gateway_graphql.server.test_websocket import connected, subscribe

Http = aiohttp.ClientSession
PACKAGE_ROOT = Path(__file__).parents[3]


def supergraph(field: str) -> str:
    """One subgraph that has ``slow``, ``ticks``, and this field."""
    sdl = f"type Query {{ slow: Int {field}: Int }} type Subscription {{ ticks: Int }}"
    result = compose([Subgraph.from_sdl("numbers", sdl, "http://numbers")])
    assert result.supergraph_sdl
    return result.supergraph_sdl


class Numbers:
    """A subgraph in the process: ``slow`` and ``ticks`` wait, everything else is 1."""

    def __init__(self) -> None:
        self.slow_asked = asyncio.Event()
        self.go_on = asyncio.Event()
        self.ticks: asyncio.Queue[int] = asyncio.Queue()

    async def fetch(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """The fields of a flat document."""
        names = request.document.strip("{} ").split()
        if "slow" in names:
            self.slow_asked.set()
            await self.go_on.wait()
        return {"data": dict.fromkeys(names, 1)}

    async def subscribe(self, _: SubgraphRequest) -> AsyncIterator[Mapping[str, Any]]:
        """What the test puts into ``ticks``."""
        while True:
            yield {"data": {"ticks": await self.ticks.get()}}


async def ask(http: Http, url: str, query: str) -> Any:
    """The answer."""
    async with http.post(f"{url}/graphql", json={"query": query}) as answer:
        return await answer.json()


async def test_what_is_under_way_ends_on_the_old_one(http: Http) -> None:
    numbers = Numbers()
    app = create_app(supergraph("old"), client=numbers)
    async with serving(app) as url, connected(http, url) as socket:
        slow = asyncio.create_task(ask(http, url, "{ slow old }"))
        await numbers.slow_asked.wait()
        await subscribe(socket, "1", "subscription { ticks }")
        numbers.ticks.put_nowait(1)
        assert (await socket.receive_json(timeout=5))["payload"] == {"data": {"ticks": 1}}

        await app.reload(supergraph("young"))

        assert "errors" in await ask(http, url, "{ old }")
        assert await ask(http, url, "{ young }") == {"data": {"young": 1}}
        await subscribe(socket, "2", "{ young }")
        assert (await socket.receive_json(timeout=5))["payload"] == {"data": {"young": 1}}
        assert (await socket.receive_json(timeout=5)) == {"id": "2", "type": "complete"}
        numbers.ticks.put_nowait(2)
        assert (await socket.receive_json(timeout=5))["payload"] == {"data": {"ticks": 2}}
        numbers.go_on.set()
        assert await slow == {"data": {"slow": 1, "old": 1}}


async def test_a_reload_under_load_loses_nothing(http: Http) -> None:
    app = create_app(supergraph("a0"), client=Numbers())
    reloaded = asyncio.Event()
    answers: list[Any] = []

    async def load(url: str) -> None:
        while not reloaded.is_set():
            answers.append(await ask(http, url, "{ __typename }"))

    async with serving(app) as url:
        asking = [asyncio.create_task(load(url)) for _ in range(8)]
        for number in range(10):
            await app.reload(supergraph(f"a{number}"))
        reloaded.set()
        await asyncio.gather(*asking)
    assert len(answers) > 10
    assert all(answer == {"data": {"__typename": "Query"}} for answer in answers)


async def test_the_operations_asked_last_are_planned_before_it_takes_over() -> None:
    app = create_app(supergraph("old"), client=Numbers())
    gateway = app._gateway
    for query in ("{ slow }", "{ old }", "{ wrong }"):
        gateway.prepare(GraphQLRequest(query))

    await app.reload(supergraph("young"))

    assert [question.query for question in app._gateway.asked_last(10)] == ["{ slow }"]


async def test_what_cannot_be_used_never_takes_over(http: Http) -> None:
    app = create_app(supergraph("old"), client=Numbers())
    async with serving(app) as url:
        with pytest.raises(ValueError):
            await app.reload("type Query { a: Int }")
        assert await ask(http, url, "{ old }") == {"data": {"old": 1}}


async def test_the_same_problem_is_told_once() -> None:
    heard: asyncio.Queue[tuple[str, str | None]] = asyncio.Queue()
    looks = iter([None, NotUsable("broken"), NotUsable("broken"), NotUsable("still"), "good", NotUsable("still")])

    async def newer() -> str | None:
        look = next(looks, None)
        if isinstance(look, Exception):
            raise look
        return look

    async def reload(_: str) -> None:
        pass

    following = asyncio.create_task(
        follow(newer, reload, 0.001, lambda event, **facts: heard.put_nowait((event, facts.get("problem"))))
    )
    said = [await asyncio.wait_for(heard.get(), 5) for _ in range(4)]
    following.cancel()
    stays = "supergraph not reloaded, the old one stays"
    assert said == [(stays, "broken"), (stays, "still"), ("supergraph reloaded", None), (stays, "still")]


async def test_a_file_is_newer_when_its_text_is(tmp_path: Path) -> None:
    file = tmp_path / "supergraph.graphql"
    file.write_text("one")
    newer = supergraph_file(file, "one")

    assert await newer() is None
    file.write_text("two")
    assert [await newer(), await newer()] == ["two", None]
    file.unlink()
    with pytest.raises(NotUsable, match="cannot be read"):
        await newer()


async def test_subgraphs_are_composed_when_one_has_changed(tmp_path: Path) -> None:
    file = tmp_path / "a.graphql"
    file.write_text("type Query { a: Int }")
    page = tmp_path / "graph.yaml"
    page.write_text("subgraphs: {a: {routing_url: http://a, schema: {file: a.graphql}}}")
    graph = read_graph_file(page)
    schemas = await load_schemas(graph, wait=0, tell=print)

    async def compose_them(given: Any) -> str:
        (schema,) = given
        assert isinstance(schema, SubgraphSdl)
        return schema.sdl

    newer = supergraph_of(graph, schemas, compose_them)
    assert await newer() is None
    file.write_text("type Query { b: Int }")
    assert [await newer(), await newer()] == ["type Query { b: Int }", None]
    file.unlink()
    with pytest.raises(NotUsable, match="cannot be read"):
        await newer()


async def test_what_could_not_be_tried_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_text("type Query { a: Int }")
    (tmp_path / "graph.yaml").write_text("subgraphs: {a: {routing_url: http://a, schema: {file: a.graphql}}}")
    outcomes: list[str | NotUsable] = [TryAgain("no process"), NotUsable("does not compose"), "never"]

    async def compose_them(_: Any) -> str:
        if isinstance(outcome := outcomes.pop(0), NotUsable):
            raise outcome
        return outcome

    newer = supergraph_of(read_graph_file(tmp_path / "graph.yaml"), [], compose_them)
    for problem in ("no process", "does not compose"):
        with pytest.raises(NotUsable, match=problem):
            await newer()
    assert await newer() is None  # with the same schemas it would not compose again


async def test_subgraphs_are_composed_in_a_process_of_their_own() -> None:
    good = SubgraphSdl("a", "type Query { a: Int }", "http://a")
    bad = SubgraphSdl("b", "type Query { b: Missing }", "http://b")

    assert await compose_beside([good]) == compose_here([good])
    assert await compose_beside([good, bad]) == compose_here([good, bad])
    assert (await compose_beside([good, bad])).errors


async def test_a_process_that_ends_badly_is_no_mistake_of_the_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(TryAgain, match="ended with 1"):
        await compose_beside([])
    monkeypatch.setattr(sys, "executable", "/nowhere")
    with pytest.raises(TryAgain, match="No such file"):
        await compose_beside([])


async def test_a_gateway_that_stops_takes_the_process_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "pid"
    slow = tmp_path / "slow"
    slow.write_text(f"#!/bin/sh\necho $$ > {told}.new; mv {told}.new {told}; exec sleep 100\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    composing = asyncio.create_task(compose_beside([]))
    while not told.exists():
        await asyncio.sleep(0.01)  # between two looks; what we wait for is that it has begun

    composing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await composing

    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


COUNTS_LOOKS = """
import gc
from pathlib import Path
from gateway_graphql import Extension

def noted(phase, about):
    if phase == "start" and about["generation"] == 2:
        with Path("looks").open("a") as file:
            file.write("a look at everything\\n")

class _Started:
    yet = False

def start(_):
    if not _Started.yet:
        gc.callbacks.append(noted)
    _Started.yet = True

extension = Extension(request=start)
"""


def test_nobody_waits_for_the_collector_to_look_at_everything(tmp_path: Path) -> None:
    (tmp_path / "counts_looks.py").write_text(COUNTS_LOOKS)
    with served(tmp_path, "extensions: ['counts_looks:extension']\n") as (fields, until):
        assert fields() == ["old"]
        for number in range(3):
            (tmp_path / "a.graphql").write_text(f"type Query {{ young{number}: Int }}")
            until("supergraph reloaded")
            assert fields() == [f"young{number}"]
    assert not (tmp_path / "looks").exists()


@contextmanager
def served(
    folder: Path, settings: str = ""
) -> Iterator[tuple[Callable[[], list[str]], Callable[[str], dict[str, Any]]]]:
    """``serve`` of ``a.graphql``, until it is ready: what fields there are, and a wait for a line of the log."""
    port = free_port()
    (folder / "a.graphql").write_text("type Query { old: Int }")
    (folder / "graph.yaml").write_text(
        f"reload_every: 0.05\n{settings}"
        "subgraphs: {a: {routing_url: http://127.0.0.1:1/, schema: {file: a.graphql}}}\n"
    )
    environment = os.environ | {"PYTHONPATH": str(PACKAGE_ROOT)}

    def fields() -> list[str]:
        question = urllib.request.Request(
            f"http://127.0.0.1:{port}/graphql",
            data=b'{"query": "{ __schema { queryType { fields { name } } } }"}',
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(question, timeout=10) as answer:
            return [field["name"] for field in json.load(answer)["data"]["__schema"]["queryType"]["fields"]]

    arguments = ("-m", "gateway_graphql", "serve", "--config", "graph.yaml", "--port", str(port))
    with process(folder, environment, *arguments, python=sys.executable) as gateway:
        assert gateway.stdout is not None
        lines = (json.loads(line) for line in gateway.stdout)

        def until(event: str) -> dict[str, Any]:
            return next(line for line in lines if line["event"] == event)

        until("gateway is ready")
        yield fields, until


def test_serve_follows_the_schemas(tmp_path: Path) -> None:
    schema = tmp_path / "a.graphql"
    with served(tmp_path) as (fields, until):
        schema.write_text("type Query { young: Int }")
        until("supergraph reloaded")
        assert fields() == ["young"]
        schema.write_text("type Query { young: Missing }")
        assert "Missing" in until("supergraph not reloaded, the old one stays")["problem"]
        assert fields() == ["young"]
