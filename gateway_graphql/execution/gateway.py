"""The engine: one supergraph, many operations."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

from graphql import (
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    execute_sync,
    get_variable_values,
    specified_rules,
)

from gateway_graphql.execution.caller import Policies, unmet
from gateway_graphql.execution.cost import CostLimits, CostUncountable
from gateway_graphql.execution.error_masking import ErrorMasking
from gateway_graphql.execution.errors import PlanAbandoned, SubgraphError
from gateway_graphql.execution.execute_plan import PlanRun, checked_answer
from gateway_graphql.execution.incremental import in_parts
from gateway_graphql.execution.operation_limits import OperationLimits
from gateway_graphql.execution.prepare import (
    GraphQLRequest,
    Prepared,
    Preparer,
    Question,
    RequestErrors,
    refused,
    request_errors,
    too_expensive,
)
from gateway_graphql.execution.shape import unauthorized
from gateway_graphql.execution.subgraph_client import LiveEvent, SubgraphClient
from gateway_graphql.planning.shape import introspection_slot, refused_coordinates
from gateway_graphql.supergraph.api_schema import api_schema
from gateway_graphql.supergraph.model import Supergraph
from gateway_graphql.supergraph.read import read_supergraph

__all__ = ["Gateway", "GraphQLRequest", "Prepared", "RequestErrors"]


FORGOTTEN_AT_ONCE = 20
_CONDITION = re.compile(r"\bif[\s,]*:[\s,]*\$(\w+)")
"""of any directive: to look for those of ``@defer`` alone could take as long as a client likes"""
MOST_CONDITIONS = 50
"""with more variables than this, which may be true or false, nothing is deferred: each combination is a plan of its own"""


class Gateway:
    """
    Answers GraphQL operations on a supergraph by asking its subgraphs.

    One gateway serves any number of requests at once, on one event loop. A supergraph that cannot be served raises
    ``ValueError`` with the reason.

    * ``plan_cache_size``: how many operations are remembered with their plans
    * ``request_timeout``: seconds for all the subgraphs of a request together; then what is there is answered
    * ``planning_timeout``: seconds for one plan, and ``document_tokens``: how long a document may be; beyond them an
      operation is refused
    * ``operation_limits``: how deep, wide and repetitive an operation may be
    * ``cost``: what an operation may cost by ``@cost`` and ``@listSize``
    * ``introspection``: whether clients may ask for the schema
    * ``suggestions``: whether a wrong name in an operation is answered with names that are there
    * ``error_masking``: what clients learn of the errors of subgraphs
    * ``query_plan_in_answer``: whether a request gets its plan by ``extensions: {"queryPlan": true}``
    * ``override_labels``: which labels of a progressive ``@override`` are on for a request; ``percent(…)`` labels need
      no help
    * ``on_cost`` hears what an answer was expected to cost and what it did, where ``cost`` asks to count that
    * ``policies``: which policies of ``@policy`` say yes to a caller; without it none does
    * ``reject_unauthorized``: refuse an operation that asks for anything its caller may not see; else such fields are null
    * ``subgraph_urls``: where subgraphs are, by name, if not where the supergraph says
    * ``on_plan`` hears of each document that was planned or refused anew, and of the seconds it took
    """

    def __init__(
        self,
        supergraph_sdl: str,
        client: SubgraphClient,
        *,
        plan_cache_size: int = 1000,
        request_timeout: float = 30,
        introspection: bool = True,
        suggestions: bool = True,
        error_masking: ErrorMasking = ErrorMasking(),  # noqa: B008
        document_tokens: int = 15_000,
        operation_limits: OperationLimits = OperationLimits(),  # noqa: B008
        cost: CostLimits = CostLimits(),  # noqa: B008
        planning_timeout: float = 10,
        query_plan_in_answer: bool = False,
        override_labels: Callable[[GraphQLRequest], Iterable[str]] | None = None,
        policies: Policies | None = None,
        reject_unauthorized: bool = False,
        subgraph_urls: Mapping[str, str] | None = None,
        on_plan: Callable[[str, Prepared | RequestErrors, float], None] = lambda *_: None,
        on_cost: Callable[[float, float], None] = lambda *_: None,
    ) -> None:
        self.supergraph = _moved(read_supergraph(supergraph_sdl, to_serve=True), subgraph_urls or {})
        self.schema: GraphQLSchema = api_schema(self.supergraph.document)
        """what clients see; for documentation and introspection"""
        self._client = client
        self._request_timeout = request_timeout
        self._preparer = Preparer(
            self.supergraph,
            self.schema,
            [*specified_rules, *(() if introspection else (NoSchemaIntrospectionCustomRule,))],
            remembered=plan_cache_size,
            document_tokens=document_tokens,
            timeout=planning_timeout,
            limits=operation_limits,
            cost=cost,
            suggestions=suggestions,
            tell=on_plan,
        )
        self._query_plan_in_answer = query_plan_in_answer
        self._suggestions = suggestions
        self._error_masking = error_masking
        self._cost = cost
        self._on_cost = on_cost
        self._override_labels = override_labels
        self._policies = policies
        self._reject_unauthorized = reject_unauthorized

    def prepare(self, request: GraphQLRequest, *, in_parts: bool = False) -> Prepared | RequestErrors:
        """
        Parse, validate and plan; from the cache when this operation was seen before. Never raises for bad input.

        ``in_parts``: as for :meth:`execute_incrementally`, where ``@defer`` counts.
        """
        return self._preparer.prepare(self._question(request, in_parts=in_parts))

    async def prepared(self, request: GraphQLRequest, *, in_parts: bool = False) -> Prepared | RequestErrors:
        """
        The same without stalling anybody: planned in a thread, once for all who ask it at the same time.

        And for this caller: what they may not see (``@authenticated``, ``@requiresScopes``, ``@policy``) is not in it.
        """
        question = self._question(request, in_parts=in_parts)
        prepared = await self._preparer.prepared(question)
        if isinstance(prepared, RequestErrors) or not prepared.plan.requirements:
            return prepared
        missing = await unmet(prepared.plan.requirements, request.caller, self._policies)
        if not missing:
            return prepared
        prepared = await self._preparer.prepared(replace(question, unmet=missing))
        if self._reject_unauthorized and isinstance(prepared, Prepared):
            return RequestErrors(tuple(map(unauthorized, refused_coordinates(prepared.plan.shape))))
        return prepared

    async def understood(self, request: GraphQLRequest) -> Prepared | RequestErrors:
        """What is asked, whoever asks it: its kind, and its cost. Who may see what is for :meth:`prepared` to say."""
        return await self._preparer.prepared(self._question(request, in_parts=False))

    def estimated_cost(self, prepared: Prepared, request: GraphQLRequest) -> float:
        """What an operation would cost with the variables of a request; 0 where that cannot be told, or is not counted."""
        if prepared.cost is None:
            return 0.0
        if prepared.cost.fixed is not None:
            return prepared.cost.fixed
        values = get_variable_values(self.schema, prepared.plan.variables, dict(request.variables))
        try:
            return 0.0 if isinstance(values, list) else prepared.cost.estimated(values.coerced)
        except CostUncountable:
            return 0.0

    @property
    def plans_known(self) -> int:
        """How many operations need no planning any more."""
        return self._preparer.remembered

    def asked_last(self, count: int) -> list[Question]:
        """The operations asked last and understood, the newest last: what :meth:`warm` of another gateway takes."""
        return self._preparer.asked_last(count)

    async def warm(self, known: Iterable[GraphQLRequest], asked: Iterable[Question] = ()) -> list[RequestErrors]:
        """
        Plan these before anybody asks, one after the other; what was ``asked`` elsewhere last of all.

        What could not be planned is returned.
        """
        questions = [self._question(request, in_parts=in_parts) for request in known for in_parts in _ways(request)]
        prepared = [await self._preparer.prepared(question) for question in (*questions, *asked)]
        return [one for one in prepared if isinstance(one, RequestErrors)]

    async def forget(self) -> None:
        """
        Give every plan back, a few at a time, for another gateway has taken over. What is under way keeps its own.

        When nothing is under way any more, the supergraph is taken apart: do not use this gateway again, nor its ``schema``.
        """
        self._preparer.take_apart_unused()
        while self._preparer.forget(FORGOTTEN_AT_ONCE):
            await asyncio.sleep(0)

    def _question(self, request: GraphQLRequest, *, in_parts: bool) -> Question:
        defers = None
        if in_parts and "@defer" in request.query:
            names = set(_CONDITION.findall(request.query))
            if len(names) <= MOST_CONDITIONS:
                defers = frozenset(
                    (name, value) for name in names if isinstance(value := request.variables.get(name), bool)
                )
        return Question(request.query, request.operation_name, self._labels(request), defers)

    async def execute(self, request: GraphQLRequest) -> dict[str, Any]:
        """
        Answer a query or mutation as the GraphQL spec says: ``{"data", "errors"?, "extensions"?}``.

        Request errors (syntax, validation, variables) have no ``data`` key.
        A subscription is a request error here; use :meth:`subscribe`.
        """
        prepared = await self.prepared(request)
        if isinstance(prepared, RequestErrors):
            return prepared.to_result()
        if prepared.kind == "subscription":
            return refused("A subscription needs a transport that can carry a stream.", "BAD_REQUEST").to_result()
        run = self._run_of(prepared, request)
        if isinstance(run, RequestErrors):
            return run.to_result()
        await self._run(run)
        return self._result_of(prepared, run)

    async def execute_incrementally(self, request: GraphQLRequest) -> AsyncGenerator[dict[str, Any], None]:
        """
        The same in parts, if the operation has a ``@defer`` that counts: what is not deferred first, with ``hasNext``.

        The parts after it have ``incremental`` (each with ``path``, ``data``, ``label?``, ``errors?``) and ``hasNext``.
        Close with ``aclose()`` to stop asking the subgraphs.
        """
        prepared = await self.prepared(request, in_parts=True)
        if isinstance(prepared, RequestErrors) or prepared.kind == "subscription" or not prepared.plan.deferred:
            yield await self.execute(request)
            return
        run = self._run_of(prepared, request)
        if isinstance(run, RequestErrors):
            yield run.to_result()
            return
        async with aclosing(in_parts(run, lambda tell: self._run(run, tell))) as parts:
            async for part in parts:
                yield part

    async def subscribe(self, request: GraphQLRequest) -> AsyncGenerator[dict[str, Any], None]:
        """
        Every event of a subscription, each a GraphQL result; close with ``aclose()`` to leave the subgraph's stream.

        A request that cannot be executed yields its errors as the only result (without ``data``).
        A query or mutation yields its one result. Events of a stream that numbers them are :class:`LiveEvent`.
        """
        prepared = await self.prepared(request)
        if isinstance(prepared, RequestErrors):
            yield prepared.to_result()
            return
        if prepared.kind != "subscription" or prepared.plan.primary is None:
            run = self._run_of(prepared, request)
            if isinstance(run, RequestErrors):
                yield run.to_result()
                return
            await self._run(run)
            yield self._result_of(prepared, run)
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
                    result = self._result_of(prepared, run)
                    yield LiveEvent(result, event.event_id) if isinstance(event, LiveEvent) else result
                    request, stream.extensions = replace(request, extensions={}), {}  # the plan is told once
            except SubgraphError as error:
                stream.fail(primary, error)
                yield stream.result()

    # -- one request

    def _labels(self, request: GraphQLRequest) -> frozenset[str]:
        if not self.supergraph.labels:
            return frozenset()
        drawn = random.random() * 100  # noqa: S311
        on = {one for one in self.supergraph.labels if (share := _percent(one)) is not None and drawn < share}
        if self._override_labels is not None:
            on.update(set(self._override_labels(request)) & self.supergraph.labels)
        return frozenset(on)

    def _run_of(self, prepared: Prepared, request: GraphQLRequest) -> PlanRun | RequestErrors:
        definitions = prepared.plan.variables
        coerced: Mapping[str, Any] = {}
        if definitions:
            values = get_variable_values(
                self.schema, definitions, dict(request.variables), hide_suggestions=not self._suggestions
            )
            if isinstance(values, list):
                return request_errors(values, "BAD_USER_INPUT")
            coerced = values.coerced
        if prepared.cost is not None and prepared.cost.fixed is None and self._cost.mode == "enforce":
            try:
                cost = prepared.cost.estimated(coerced)
            except CostUncountable as problem:
                return refused(str(problem), "COST_QUERY_PARSE_FAILURE")
            if cost > self._cost.most:
                return too_expensive(cost, self._cost.most)
        run = PlanRun(
            prepared.plan,
            prepared.shaping,
            self._client,
            variables=request.variables,
            coerced=coerced,
            headers=request.headers,
            caller=request.caller,
            masking=self._error_masking,
        )
        if self._query_plan_in_answer and request.extensions.get("queryPlan") is True:
            run.extensions = {"queryPlan": prepared.plan.to_json()}
        self._introspect(run)  # before any part of the answer is put together
        return run

    def _result_of(self, prepared: Prepared, run: PlanRun) -> dict[str, Any]:
        result = run.result()
        if prepared.cost is None or not self._cost.counts_answers:
            return result
        try:
            estimated = prepared.cost.estimated(run.coerced)
        except CostUncountable:
            return result
        actual = prepared.cost.actual(result["data"], run.coerced)
        self._on_cost(estimated, actual)
        if self._cost.in_answer:
            told = {"estimated": estimated, "actual": actual, "max": self._cost.most}
            result["extensions"] = {**result.get("extensions", {}), "cost": told}
        return result

    async def _run(self, run: PlanRun, tell: Callable[[int], None] = lambda _: None) -> None:
        try:
            async with asyncio.timeout(self._request_timeout):
                await run.fetch_all(tell)
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


def _ways(request: GraphQLRequest) -> tuple[bool, ...]:
    """Whether it may be answered at once, and in parts."""
    return (False, True) if "@defer" in request.query else (False,)


def _moved(supergraph: Supergraph, urls: Mapping[str, str]) -> Supergraph:
    graphs = {
        id: replace(graph, url=urls[graph.name]) if graph.name in urls else graph
        for id, graph in supergraph.graphs.items()
    }
    return replace(supergraph, graphs=graphs)


def _percent(label: str) -> float | None:
    if label.startswith("percent(") and label.endswith(")"):
        try:
            return float(label[len("percent(") : -1])
        except ValueError:
            return None
    return None
