"""One stream of a subgraph for all who subscribe alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from gateway_graphql.execution.errors import SubgraphError, SubgraphUnreachable
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from gateway_graphql.server.settings import LiveSettings
from gateway_graphql.server.shared_streams import SharedStreams

REQUEST = SubgraphRequest(
    "ticks",
    "http://ticks",
    "subscription { tick }",
    variables={"a": 1},
    headers={"x-request-id": "1"},
    kind="subscription",
)


class Ticks:
    """A subgraph whose every stream says what the test puts in."""

    def __init__(self) -> None:
        self.opened: list[SubgraphRequest] = []
        self.queues: list[asyncio.Queue[Any]] = []
        self.left = 0

    async def open(self, request: SubgraphRequest) -> AsyncIterator[dict[str, Any]]:
        """One stream; an exception in its queue is raised, None ends it."""
        self.opened.append(request)
        queue: asyncio.Queue[Any] = asyncio.Queue()
        self.queues.append(queue)
        try:
            while (said := await queue.get()) is not None:
                if isinstance(said, Exception):
                    raise said
                yield {"data": {"tick": said}}
        finally:
            self.left += 1

    def say(self, *said: Any) -> None:
        """To the newest stream."""
        for one in said:
            self.queues[-1].put_nowait(one)


@pytest.fixture
def ticks() -> Ticks:
    """The subgraph."""
    return Ticks()


@pytest.fixture
def shared(ticks: Ticks) -> SharedStreams:
    """With a small buffer."""
    return SharedStreams(ticks.open, LiveSettings(buffered_updates=3))


async def begun(streams: Any) -> asyncio.Task[Any]:
    """The first event to come, waited for."""
    waiting = asyncio.create_task(anext(streams))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return waiting


async def test_all_who_are_alike_share_one_stream(ticks: Ticks, shared: SharedStreams) -> None:
    first = shared.subscribe(REQUEST)
    second = shared.subscribe(replace(REQUEST, headers={"x-request-id": "2"}))
    waiting = [await begun(one) for one in (first, second)]
    ticks.say(1)
    one, two = await asyncio.gather(*waiting)
    assert one == two == {"data": {"tick": 1}}
    assert one is not two  # whoever gets it may change it
    assert len(ticks.opened) == 1

    await first.aclose()
    assert ticks.left == 0
    ticks.say(2)
    assert await anext(second) == {"data": {"tick": 2}}
    await second.aclose()
    assert ticks.left == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, variables={"a": 2}),
        replace(REQUEST, document="subscription { tick tock: tick }"),
        replace(REQUEST, headers={"authorization": "other"}),
    ],
)
async def test_another_request_has_a_stream_of_its_own(
    ticks: Ticks, shared: SharedStreams, other: SubgraphRequest
) -> None:
    async with aclosing(shared.subscribe(REQUEST)) as first, aclosing(shared.subscribe(other)) as second:
        waiting = [await begun(one) for one in (first, second)]
        assert len(ticks.opened) == 2
        for queue, said in zip(ticks.queues, (1, 2), strict=True):
            queue.put_nowait(said)
        assert await asyncio.gather(*waiting) == [{"data": {"tick": 1}}, {"data": {"tick": 2}}]


async def test_the_end_and_a_failure_reach_everybody(ticks: Ticks, shared: SharedStreams) -> None:
    for said, expected in ((None, StopAsyncIteration), (SubgraphUnreachable("ticks", "gone"), SubgraphUnreachable)):
        streams = [shared.subscribe(REQUEST) for _ in range(2)]
        waiting = [await begun(one) for one in streams]
        ticks.say(said)
        problems = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(problem) for problem in problems] == [expected] * 2
    assert len(ticks.opened) == 2  # after the end, who comes opens it anew


async def test_who_reads_too_slowly_holds_up_nobody(ticks: Ticks, shared: SharedStreams) -> None:
    slow, quick = shared.subscribe(REQUEST), shared.subscribe(REQUEST)
    waiting = [await begun(one) for one in (slow, quick)]
    ticks.say(0)
    await asyncio.gather(*waiting)
    for number in range(1, 6):
        ticks.say(number)
        assert await anext(quick) == {"data": {"tick": number}}
    assert [await anext(slow) for _ in range(3)] == [{"data": {"tick": number}} for number in (1, 2, 3)]
    with pytest.raises(SubgraphError, match="more updates than the client could read"):
        await anext(slow)
    await quick.aclose()
    assert ticks.left == 1
