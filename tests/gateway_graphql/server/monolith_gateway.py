"""A gateway without subgraphs: one schema in the process. It stands in for the engine where the surface is tested."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from graphql import (
    GraphQLError,
    build_schema,
    execute,
    get_operation_ast,
    parse,
    subscribe,
    validate,
)

from gateway_graphql.execution.gateway import GraphQLRequest, Prepared, RequestErrors
from gateway_graphql.execution.uploads import Upload

__all__ = ["MonolithGateway"]

SDL = """
scalar Upload
type Query {
  hello(name: String = "you"): String!
  slow: String
  broken: String
  header(name: String!): String
}
type Mutation {
  remember(text: String!): String!
  slowly(text: String!): String!
  upload(file: Upload!): String!
  uploads(files: [Upload!]!): [String!]!
}
type Subscription { count(to: Int!): Int!  forever: Int!  broken: Int }
"""


class MonolithGateway:
    """Has the methods of the real one; remembers what it was told."""

    def __init__(self) -> None:
        self.schema = build_schema(SDL)
        self.remembered: list[str] = []
        self.slow_started = asyncio.Event()
        self.slow_running = 0
        self._one_more_slow = asyncio.Condition()
        self.slow_may_end = asyncio.Event()
        self.slow_ended = asyncio.Event()
        self.slow_cancelled = asyncio.Event()
        self.streams_left = 0
        self.stream_left = asyncio.Event()
        self.headers: list[Mapping[str, str]] = []

    async def slow_begins(self) -> None:
        """One more resolver of ``slow`` is under way."""
        self.slow_started.set()
        async with self._one_more_slow:
            self.slow_running += 1
            self._one_more_slow.notify_all()

    async def until_slow(self, count: int) -> None:
        """Wait until so many are under way."""
        async with self._one_more_slow:
            await self._one_more_slow.wait_for(lambda: self.slow_running >= count)

    def prepare(self, request: GraphQLRequest) -> Prepared | RequestErrors:
        """Parse and validate."""
        try:
            document = parse(request.query)
        except GraphQLError as error:
            return RequestErrors((error.formatted,))  # type: ignore[arg-type]
        if errors := validate(self.schema, document):
            return RequestErrors(tuple(error.formatted for error in errors))  # type: ignore[misc]
        operation = get_operation_ast(document, request.operation_name)
        if operation is None:
            return RequestErrors(({"message": "no such operation"},))
        return Prepared(operation.operation.value, document, None)  # type: ignore[arg-type]

    async def understood(self, request: GraphQLRequest) -> Prepared | RequestErrors:
        """The same."""
        return self.prepare(request)

    async def execute(self, request: GraphQLRequest) -> dict[str, Any]:
        """Answer."""
        self.headers.append(request.headers)
        prepared = self.prepare(request)
        if isinstance(prepared, RequestErrors):
            return prepared.to_result()
        if prepared.kind == "subscription":
            return {"errors": [{"message": "use a live transport"}]}
        result = execute(
            self.schema,
            prepared.plan,
            Root(self, request.headers),
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
        )
        if asyncio.iscoroutine(result) or asyncio.isfuture(result):
            result = await result
        formatted: dict[str, Any] = dict(result.formatted)  # type: ignore[union-attr]
        if formatted.get("data") is None and not any("path" in error for error in formatted.get("errors", ())):
            formatted.pop("data")
        return formatted

    async def execute_incrementally(self, request: GraphQLRequest) -> AsyncIterator[dict[str, Any]]:
        """One part."""
        yield await self.execute(request)

    async def subscribe(self, request: GraphQLRequest) -> AsyncIterator[dict[str, Any]]:
        """Every event."""
        prepared = self.prepare(request)
        if isinstance(prepared, RequestErrors):
            yield prepared.to_result()
            return
        if prepared.kind != "subscription":
            yield await self.execute(request)
            return
        events = subscribe(
            self.schema,
            prepared.plan,
            Root(self, request.headers),
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
        )
        if asyncio.iscoroutine(events) or asyncio.isfuture(events):
            events = await events
        try:
            async for event in events:  # type: ignore[union-attr]
                yield dict(event.formatted)
        finally:
            await events.aclose()  # type: ignore[union-attr]
            self.streams_left += 1
            self.stream_left.set()


class Root:
    """The resolvers."""

    def __init__(self, gateway: MonolithGateway, headers: Mapping[str, str]) -> None:
        self._gateway = gateway
        self._headers = headers

    def hello(self, _info: Any, name: str) -> str:
        return f"hello {name}"

    def header(self, _info: Any, name: str) -> str | None:
        return self._headers.get(name)

    def broken(self, _info: Any) -> str:
        raise ValueError("this field is broken")

    async def slow(self, _info: Any) -> str:
        await self._gateway.slow_begins()
        try:
            await self._gateway.slow_may_end.wait()
        except asyncio.CancelledError:
            self._gateway.slow_cancelled.set()
            raise
        self._gateway.slow_ended.set()
        return "at last"

    def remember(self, _info: Any, text: str) -> str:
        self._gateway.remembered.append(text)
        return text

    async def slowly(self, _info: Any, text: str) -> str:
        await self.slow(_info)
        return self.remember(_info, text)

    async def upload(self, _info: Any, file: Upload) -> str:
        content = b""
        while chunk := await file.content.read(65536):
            content += chunk
        return f"{file.filename} {file.content_type} {len(content)}"

    async def uploads(self, _info: Any, files: list[Upload]) -> list[str]:
        return [await self.upload(_info, file) for file in files]

    async def count(self, _info: Any, to: int) -> AsyncIterator[dict[str, int]]:
        for number in range(1, to + 1):
            yield {"count": number}

    async def forever(self, _info: Any) -> AsyncIterator[dict[str, int]]:
        yield {"forever": 1}
        await asyncio.Event().wait()
