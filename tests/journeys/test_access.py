"""
The running system keeps to ``subgraphs/ACCESS.md``: each role asks for each field, by the shortest way there is.

What the table refuses must be refused, with an error that names a field on the way; what it allows must not be.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from graphql import (
    GraphQLArgument,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_required_input_field,
)

from docker.local.token import access_token
from docker.local.up import RunningSystem
from tests.contracts.access import NO, ROLES, TABLE, Coordinate, Graph, written
from tests.journeys import register
from tests.realtime.writer import UpdateWriter

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOGETHER = 8
EVERYTHING = frozenset(scope for scopes in ROLES.values() for scope in scopes or ())
REFUSED = {"UNAUTHORIZED_FIELD_OR_TYPE", "FORBIDDEN", "UNAUTHENTICATED"}
WATCHED = "watched-by-the-table"
GIVEN: dict[Coordinate, dict[str, Any]] = {
    ("Query", "suggestAddresses"): {"text": register.ADDRESSES[0].address},
    ("Mutation", "subscribe"): {
        "input": {"name": "Ada", "email": "table@example.com", "address": register.ADDRESSES[0].typed()}
    },
    **{
        ("Subscription", field): {id: WATCHED, "after": "0-0"}
        for field, id in (
            ("matchTask", "id"),
            ("matchBatch", "id"),
            ("addressImport", "id"),
            ("discountClaim", "id"),
            ("letters", "subscriberId"),
        )
    },
    ("Subscription", "reviewQueue"): {"after": "0-0"},
}
"""arguments with which a field shows something; elsewhere, what is required gets an empty value"""


class Asking:
    """One role that asks."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str | None) -> None:
        self._session = session
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def refused(self, graph: Graph, way: list[Coordinate]) -> set[str]:
        """The coordinates on this way that were refused; or what refused it, where that names none."""
        query, variables, files = operation(graph, way)
        if way[0][0] == "Subscription":
            errors = await self._watched(query, variables)
        else:
            errors = await self._answered(query, variables, files)
        found = {error["extensions"].get("code"): error for error in errors if error.get("extensions")}
        return {error["extensions"].get("coordinate", code) for code, error in found.items() if code in REFUSED}

    async def _answered(self, query: str, variables: dict[str, Any], files: list[str]) -> list[dict[str, Any]]:
        body: dict[str, Any] = {"query": query, "variables": variables}
        sent: dict[str, Any] = {"json": body}
        headers = dict(self._headers)
        if files:
            form = aiohttp.FormData()
            form.add_field("operations", json.dumps(body))
            form.add_field("map", json.dumps({"0": [f"variables.{name}" for name in files]}))
            form.add_field("0", b"nothing", filename="nothing.csv")
            sent, headers = {"data": form}, {**headers, "GraphQL-Preflight": "1"}
        async with self._session.post(self._url, headers=headers, **sent) as answer:
            return list((await answer.json(content_type=None)).get("errors", ()))

    async def _watched(self, query: str, variables: dict[str, Any]) -> list[dict[str, Any]]:
        """The errors of the first update, or those instead of one."""
        async with self._session.ws_connect(self._url, protocols=("graphql-transport-ws",)) as socket:
            await socket.send_json({"type": "connection_init", "payload": self._headers})
            assert (await socket.receive_json(timeout=20))["type"] == "connection_ack"
            payload = {"query": query, "variables": variables}
            await socket.send_json({"id": "1", "type": "subscribe", "payload": payload})
            message = await socket.receive_json(timeout=20)
        if message["type"] == "error":
            return list(message["payload"])
        assert message["type"] == "next", message
        return list(message["payload"].get("errors", ()))


def operation(graph: Graph, way: list[Coordinate]) -> tuple[str, dict[str, Any], list[str]]:
    """The operation that asks for the last field of a way, its variables, and which of them are files."""
    declared, variables, files, opened = [], {}, [], []
    for depth, at in enumerate(way):
        passed = []
        for name, argument in graph.field(at).args.items():
            value = GIVEN.get(at, {}).get(name, empty(argument))
            if value is None and not isinstance(argument.type, GraphQLNonNull):
                continue
            variable = f"{name}{depth}"
            declared.append(f"${variable}: {argument.type}")
            passed.append(f"{name}: ${variable}")
            variables[variable] = value
            if value is None:
                files.append(variable)
        opened.append(f"{at[1]}({', '.join(passed)})" if passed else at[1])
    last = get_named_type(graph.field(way[-1]).type)
    inner = " { __typename }" if isinstance(last, GraphQLObjectType) else ""
    selected = " { ".join(opened) + inner + " }" * len(opened)
    header = f"({', '.join(declared)})" if declared else ""
    return f"{way[0][0].lower()} Ask{header} {{ {selected}", variables, files


def empty(argument: GraphQLArgument) -> Any:
    """A value that does nothing; ``None`` where none is needed, and for a file."""
    return _empty(argument.type.of_type) if isinstance(argument.type, GraphQLNonNull) else None


def _empty(type_: Any) -> Any:
    if isinstance(type_, GraphQLList):
        return []
    if isinstance(type_, GraphQLInputObjectType):
        return {
            name: _empty(field.type.of_type) for name, field in type_.fields.items() if is_required_input_field(field)
        }
    if values := getattr(type_, "values", None):
        return next(iter(values))
    return {"Int": 1, "Upload": None}.get(type_.name, "")


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph.committed()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def watched(system: RunningSystem) -> AsyncIterator[None]:
    """Something to see for those who watch."""
    async with UpdateWriter(system.infrastructure.redis_url, system.settings.namespace) as writer:
        counts = {"total": 1, "done": 1, "added": 1, "changed": 0, "unchanged": 0, "rejected": 0}
        await writer.task(WATCHED, "RUNNING")
        await writer.batch(WATCHED, 1, 1)
        await writer.append(f"address_import.{WATCHED}", {"importId": WATCHED, "status": "FINISHED", **counts})
        await writer.append(f"letters.{WATCHED}", {"notificationId": WATCHED}, fact_type="letter.sent.v1")
        await writer.append(f"discount_claim.{WATCHED}", {"claimId": WATCHED, "status": "ISSUED"})
        await writer.append("review_queue", {"matchTaskId": WATCHED, "status": "IN_REVIEW"})
        yield


@pytest.mark.parametrize("role", ROLES)
async def test_each_field_is_as_the_table_says(
    system: RunningSystem, client: object, watched: None, graph: Graph, role: str
) -> None:
    table = written(TABLE.read_text())
    column = list(ROLES).index(role)
    token = None if role == "anonymous" else await asyncio.to_thread(access_token, system.settings, role)
    open_ways, all_ways = graph.ways(ROLES[role]), graph.ways(EVERYTHING)
    gate = asyncio.Semaphore(TOGETHER)
    async with aiohttp.ClientSession() as session:
        asking = Asking(session, system.settings.url("gateway"), token)

        async def asked(at: Coordinate, said: str) -> str | None:
            """What is wrong with this row; ``None``: nothing."""
            way = all_ways[at] if said == NO else open_ways[at]
            async with gate:
                refused = await asking.refused(graph, way)
            if said != NO:
                return f"{at} says {said!r} and {refused} was refused" if refused else None
            return None if refused & {".".join(one) for one in way} else f"{at} says {said!r} and was not refused"

        rows = [asked(at, cells[column]) for at, cells in table.items()]
        wrong = [problem for problem in await asyncio.gather(*rows) if problem]
    assert not wrong, "\n".join(wrong)
