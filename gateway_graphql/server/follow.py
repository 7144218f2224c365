"""Serves a new supergraph when there is one, without losing a request; one that cannot be used is refused, the old one stays."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from graphql import GraphQLError

from gateway_graphql.server.graph_file import GraphFile
from gateway_graphql.server.schemas import SchemasMissing, SubgraphSdl, Tell, load_schemas

__all__ = ["NotUsable", "TryAgain", "follow", "supergraph_file", "supergraph_of"]

Newer = Callable[[], Awaitable[str | None]]
"""The supergraph SDL if it is another than last time; raises :class:`NotUsable` if there is one that cannot be used."""
Compose = Callable[[Sequence[SubgraphSdl]], Awaitable[str]]


class NotUsable(Exception):
    """There may be a newer supergraph, but this stands in its way."""


class TryAgain(NotUsable):
    """It has nothing to do with the schemas: with the same ones it may well go another time."""


async def follow(newer: Newer, reload: Callable[[str], Awaitable[None]], every: float, tell: Tell) -> None:
    """Look again and again, ``every`` so many seconds; ``reload`` what is new. ``tell(event, **facts)`` hears about it."""
    told = None
    while True:
        await asyncio.sleep(every)
        try:
            sdl = await newer()
            if sdl is None:
                continue
            await reload(sdl)
            tell("supergraph reloaded")
            told = None
        except (NotUsable, GraphQLError, ValueError, TypeError) as problem:
            # The same every few seconds would only fill the log.
            if str(problem) != told:
                tell("supergraph not reloaded, the old one stays", problem=str(problem))
                told = str(problem)


def supergraph_file(file: Path, served: str) -> Newer:
    """Watch the file that ``compose`` writes; ``served`` is what it held at the start."""
    last = served

    async def newer() -> str | None:
        nonlocal last
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise NotUsable(f"{file} cannot be read: {problem}") from None
        if text == last:
            return None
        last = text
        return text

    return newer


def supergraph_of(graph: GraphFile, served: Sequence[SubgraphSdl], compose: Compose) -> Newer:
    """Ask the running subgraphs for their schemas, and compose them when one has changed."""
    last = list(served)

    async def newer() -> str | None:
        nonlocal last
        try:
            schemas = await load_schemas(graph, wait=0, tell=lambda *_, **__: None)
        except SchemasMissing as missing:
            raise NotUsable(str(missing)) from None
        if schemas == last:
            return None
        before, last = last, schemas
        try:
            return await compose(schemas)
        except TryAgain:
            last = before
            raise

    return newer
