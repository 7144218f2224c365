"""The engine: one supergraph, many operations."""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    execute_sync,
    get_variable_values,
    parse,
    specified_rules,
    validate,
)

from gateway_graphql.execution.errors import PlanAbandoned, SubgraphError
from gateway_graphql.execution.execute_plan import PlanRun, checked_answer
from gateway_graphql.execution.subgraph_client import OperationKind, SubgraphClient
from gateway_graphql.planning.normalize import OperationTooLarge
from gateway_graphql.planning.plan import Plan
from gateway_graphql.planning.plan_operation import CannotPlan, plan_operation
from gateway_graphql.planning.shape import introspection_slot
from gateway_graphql.planning.sources import Sources
from gateway_graphql.supergraph.api_schema import api_schema
from gateway_graphql.supergraph.read import read_supergraph

__all__ = ["Gateway", "GraphQLRequest", "Prepared", "RequestErrors"]


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client asks, over whatever transport."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """forwarded to the subgraphs as they are"""


@dataclass(frozen=True, slots=True)
class RequestErrors:
    """The request cannot be executed: syntax, validation, or no such operation. Formatted GraphQL errors."""

    errors: tuple[dict[str, Any], ...]

    def to_result(self) -> dict[str, Any]:
        """The GraphQL response for it: errors, and no ``data`` key at all."""
        return {"errors": list(self.errors)}


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that was parsed, validated and planned."""

    kind: OperationKind
    plan: Plan
    """``str(prepared.plan)`` is readable, ``prepared.plan.to_json()`` is for ``extensions.queryPlan``"""


