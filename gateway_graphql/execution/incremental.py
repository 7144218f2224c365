"""
An answer in parts, for ``@defer``: what is wanted at once, then each block when everything it needs is there.

The format is that of ``deferSpec=20220824``: ``{"data", "hasNext"}``, then ``{"incremental": [{"label", "path",
"data", "errors"}], "hasNext"}``. A null or an error inside a block stays in the block.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from typing import Any

from gateway_graphql.execution.execute_plan import PlanRun
from gateway_graphql.execution.representations import paths_at
from gateway_graphql.execution.result_errors import ResultErrors
from gateway_graphql.execution.shape import client_path, shaped, shaped_at
from gateway_graphql.planning.conditions import holds
from gateway_graphql.planning.operation import INITIAL, TYPENAME
from gateway_graphql.planning.plan import Deferred, Shape

__all__ = ["in_parts"]

Path = tuple[str | int, ...]
Fetching = Callable[[Callable[[int], None]], Awaitable[None]]
"""makes all requests, and tells of each one that is done"""


async def in_parts(run: PlanRun, fetch: Fetching) -> AsyncGenerator[dict[str, Any], None]:
    """The parts of the answer, as soon as they can be said."""
    blocks = [one for one in run.plan.deferred if holds(one.condition, run.coerced)]
    if not blocks:
        await fetch(lambda _: None)
        yield _Parts(run).initial()
        return
    waiting = {
        block: {one.id for one in run.plan.fetches if block in one.blocks}
        for block in (INITIAL, *(one.block for one in blocks))
    }
    news = asyncio.Event()

    def done(number: int) -> None:
        for others in waiting.values():
            others.discard(number)
        news.set()

    fetching = asyncio.ensure_future(fetch(done))
    fetching.add_done_callback(lambda _: news.set())
    try:
        parts = _Parts(run)
        while waiting[INITIAL] and not fetching.done():
            await _heard(news)
        if fetching.done():
            fetching.result()
        first = parts.initial()
        if first["data"] is None:
            yield first
            return
        yield {**first, "hasNext": True}
        while blocks:
            said = {INITIAL} | ({one.block for one in run.plan.deferred} - {one.block for one in blocks})
            ready = [
                one
                for one in blocks
                if (not waiting[one.block] or fetching.done()) and _after(one, said, blocks, waiting, fetching.done())
            ]
            if not ready:
                await _heard(news)
                if fetching.done():
                    fetching.result()
                continue
            blocks = [one for one in blocks if one not in ready]
            incremental = [part for one in ready for part in parts.of(one)]
            if incremental:
                yield {"incremental": incremental, "hasNext": bool(blocks)}
            elif not blocks:
                yield {"hasNext": False}
    finally:
        fetching.cancel()
        await asyncio.gather(fetching, return_exceptions=True)


def _after(
    one: Deferred, said: set[int], blocks: list[Deferred], waiting: dict[int, set[int]], everything: bool
) -> bool:
    """Whether the block around it has come, or comes with it."""
    if one.parent in said:
        return True
    around = next((each for each in blocks if each.block == one.parent), None)
    if around is None:
        return True
    return (everything or not waiting[around.block]) and _after(around, said, blocks, waiting, everything)


async def _heard(news: asyncio.Event) -> None:
    await news.wait()
    news.clear()


class _Parts:
    """Cuts the merged answer into what was asked for at once and what was not."""

    def __init__(self, run: PlanRun) -> None:
        self.run = run
        self.shape = run.plan.initial or run.plan.shape
        self.said: dict[tuple[int, Path], dict[str, Any]] = {}
        """by block and place"""

    def initial(self) -> dict[str, Any]:
        errors = ResultErrors()
        later: set[int] = set()
        for error, blocks in self.run.errors.by_block():
            if INITIAL in blocks:
                errors.keep(error)
                path = error.get("path")
                if path is not None and not _covers(self.shape, path) and self._is_deferred(path, blocks):
                    later.add(id(error))
        data = shaped(self.shape, self.run.store, self.run.coerced, errors)
        if data is not None:
            self.said[INITIAL, ()] = data
        # What comes later may have failed already, and have left a null where something was wanted at once.
        errors.errors = [one for one in errors.errors if id(one) not in later or _is_null_on_the_way(data, one["path"])]
        return self.run.told(data, errors)

    def of(self, block: Deferred) -> Iterator[dict[str, Any]]:
        """A part for each object that the block is about, if the client has seen the object."""
        for slots, item in list(paths_at(self.run.store, block.path)):
            path = client_path(self.run.plan.shape, slots, self.run.store, self.run.coerced)
            if not self._was_said(block.parent, path):
                continue
            typename = block.shape.constant or item.get(TYPENAME)
            if not block.shape.asks_type and block.shape.constant is None:
                typename = next(iter(block.shape.classes), None)
            if block.shape.constant is None and not block.shape.classes.get(typename or ""):
                self.said[block.block, path] = {}  # nothing of its own; perhaps a block inside of it has something
                continue
            errors = ResultErrors()
            for error in self.run.errors.of_block(block.block, path):
                errors.keep(error)
            data = shaped_at(block.shape, item, self.run.coerced, errors, path)
            if data is not None:
                self.said[block.block, path] = data
            part: dict[str, Any] = {"data": data, "path": list(path)}
            if block.label is not None:
                part["label"] = block.label
            if said := [one for one in errors.errors if _is_about(block.shape, path, data, one.get("path"))]:
                part["errors"] = said
            yield part

    def _was_said(self, block: int, path: Path) -> bool:
        for length in range(len(path) + 1):
            here: Any = self.said.get((block, path[:length]))
            if here is not None:
                for one in path[length:]:
                    if isinstance(here, dict):
                        here = here.get(one)  # type: ignore[call-overload]
                    elif isinstance(here, list) and isinstance(one, int) and one < len(here):
                        here = here[one]
                    else:
                        here = None
                if isinstance(here, dict):
                    return True
        return False

    def _is_deferred(self, path: list[str | int], blocks: frozenset[int]) -> bool:
        return any(
            one.block in blocks and _covers_below(one.shape, self._names_of(one), path)
            for one in self.run.plan.deferred
        )

    def _names_of(self, block: Deferred) -> Path:
        return client_path(self.run.plan.shape, tuple(step.slot for step in block.path), None, self.run.coerced)


def _covers_below(shape: Shape, place: Path, path: list[str | int]) -> bool:
    names = [one for one in path if not isinstance(one, int)]
    return tuple(names[: len(place)]) == place and _covers(shape, names[len(place) :])


def _is_about(shape: Shape, place: Path, data: dict[str, Any] | None, path: list[str | int] | None) -> bool:
    """Whether an error that concerns a place is about what is said there, not about another fragment."""
    if path is None or tuple(path[: len(place)]) != place:
        return True
    below = path[len(place) :]
    return _covers(shape, below) or _is_null_on_the_way(data, below)


def _covers(shape: Shape | None, path: Sequence[str | int]) -> bool:
    """Whether the path leads through fields of this shape only."""
    names = [one for one in path if not isinstance(one, int)]
    if not names:
        return True
    return shape is not None and any(
        field.response_key == names[0] and _covers(field.child, names[1:])
        for fields in shape.classes.values()
        for field in fields
    )


def _is_null_on_the_way(data: Any, path: Sequence[str | int]) -> bool:
    """Whether the path leads to or through a null."""
    for one in path:
        if data is None:
            return True
        try:
            data = data[one]
        except (LookupError, TypeError):
            return False
    return data is None
