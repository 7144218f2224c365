"""How a subgraph is asked when things go wrong or many ask at once, seen from the subgraph."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import web

from gateway_graphql.execution.errors import (
    SubgraphError,
    SubgraphOverloaded,
    SubgraphRefused,
    SubgraphTimedOut,
    SubgraphUnreachable,
)
from gateway_graphql.execution.subgraph_client import OperationKind, SubgraphRequest
from gateway_graphql.server.settings import ServerSettings, SubgraphSettings, TrafficSettings
from gateway_graphql.server.subgraph_http import SubgraphHttp
from gateway_graphql.server.traffic import SAVED_RETRIES, SubgraphTraffic
from tests.gateway_graphql.server.one_subgraph import subgraph

QUICK = TrafficSettings(retry_pause=0.001, circuit_requests=1000)
OK = 200


@dataclass
class Subgraph:
    """Answers each request with the next status of ``says``, then with 200; while ``door`` is closed, with nothing."""

    says: list[int] = field(default_factory=list)
    asked: int = 0
    at_once: int = 0
    most_at_once: int = 0
    door: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    client: SubgraphHttp = field(default_factory=SubgraphHttp)
    url: str = ""

    async def handle(self, _: web.Request) -> web.Response:
        """One request."""
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        number = self.asked
        async with self.arrived:
            self.arrived.notify_all()
        try:
            status = self.says.pop(0) if self.says else OK
            await self.door.wait()
            return web.json_response({"data": {"number": number}}) if status == OK else web.Response(status=status)
        finally:
            self.at_once -= 1

    async def until_asked(self, times: int) -> None:
        """Wait until that many requests have come."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: self.asked >= times)

    async def ask(self, document: str = "{ number }", kind: OperationKind = "query", **headers: str) -> int:
        """Ask it through the client."""
        answer = await self.client.fetch(SubgraphRequest("numbers", self.url, document, headers=headers, kind=kind))
        return int(answer["data"]["number"])


@asynccontextmanager
async def asked_by(traffic: TrafficSettings, *says: int, open_door: bool = True) -> AsyncIterator[Subgraph]:
    """A subgraph over real HTTP, and the client with these settings."""
    known = Subgraph(list(says), client=SubgraphHttp(ServerSettings(traffic=traffic)))
    if open_door:
        known.door.set()
    async with subgraph(known.handle) as known.url:
        try:
            yield known
        finally:
            known.door.set()
            await known.client.close()


# -- retries


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_query_is_asked_again(status: int) -> None:
    async with asked_by(QUICK, status, status) as numbers:
        assert await numbers.ask() == 3


async def test_not_more_often_than_the_settings_say() -> None:
    async with asked_by(QUICK, 503, 503, 503) as numbers:
        with pytest.raises(SubgraphRefused):
            await numbers.ask()
        assert numbers.asked == 3


async def test_a_mutation_is_never_asked_again() -> None:
    async with asked_by(QUICK, 503) as numbers:
        with pytest.raises(SubgraphRefused):
            await numbers.ask("mutation { number }", "mutation")
        assert numbers.asked == 1


@pytest.mark.parametrize("status", [400, 401, 404, 500])
async def test_a_refusal_that_would_stay_is_not_asked_again(status: int) -> None:
    async with asked_by(QUICK, status) as numbers:
        with pytest.raises(SubgraphRefused):
            await numbers.ask()
        assert numbers.asked == 1


async def test_retries_can_be_off() -> None:
    async with asked_by(replace(QUICK, retries=0), 503) as numbers:
        with pytest.raises(SubgraphRefused):
            await numbers.ask()
        assert numbers.asked == 1


async def test_retries_stay_a_share_of_the_requests() -> None:
    async with asked_by(replace(QUICK, retry_share=0.1), *[503] * 200) as numbers:
        for number in range(50):
            with pytest.raises(SubgraphRefused):
                await numbers.ask(f"{{ number{number}: number }}")
        assert 50 < numbers.asked <= 50 + SAVED_RETRIES + 0.1 * 50


async def test_a_subgraph_that_is_not_there_is_asked_again_too() -> None:
    attempts = 0

    async def ask(_: float) -> str:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise SubgraphUnreachable("numbers", "no connection")
        return "here"

    assert await SubgraphTraffic("numbers", QUICK).through(ask, 10, may_repeat=True) == "here"


