"""Clients that mean harm, all at once, against the served command: others are answered meanwhile, and memory stays bounded."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from gateway_graphql.composition.compose import compose
from gateway_graphql.composition.subgraph import Subgraph
from tests.gateway_graphql.server.one_subgraph import subgraph
from tests.gateway_graphql.server.processes import free_port, process, until_it_answers

REPOSITORY = Path(__file__).parents[3]
SDL = """
type Query { crates: [Crate] crate(by: Search): Crate }
type Crate { id: ID! crates: [Crate] }
input Search { word: String inner: [Search] }
"""
CRATES = {"data": {"crates": [{"id": "1"}]}}
GOOD = "{ crates { id } }"
IDLE, SLOW = 1500, 150
GROWTH = 120
"""MiB that the process may grow by while all of this goes on"""


def query(text: str, **more: Any) -> bytes:
    return json.dumps({"query": text, **more}).encode()


def fragments(levels: int) -> str:
    spread = "".join(
        f"fragment F{n} on Crate {{ crates {{ ...F{n + 1} }} a: crates {{ ...F{n + 1} }} }} " for n in range(levels)
    )
    return f"{{ crates {{ ...F0 }} }} {spread} fragment F{levels} on Crate {{ id }}"


def nested(depth: int) -> str:
    return '{"query": "query($by: Search) { crate(by: $by) { id } }", "variables": {"by": ' + (
        '{"inner": [' * depth + '{"word": "x"}' + "]}" * depth + "}}"
    )


def bombs(number: int) -> dict[str, tuple[bytes, str]]:
    """Bodies, each other than those of other numbers, and the code of the answer."""
    many = range(number, number + 10_000)
    spreads = " ".join(f"...F{n}" for n in range(900))
    return {
        "aliases": (query("{" + " ".join(f"a{n}:crates{{id}}" for n in many[:200]) + "}"), "MAX_ALIASES_LIMIT"),
        "ten thousand aliases": (query("{" + " ".join(f"a{n}:__typename" for n in many) + "}"), "OPERATION_TOO_LARGE"),
        "fragments that double": (query(fragments(20 + number % 5)), "MAX_HEIGHT_LIMIT"),
        "fragments in one place": (
            query(f"{{ {spreads} }}" + "".join(f" fragment F{n} on Query {{ x{number} }}" for n in range(900))),
            "OPERATION_TOO_LARGE",
        ),
        "a circle": (
            query(f"{{ a{number}: crates {{ ...A }} }} fragment A on Crate {{ ...A }}"),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        "depth": (query(f"{{ a{number}: crates {{" + "crates {" * 100 + "id" + "}" * 102), "MAX_DEPTH_LIMIT"),
        "nesting": (query("{" * 5000 + str(number)), "GRAPHQL_PARSE_FAILED"),
        "directives": (query(f"{{ a{number}: crates {{ id " + "@a " * 5000 + "} }"), "MAX_DIRECTIVES_LIMIT"),
        "introspection": (
            query(f"{{ a{number}: __schema {{ types {{ " + "fields { type { " * 8 + "name" + " } }" * 8 + " } } }"),
            "MAX_INTROSPECTION_DEPTH_LIMIT",
        ),
        "lists of lists": (
            query(f"{{ a{number}: crates {{" + "crates {" * 9 + "id" + "}" * 11),
            "COST_ESTIMATED_TOO_EXPENSIVE",
        ),
        "five megabytes": (query("{ crates { id } } #" + "x" * 5_000_000), "PAYLOAD_TOO_LARGE"),
        "deep JSON": (b"[" * 900_000, "BAD_REQUEST"),
        "deep variables": (nested(100).encode(), "MAX_VARIABLES_DEPTH_LIMIT"),
        "a wrong hash": (
            query(GOOD, extensions={"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(b"").hexdigest()}}),
            "BAD_REQUEST",
        ),
    }


LINE = 900_000
"""bytes of a body that is nearly as large as one may be"""
LONG_TEXTS = {
    "comments after a brace": "{" + "# " * (LINE // 2) + "\n",
    "braces in comments": "{" + "#{" * (LINE // 2) + "\n crates { id } }",
    "one brace after another": "{,\n" * (LINE // 4),
    "directives that defer": "@defer(if: " * (LINE // 12) + "{ crates { id } }",
    "conditions in comments": "{ crates { id } } #" + "@defer(if:$a" * (LINE // 13),
    "spaces": "{ crates" + " " * LINE + "{ id } }",
    "a string": '{ crate(by: {word: "' + "a" * LINE + '"}) { id } }',
    "a block string": '{ crate(by: {word: """' + "\\n  " * (LINE // 4) + '"""}) { id } }',
    "a long name": "{ " + "a" * LINE + " }",
    "a long number": "{ crate(by: " + "1" * LINE + ") { id } }",
}
"""what a pattern that looks at the text could take long for"""


class Gateway:
    """The served command, and what the honest client hears."""

    def __init__(self, url: str, port: int, running: subprocess.Popen[str], http: aiohttp.ClientSession) -> None:
        self.port = port
        self._url = f"{url}/graphql"
        self._running = running
        self._http = http

    async def code(self, body: bytes) -> str:
        """The code of the first error."""
        headers = {"Content-Type": "application/json"}
        async with self._http.post(self._url, data=body, headers=headers) as answer:
            (error, *_) = (await answer.json(content_type=None))["errors"]
        return str(error["extensions"]["code"])

    async def reads(self, text: str, accept: str) -> None:
        """Some answer to this document, soon."""
        headers = {"Content-Type": "application/json", "Accept": accept}
        async with asyncio.timeout(15), self._http.post(self._url, data=query(text), headers=headers) as answer:
            await answer.read()
            assert answer.status < 500

    async def answers(self) -> float:
        """The honest client's question is answered; after so many seconds."""
        asked = time.perf_counter()
        async with self._http.post(self._url, json={"query": GOOD}) as answer:
            assert (answer.status, await answer.json()) == (200, CRATES)
        return time.perf_counter() - asked

    def mebibytes(self) -> float:
        """Memory that is resident."""
        pages = int(Path(f"/proc/{self._running.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    @asynccontextmanager
    async def held(self, count: int, said: bytes) -> AsyncIterator[None]:
        """So many connections that said this much and no more."""
        opened = [await asyncio.open_connection("127.0.0.1", self.port) for _ in range(count)]
        try:
            for _, writer in opened:
                writer.write(said)
            yield
        finally:
            for _, writer in opened:
                writer.close()


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    async def crates(_: web.Request) -> web.Response:
        return web.json_response(CRATES)

    async with subgraph(crates) as url:
        result = compose([Subgraph.from_sdl("crates", SDL, url)])
        assert result.supergraph_sdl
        (tmp_path / "supergraph.graphql").write_text(result.supergraph_sdl)
        port = free_port()
        environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
        arguments = ("-m", "gateway_graphql", "serve", "--supergraph", "supergraph.graphql", "--port", str(port))
        with process(tmp_path, environment, *arguments) as running:
            served = f"http://127.0.0.1:{port}"
            await asyncio.to_thread(until_it_answers, f"{served}/health", running)
            assert running.stdout
            # Its lines are more than a pipe holds: a gateway that cannot write them would wait for ever.
            threading.Thread(target=running.stdout.read, daemon=True).start()
            timeout = aiohttp.ClientTimeout(total=30)
            async with aiohttp.ClientSession(timeout=timeout) as http:
                yield Gateway(served, port, running, http)


async def test_each_bomb_is_refused_with_its_reason(gateway: Gateway) -> None:
    said = {name: await gateway.code(body) for name, (body, _) in bombs(0).items()}

    assert said == {name: code for name, (_, code) in bombs(0).items()}


async def test_others_are_answered_whatever_is_thrown_at_it(gateway: Gateway) -> None:
    quiet = [await gateway.answers() for _ in range(50)]
    before = gateway.mebibytes()
    waited: list[float] = []
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n"
    async with (
        gateway.held(IDLE, b""),
        gateway.held(SLOW, head + b"\r\n{"),
        gateway.held(SLOW, head),
        gateway.held(SLOW, b"G"),
    ):
        for number in range(3):
            thrown = [asyncio.ensure_future(gateway.code(body)) for body, _ in bombs(number).values()]
            # The honest client asks for as long as any of them is being dealt with.
            while not all(one.done() for one in thrown):
                waited.append(await gateway.answers())
            assert "INTERNAL_SERVER_ERROR" not in await asyncio.gather(*thrown)
        await gateway.answers()

    assert gateway.mebibytes() - before < GROWTH
    # Compared with the same question in quiet, on this machine and in this minute.
    assert median(waited) < 5 * median(quiet) + 0.01
    assert quantiles(waited, n=10)[-1] < 20 * median(quiet) + 0.05
    assert max(waited) < 20 * max(quiet) + 1


@pytest.mark.parametrize("accept", ["application/json", "multipart/mixed;deferSpec=20220824"])
async def test_no_text_takes_long_to_read(gateway: Gateway, accept: str) -> None:
    for name, text in LONG_TEXTS.items():
        started = time.perf_counter()
        await gateway.reads(text, accept)
        assert time.perf_counter() - started < 10, name
        await gateway.answers()
