"""What is over is gone at once: nothing of ours waits in circles for the garbage collector, which would hold up everybody."""

from __future__ import annotations

import asyncio
import gc
import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import FrameType
from typing import Any

import orjson
import pytest

from gateway_graphql import Gateway, GraphQLRequest, Subgraph, compose, create_app
from gateway_graphql.execution.prepare import RequestErrors
from gateway_graphql.server import ServerSettings, client_gone
from gateway_graphql.server.settings import Timeouts
from tests.gateway_graphql.execution.clients import AnswersAsTold
from tests.gateway_graphql.server.serving import serving

FEW = 100
"""objects: what graphql-core leaves of a schema, however large that is, and how the test waits"""


@pytest.fixture(autouse=True)
def _without_the_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def left() -> list[Any]:
    """What only the collector would have found since it looked last."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    found = list(gc.garbage)
    gc.garbage.clear()
    return found


def ours(found: list[Any]) -> set[str]:
    """What of it is the gateway's: objects, and frames that somebody still holds."""
    frames = {one.f_code.co_qualname for one in found if isinstance(one, FrameType) and one.f_globals is not globals()}
    return frames | {repr(type(one)) for one in found if type(one).__module__.startswith("gateway_graphql")}


def supergraph(types: int) -> str:
    """Of two subgraphs that know all these types."""
    link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])\n'
    roots = " ".join(f"t{number}(first: Int): [T{number}!]" for number in range(types))
    one, other = (
        link + "".join(f'type T{number} @key(fields: "id") {{ id: ID! {fields} }}\n' for number in range(types))
        for fields in ("a(least: Int = 1): String b: T0", "c: Int d: [ID!]!")
    )
    result = compose([Subgraph.from_sdl("one", f"{one} type Query {{ {roots} }}"), Subgraph.from_sdl("other", other)])
    assert result.supergraph_sdl, result.errors
    return result.supergraph_sdl


@pytest.mark.parametrize("types", [5, 100])
async def test_of_a_supergraph_that_is_served_no_more(types: int) -> None:
    sdl = supergraph(types)
    young = Gateway(sdl, AnswersAsTold())
    gc.collect()
    gateway = Gateway(sdl, AnswersAsTold())
    for number in range(5):
        gateway.prepare(GraphQLRequest(f"query ($least: Int) {{ t{number} {{ a(least: $least) b {{ c }} d }} }}"))
    await gateway.forget()
    del gateway
    for thread in threading.enumerate():
        if thread.name == "take apart":
            await asyncio.to_thread(thread.join)

    found = left()

    assert ours(found) == set()
    assert len(found) < FEW
    assert not isinstance(young.prepare(GraphQLRequest("{ t0 { a c } }")), RequestErrors)


async def test_a_supergraph_is_there_while_somebody_uses_it() -> None:
    client = AnswersAsTold(one={"data": {"t0": [{"a": "x"}]}})
    gateway = Gateway(supergraph(3), client)

    await gateway.forget()

    assert await gateway.execute(GraphQLRequest("{ t0 { a } }")) == {"data": {"t0": [{"a": "x"}]}}


class Whims:
    """A subgraph that answers, is late, breaks off or never answers, as the field says that is asked for."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                (field,) = re.findall(
                    "prompt|late|broken|never", orjson.loads(await reader.readexactly(length))["query"]
                )
                if field == "broken":
                    break
                if field != "prompt":
                    await self.go_on.wait()
                body = orjson.dumps({"data": {field: 1}})
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def gateway_of(whims: Whims) -> AsyncIterator[tuple[str, int]]:
    """Where it can be asked."""
    server = await asyncio.start_server(whims.connected, "127.0.0.1", 0)
    at = server.sockets[0].getsockname()[1]
    sdl = "type Query { prompt: Int late: Int broken: Int never: Int }"
    result = compose([Subgraph.from_sdl("whims", sdl, f"http://127.0.0.1:{at}/graphql")])
    assert result.supergraph_sdl
    app = create_app(result.supergraph_sdl, ServerSettings(timeouts=Timeouts(subgraph=0.5)))
    async with server, serving(app, own_http=True) as url:
        yield "127.0.0.1", int(url.rpartition(":")[2])
        await app.close()


async def ask(place: tuple[str, int], query: str) -> bytes:
    """The answer, on a connection of its own."""
    reader, writer = await asyncio.open_connection(*place)
    body = orjson.dumps({"query": query})
    head = b"POST /graphql HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\n"
    writer.write(b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("field", ["prompt", "late", "broken", "never"])
async def test_of_requests(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_gone, "PATIENCE", 0)
    whims = Whims()
    async with gateway_of(whims) as place:
        await ask(place, "{ prompt }")  # what is only made once is made here
        gc.collect()
        # Several who ask the same share one request.
        asking = [asyncio.ensure_future(ask(place, f"{{ {field} }}")) for _ in range(20)]
        if field == "late":
            await asyncio.sleep(0.1)  # longer than the gateway waits before it looks whether the client is there
            whims.go_on.set()
        answers = await asyncio.gather(*asking)
        del asking
        assert all((b"errors" in answer) == (field in ("broken", "never")) for answer in answers)
        await ask(place, "{ prompt }")  # by now the connections of the others are closed on both sides

        assert ours(left()) == set()