async def test_no_retry_begins_that_could_not_end_in_time() -> None:
    async with asked_by(replace(QUICK, retry_pause=1000), 503) as numbers:
        with pytest.raises(SubgraphRefused):
            await numbers.ask()
        assert numbers.asked == 1


# -- the circuit


BREAKS = TrafficSettings(retries=0, circuit_requests=4, circuit_failures=0.5, circuit_window=10, circuit_pause=5)


@dataclass
class Clock:
    """Time that the test moves."""

    now: float = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


async def outcome(traffic: SubgraphTraffic, problem: SubgraphError | None) -> str:
    """What becomes of a request that ends with this problem: ``asked``, ``failed``, or ``not asked``."""
    asked = False

    async def ask(_: float) -> None:
        nonlocal asked
        asked = True
        if problem is not None:
            raise problem

    try:
        await traffic.through(ask, 1000, may_repeat=False)
    except SubgraphError:
        return "failed" if asked else "not asked"
    return "asked"


REFUSED = SubgraphRefused("numbers", 500)


async def test_a_subgraph_that_fails_is_left_alone_then_tried() -> None:
    clock = Clock()
    traffic = SubgraphTraffic("numbers", BREAKS, clock)
    assert [await outcome(traffic, problem) for problem in (None, None, REFUSED, REFUSED)][-1] == "failed"
    assert await outcome(traffic, None) == "not asked"
    clock.now += 4.9
    assert await outcome(traffic, None) == "not asked"
    clock.now += 0.2
    assert await outcome(traffic, REFUSED) == "failed"  # the one that tries
    assert await outcome(traffic, None) == "not asked"
    clock.now += 5.1
    assert await outcome(traffic, None) == "asked"
    assert await outcome(traffic, None) == "asked"


async def test_only_one_request_tries() -> None:
    clock = Clock()
    traffic = SubgraphTraffic("numbers", BREAKS, clock)
    for _ in range(4):
        await outcome(traffic, REFUSED)
    clock.now += 6
    entered, door = asyncio.Event(), asyncio.Event()

    async def slow(_: float) -> str:
        entered.set()
        await door.wait()
        return "here"

    trying = asyncio.create_task(traffic.through(slow, 1000, may_repeat=False))
    await entered.wait()
    assert await outcome(traffic, None) == "not asked"
    door.set()
    assert await trying == "here"
    assert await outcome(traffic, None) == "asked"


async def test_a_try_that_is_given_up_lets_another_try() -> None:
    clock = Clock()
    traffic = SubgraphTraffic("numbers", BREAKS, clock)
    for _ in range(4):
        await outcome(traffic, REFUSED)
    clock.now += 6
    entered = asyncio.Event()

    async def never(_: float) -> None:
        entered.set()
        await asyncio.Event().wait()

    trying = asyncio.create_task(traffic.through(never, 1000, may_repeat=False))
    await entered.wait()
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)
    assert await outcome(traffic, None) == "asked"


async def test_few_failures_old_failures_and_the_clients_mistakes_prove_nothing() -> None:
    clock = Clock()
    traffic = SubgraphTraffic("numbers", BREAKS, clock)
    assert [await outcome(traffic, REFUSED) for _ in range(3)] == ["failed"] * 3
    clock.now += 11
    assert [await outcome(traffic, REFUSED) for _ in range(3)] == ["failed"] * 3
    clock.now += 11
    assert [await outcome(traffic, SubgraphRefused("numbers", 401)) for _ in range(9)] == ["failed"] * 9


async def test_the_error_says_why_it_was_not_asked() -> None:
    traffic = replace(QUICK, retries=0, circuit_requests=2)
    async with asked_by(traffic, 500, 500) as numbers:
        for _ in range(2):
            with pytest.raises(SubgraphRefused):
                await numbers.ask()
        with pytest.raises(SubgraphUnreachable, match=r"not asked, too many requests failed; again in \d"):
            await numbers.ask()
        assert numbers.asked == 2


# -- how many at a time