class Gateway:
    """
    Answers GraphQL operations on a supergraph by asking its subgraphs.

    ``override_labels`` says which labels of a progressive ``@override`` are on for a request;
    ``percent(…)`` labels need no help.
    """

    def __init__(
        self,
        supergraph_sdl: str,
        client: SubgraphClient,
        *,
        plan_cache_size: int = 1000,
        request_timeout: float = 30,
        introspection: bool = True,
        override_labels: Callable[[GraphQLRequest], Iterable[str]] | None = None,
    ) -> None:
        self.supergraph = read_supergraph(supergraph_sdl)
        self.schema: GraphQLSchema = api_schema(self.supergraph.document)
        """what clients see; for documentation and introspection"""
        self._sources: dict[frozenset[str], Sources] = {}
        self._client = client
        self._request_timeout = request_timeout
        self._plan_cache_size = plan_cache_size
        self._prepared: OrderedDict[object, Prepared | RequestErrors] = OrderedDict()
        self._rules = [*specified_rules, *(() if introspection else (NoSchemaIntrospectionCustomRule,))]
        self._override_labels = override_labels

    def prepare(self, request: GraphQLRequest) -> Prepared | RequestErrors:
        """Parse, validate and plan; from the cache when this operation was seen before. Never raises for bad input."""
        key = (request.query, request.operation_name, self._labels(request))
        prepared = self._prepared.get(key)
        if prepared is not None:
            self._prepared.move_to_end(key)
            return prepared
        prepared = self._prepare(request.query, request.operation_name, key[2])
        if self._plan_cache_size > 0:
            self._prepared[key] = prepared
            if len(self._prepared) > self._plan_cache_size:
                self._prepared.popitem(last=False)
        return prepared

    async def execute(self, request: GraphQLRequest) -> dict[str, Any]:
        """
        Answer a query or mutation as the GraphQL spec says: ``{"data", "errors"?, "extensions"?}``.

        Request errors (syntax, validation, variables) have no ``data`` key.
        A subscription is a request error here; use :meth:`subscribe`.
        """
        prepared = self.prepare(request)
        if isinstance(prepared, RequestErrors):
            return prepared.to_result()
        if prepared.kind == "subscription":
            return _refused("A subscription needs a transport that can carry a stream.", "BAD_REQUEST").to_result()
        run = self._run_of(prepared, request)
        if isinstance(run, RequestErrors):
            return run.to_result()
        await self._run(run)
        return run.result()

    async def subscribe(self, request: GraphQLRequest) -> AsyncGenerator[dict[str, Any], None]:
        """
        Every event of a subscription, each a GraphQL result; close with ``aclose()`` to leave the subgraph's stream.

        A request that cannot be executed yields its errors as the only result (without ``data``).
        A query or mutation yields its one result.
        """
        prepared = self.prepare(request)
        if isinstance(prepared, RequestErrors):
            yield prepared.to_result()
            return
        if prepared.kind != "subscription" or prepared.plan.primary is None:
            run = self._run_of(prepared, request)
            if isinstance(run, RequestErrors):
                yield run.to_result()
                return
            await self._run(run)
            yield run.result()
            return

        stream = self._run_of(prepared, request)
        if isinstance(stream, RequestErrors):
            yield stream.to_result()
            return
        primary = prepared.plan.fetches[prepared.plan.primary]
        events = self._client.subscribe(stream.request(primary))
        async with aclosing(cast(Any, events)):
            try:
                async for event in events:
                    run = self._run_of(prepared, request)
                    if isinstance(run, RequestErrors):  # they were fine when the stream began
                        return
                    run.take(primary, checked_answer(primary, event), [run.store])
                    await self._run(run)
                    yield run.result()
            except SubgraphError as error:
                stream.fail(primary, error)
                yield stream.result()

    # -- one request

    def _prepare(self, query: str, operation_name: str | None, labels: frozenset[str]) -> Prepared | RequestErrors:
        try:
            document = parse(query)
        except GraphQLSyntaxError as error:
            return _request_errors([error], "GRAPHQL_PARSE_FAILED")
        except RecursionError:
            return _refused("The document is nested too deeply.", "GRAPHQL_PARSE_FAILED")
        operation = _operation(document, operation_name)
        if isinstance(operation, RequestErrors):
            return operation
        kind: OperationKind = operation.operation.value
        if kind not in self.supergraph.roots:
            return _refused(f"Schema is not configured to execute {kind} operation.", "GRAPHQL_VALIDATION_FAILED")
        try:
            if found := validate(self.schema, document, self._rules):
                return _request_errors(found, "GRAPHQL_VALIDATION_FAILED")
            sources = self._sources.setdefault(labels, Sources(self.supergraph, labels))
            plan = plan_operation(sources, self.schema, document, operation)
        except OperationTooLarge as error:
            return _refused(str(error), "OPERATION_TOO_LARGE")
        except RecursionError:
            return _refused("The operation is nested too deeply.", "OPERATION_TOO_LARGE")
        except CannotPlan as error:
            return _refused(str(error), "CANNOT_PLAN")
        return Prepared(kind, plan)

    def _labels(self, request: GraphQLRequest) -> frozenset[str]:
        if not self.supergraph.labels:
            return frozenset()
        drawn = random.random() * 100  # noqa: S311
        on = {one for one in self.supergraph.labels if (share := _percent(one)) is not None and drawn < share}
        if self._override_labels is not None:
            on.update(set(self._override_labels(request)) & self.supergraph.labels)
        return frozenset(on)

    def _run_of(self, prepared: Prepared, request: GraphQLRequest) -> PlanRun | RequestErrors:
        definitions = prepared.plan.operation.variable_definitions or ()
        coerced: Mapping[str, Any] = {}
        if definitions:
            values = get_variable_values(self.schema, definitions, dict(request.variables))
            if isinstance(values, list):
                return _request_errors(values, "BAD_USER_INPUT")
            coerced = values.coerced
        return PlanRun(
            prepared.plan, self._client, variables=request.variables, coerced=coerced, headers=request.headers
        )

    async def _run(self, run: PlanRun) -> None:
        self._introspect(run)
        try:
            async with asyncio.timeout(self._request_timeout):
                await run.fetch_all()
        except TimeoutError:
            late = PlanAbandoned(f"The request took longer than {self._request_timeout:g} seconds.")
            run.errors.add(str(late), None, {"code": late.code})

    def _introspect(self, run: PlanRun) -> None:
        document = run.plan.introspection
        if document is None:
            return
        result = execute_sync(self.schema, document, variable_values=dict(run.variables))
        for key, value in (result.data or {}).items():
            run.store[introspection_slot(key)] = value
        for error in result.errors or ():
            run.errors.add(error.message, tuple(error.path or ()), error.extensions)


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | RequestErrors:
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    code = "OPERATION_RESOLUTION_FAILURE"
    if name:
        for one in operations:
            if one.name and one.name.value == name:
                return one
        return _refused(f'Unknown operation named "{name}".', code)
    if not operations:
        return _refused("Must provide an operation.", code)
    if len(operations) > 1:
        return _refused("Must provide operation name if query contains multiple operations.", code)
    return operations[0]


def _percent(label: str) -> float | None:
    if label.startswith("percent(") and label.endswith(")"):
        try:
            return float(label[len("percent(") : -1])
        except ValueError:
            return None
    return None


def _refused(message: str, code: str) -> RequestErrors:
    return RequestErrors(({"message": message, "extensions": {"code": code}},))


def _request_errors(errors: Iterable[GraphQLError], code: str) -> RequestErrors:
    formatted = []
    for error in errors:
        one: dict[str, Any] = dict(error.formatted)
        one["extensions"] = {"code": code, **(one.get("extensions") or {})}
        formatted.append(one)
    return RequestErrors(tuple(formatted))
