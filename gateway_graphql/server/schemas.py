"""Gets the SDL of every subgraph: from its file, or from the running service, which may still be starting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import build_client_schema, get_introspection_query, print_schema

from gateway_graphql.execution.errors import SubgraphError
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from gateway_graphql.server.graph_file import GraphFile, SubgraphEntry
from gateway_graphql.server.request_id import REQUEST_ID, request_id_from
from gateway_graphql.server.subgraph_http import SubgraphHttp

__all__ = ["SchemasMissing", "SubgraphSdl", "load_schemas"]

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 3.0
TELL_EVERY = 3.0
"""seconds between two lines about the same service that is not there yet"""

Tell = Callable[..., None]


@dataclass(frozen=True, slots=True)
class SubgraphSdl:
    """What composition needs of one subgraph."""

    name: str
    sdl: str
    url: str


class SchemasMissing(Exception):
    """At least one subgraph's SDL could not be had; the text has a line for each."""


class NoSdl(Exception):
    """The service answered, but not with a schema."""


async def load_schemas(graph: GraphFile, *, wait: float, tell: Tell) -> list[SubgraphSdl]:
    """
    Every subgraph's SDL, in the order of the file.

    Services that do not answer yet are asked again for ``wait`` seconds. ``tell(event, **facts)`` hears about it.
    """
    network = SubgraphHttp(graph.settings)
    try:
        found = await asyncio.gather(
            *(_sdl_of(entry, network, wait, tell) for entry in graph.subgraphs), return_exceptions=True
        )
    finally:
        await network.close()
    return _all_or_raise(found)


def _all_or_raise(found: Sequence[SubgraphSdl | BaseException]) -> list[SubgraphSdl]:
    missing = [str(problem) for problem in found if isinstance(problem, SchemasMissing)]
    for problem in found:
        if isinstance(problem, BaseException) and not isinstance(problem, SchemasMissing):
            raise problem
    if missing:
        raise SchemasMissing("\n".join(missing))
    return [sdl for sdl in found if isinstance(sdl, SubgraphSdl)]


async def _sdl_of(entry: SubgraphEntry, network: SubgraphHttp, wait: float, tell: Tell) -> SubgraphSdl:
    if entry.schema_file is not None:
        try:
            return SubgraphSdl(entry.name, entry.schema_file.read_text(encoding="utf-8"), entry.routing_url)
        except (OSError, UnicodeDecodeError) as problem:
            raise SchemasMissing(f"{entry.name}: {entry.schema_file} cannot be read: {problem}") from None
    clock = asyncio.get_running_loop()
    deadline = clock.time() + wait
    pause, told = FIRST_PAUSE, clock.time()
    while True:
        try:
            sdl = await _ask(entry, network)
            tell("schema loaded", subgraph=entry.name, url=entry.schema_url)
            return SubgraphSdl(entry.name, sdl, entry.routing_url)
        except (SubgraphError, NoSdl) as problem:
            now = clock.time()
            if now + pause > deadline:
                raise SchemasMissing(
                    f"{entry.name}: no schema from {entry.schema_url} within {wait:g} s: {problem}. "
                    "Is the service running, and does it accept this gateway's token?"
                ) from None
            if now - told >= TELL_EVERY:
                tell("waiting for a schema", subgraph=entry.name, url=entry.schema_url, problem=str(problem))
                told = now
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


async def _ask(entry: SubgraphEntry, network: SubgraphHttp) -> str:
    answer = await _query(entry, network, "{ _service { sdl } }")
    sdl = ((answer.get("data") or {}).get("_service") or {}).get("sdl")
    if isinstance(sdl, str) and sdl.strip():
        return sdl
    errors = _messages(answer)
    if "_service" not in errors:
        raise NoSdl(f"_service {{ sdl }} gave {errors or 'nothing'}")
    # A service that knows nothing of federation still has a schema.
    answer = await _query(entry, network, get_introspection_query())
    if not answer.get("data"):
        raise NoSdl(f"neither _service {{ sdl }} nor introspection gave a schema: {_messages(answer) or 'no data'}")
    return print_schema(build_client_schema(answer["data"]))


async def _query(entry: SubgraphEntry, network: SubgraphHttp, document: str) -> dict[str, Any]:
    headers = {REQUEST_ID: request_id_from(None)}
    return await network.ask(SubgraphRequest(entry.name, entry.schema_url or "", document, headers=headers))


def _messages(answer: dict[str, Any]) -> str:
    return "; ".join(str(error.get("message")) for error in answer.get("errors") or () if isinstance(error, dict))
