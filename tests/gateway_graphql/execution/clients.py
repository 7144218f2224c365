"""Subgraph clients for tests, named for how they behave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from gateway_graphql.execution.subgraph_client import SubgraphRequest

Answer = Mapping[str, Any] | Exception | Callable[[SubgraphRequest], Any]


class AnswersAsTold:
    """Answers each subgraph's requests with what it was told, and remembers them."""

    def __init__(self, **answers: Answer | list[Answer]) -> None:
        self.answers = {name: one if isinstance(one, list) else [one] for name, one in answers.items()}
        self.requests: list[SubgraphRequest] = []

    async def fetch(self, request: SubgraphRequest) -> Mapping[str, Any]:
        self.requests.append(request)
        await asyncio.sleep(0)
        told = self.answers[request.subgraph]
        answer = told.pop(0) if len(told) > 1 else told[0]
        if callable(answer) and not isinstance(answer, Exception):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def subscribe(self, request: SubgraphRequest) -> AsyncIterator[Mapping[str, Any]]:
        self.requests.append(request)
        for answer in self.answers[request.subgraph]:
            if isinstance(answer, Exception):
                raise answer
            assert isinstance(answer, Mapping)
            yield answer

    @property
    def asked(self) -> list[str]:
        """The subgraphs in the order they were asked."""
        return [request.subgraph for request in self.requests]


class WaitsToBeReleased(AnswersAsTold):
    """Holds the requests to some subgraphs back until they are released."""

    def __init__(self, hold: list[str], **answers: Answer | list[Answer]) -> None:
        super().__init__(**answers)
        self.gates = {name: asyncio.Event() for name in hold}
        self.cut_off: list[str] = []
        self.was_cut_off = asyncio.Event()
        self.was_released = asyncio.Event()
        self.asked_before_release: list[str] = []

    async def fetch(self, request: SubgraphRequest) -> Mapping[str, Any]:
        if request.subgraph not in self.gates:
            return await super().fetch(request)
        try:
            answer = await super().fetch(request)
            await self.gates[request.subgraph].wait()
            self.asked_before_release = list(self.asked)
            self.was_released.set()
            return answer
        except asyncio.CancelledError:
            self.cut_off.append(request.subgraph)
            self.was_cut_off.set()
            raise

    async def until_asked(self, *subgraphs: str) -> None:
        """Wait until all of these were asked."""
        async with asyncio.timeout(2):
            while not set(subgraphs) <= set(self.asked):
                await asyncio.sleep(0)