async def test_no_more_at_a_time_than_the_settings_say() -> None:
    async with asked_by(replace(QUICK, concurrent_requests=3, share_identical=False), open_door=False) as numbers:
        asking = [asyncio.create_task(numbers.ask()) for _ in range(10)]
        await numbers.until_asked(3)
        numbers.door.set()
        assert sorted(await asyncio.gather(*asking)) == list(range(1, 11))
        assert numbers.most_at_once == 3


async def test_one_too_many_fails_at_once() -> None:
    traffic = replace(QUICK, concurrent_requests=1, waiting_requests=1, share_identical=False)
    async with asked_by(traffic, open_door=False) as numbers:
        asking = [asyncio.create_task(numbers.ask()) for _ in range(2)]
        await numbers.until_asked(1)
        with pytest.raises(SubgraphOverloaded, match="2 requests are under way or waiting"):
            await numbers.ask()
        numbers.door.set()
        assert sorted(await asyncio.gather(*asking)) == [1, 2]


async def test_waiting_counts_as_time() -> None:
    settings = ServerSettings(
        traffic=replace(QUICK, concurrent_requests=1, share_identical=False),
        subgraphs={"numbers": SubgraphSettings(timeout=0.05)},
    )
    numbers = Subgraph(client=SubgraphHttp(settings))
    async with subgraph(numbers.handle) as numbers.url:
        problems = await asyncio.gather(numbers.ask(), numbers.ask(), return_exceptions=True)
        numbers.door.set()
        await numbers.client.close()
    assert [type(problem) for problem in problems] == [SubgraphTimedOut, SubgraphTimedOut]


# -- the same at the same time


async def test_the_same_query_is_made_once() -> None:
    async with asked_by(QUICK, open_door=False) as numbers:
        asking = [asyncio.create_task(numbers.ask(**{"x-request-id": str(n)})) for n in range(5)]
        await numbers.until_asked(1)
        numbers.door.set()
        assert await asyncio.gather(*asking) == [1] * 5
        assert await numbers.ask() == 2  # what is over is not remembered


@pytest.mark.parametrize("header", ["authorization", "accept-language"])
async def test_another_header_is_another_query(header: str) -> None:
    async with asked_by(QUICK, open_door=False) as numbers:
        asking = [asyncio.create_task(numbers.ask(**{header: value})) for value in ("a", "b")]
        await numbers.until_asked(2)
        numbers.door.set()
        assert sorted(await asyncio.gather(*asking)) == [1, 2]


async def test_mutations_are_all_made() -> None:
    async with asked_by(QUICK, open_door=False) as numbers:
        asking = [asyncio.create_task(numbers.ask("mutation { number }", "mutation")) for _ in range(2)]
        await numbers.until_asked(2)
        numbers.door.set()
        assert sorted(await asyncio.gather(*asking)) == [1, 2]


async def test_a_query_after_a_mutation_shares_nothing_from_before_it() -> None:
    async with asked_by(QUICK, open_door=False) as numbers:
        before = asyncio.create_task(numbers.ask())
        await numbers.until_asked(1)
        change = asyncio.create_task(numbers.ask("mutation { number }", "mutation"))
        await numbers.until_asked(2)
        change.cancel()  # given up, but perhaps made
        await asyncio.gather(change, return_exceptions=True)
        after = asyncio.create_task(numbers.ask())
        await numbers.until_asked(3)
        numbers.door.set()
        assert await asyncio.gather(before, after) == [1, 3]


async def test_who_leaves_does_not_take_the_answer_from_the_others() -> None:
    async with asked_by(QUICK, open_door=False) as numbers:
        first, *others = (asyncio.create_task(numbers.ask()) for _ in range(3))
        await numbers.until_asked(1)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await numbers.until_asked(2)
        numbers.door.set()
        assert await asyncio.gather(*others) == [2, 2]


async def test_a_failure_is_shared_as_well() -> None:
    async with asked_by(replace(QUICK, retries=0), 500, open_door=False) as numbers:
        asking = [asyncio.create_task(numbers.ask()) for _ in range(2)]
        await numbers.until_asked(1)
        numbers.door.set()
        problems = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(problem) for problem in problems] == [SubgraphRefused] * 2
        assert numbers.asked == 1
