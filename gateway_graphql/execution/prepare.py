"""From a request to its plan: parse, validate, plan; each operation once, and never where it would stall the rest."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock
from time import monotonic
from typing import Any, cast

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from gateway_graphql.execution.caller import ANONYMOUS, Caller
from gateway_graphql.execution.cost import CostLimits, Costs, CostUncountable, OperationCost
from gateway_graphql.execution.operation_limits import OperationLimits
from gateway_graphql.execution.shaping import Shaping
from gateway_graphql.execution.subgraph_client import OperationKind
from gateway_graphql.execution.take_apart import take_apart_after
from gateway_graphql.execution.validation import Validator
from gateway_graphql.planning.deferral import with_active_defers
from gateway_graphql.planning.measure import measured
from gateway_graphql.planning.plan import Plan
from gateway_graphql.planning.plan_operation import CannotPlan, plan_operation
from gateway_graphql.planning.size import OperationTooLarge, check_size
from gateway_graphql.planning.sources import Sources
from gateway_graphql.supergraph.model import Supergraph
from gateway_graphql.supergraph.parse import unchained
from gateway_graphql.supergraph.requirements import Requirement

__all__ = ["GraphQLRequest", "Prepared", "Preparer", "RequestErrors", "refused", "request_errors", "too_expensive"]

THREADS = 4
"""operations that are planned at the same time, at most; one that takes long must not hold up all others"""
PATIENCE = 0.2
"""seconds after which an operation is planned beside the one before it: each thread more makes the event loop wait for its turn"""


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client asks, over whatever transport."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """forwarded to the subgraphs as they are"""
    caller: Caller = ANONYMOUS


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
    shaping: Shaping
    excesses: tuple[dict[str, Any], ...] = ()
    """the limits that it is above and that are only measured: what would have been said"""
    cost: OperationCost | None = None
    """what it costs, where that is counted"""


@dataclass(frozen=True, slots=True)
class Question:
    """All that a plan depends on."""

    query: str
    operation_name: str | None
    labels: frozenset[str]
    defers: frozenset[tuple[str, bool]] | None = None
    """the boolean variables that ``@defer`` may depend on; ``None``: everything at once"""
    unmet: frozenset[Requirement] = frozenset()
    """what the caller does not meet of what the operation asks"""


class Preparer:
    """Prepares the operations of one supergraph, and remembers them."""

    def __init__(
        self,
        supergraph: Supergraph,
        schema: GraphQLSchema,
        rules: Iterable[Any],
        *,
        remembered: int,
        document_tokens: int,
        timeout: float,
        limits: OperationLimits,
        cost: CostLimits,
        suggestions: bool = True,
        tell: Callable[[str, Prepared | RequestErrors, float], None] = lambda *_: None,
    ) -> None:
        """``tell`` hears of each document that was prepared anew, and of the seconds it took."""
        self._tell = tell
        self._supergraph = supergraph
        self._schema = schema
        self._validator = Validator(schema, list(rules), suggestions=suggestions)
        self._most = remembered
        self._document_tokens = document_tokens
        self._timeout = timeout
        self._limits = limits
        self._cost_limits = cost
        self._costs = (
            None
            if cost.mode == "off"
            else Costs(supergraph.document, schema, cost.list_size, counts_answers=cost.counts_answers)
        )
        self._sources: dict[frozenset[str], Sources] = {}
        self._known: OrderedDict[Question, Prepared | RequestErrors] = OrderedDict()
        self._underway: dict[Question, asyncio.Future[Prepared | RequestErrors]] = {}
        self._threads = ThreadPoolExecutor(THREADS, "planning")
        self._turn = Lock()

    def known(self, question: Question) -> Prepared | RequestErrors | None:
        """What was prepared before."""
        found = self._known.get(question)
        if found is not None:
            self._known.move_to_end(question)
        return found

    def prepare(self, question: Question) -> Prepared | RequestErrors:
        """Prepare it here and now."""
        prepared = self.known(question)
        if prepared is None:
            began = monotonic()
            prepared = self._prepare(question)
            self._remember(question, prepared, monotonic() - began)
        return prepared

    async def prepared(self, question: Question) -> Prepared | RequestErrors:
        """Prepare it in a thread, once for all who ask at the same time."""
        known = self.known(question)
        if known is not None:
            return known
        underway = self._underway.get(question)
        if underway is None or underway.get_loop() is not asyncio.get_running_loop():
            underway = asyncio.get_running_loop().run_in_executor(self._threads, self._prepare_in_turn, question)
            self._underway[question] = underway
            began = monotonic()
            underway.add_done_callback(lambda done: self._done(question, done, monotonic() - began))
        try:
            # Others may be waiting for the same plan: who leaves must not take it away from them.
            return await asyncio.wait_for(asyncio.shield(underway), self._timeout)
        except TimeoutError:
            return refused(f"The operation was not planned within {self._timeout:g} seconds.", "OPERATION_TOO_LARGE")

    @property
    def remembered(self) -> int:
        """How many operations are known."""
        return len(self._known)

    def take_apart_unused(self) -> None:
        """As soon as nothing under way uses it any more, take the supergraph apart."""
        take_apart_after(self, self._supergraph, self._schema, self._sources)

    def forget(self, count: int) -> bool:
        """Forget so many operations; whether there are more."""
        for _ in range(min(count, len(self._known))):
            self._known.popitem(last=False)
        return bool(self._known)

    def asked_last(self, count: int) -> list[Question]:
        """What was asked last and could be prepared, the newest last."""
        understood = (
            question for question, prepared in reversed(self._known.items()) if isinstance(prepared, Prepared)
        )
        return list(islice(understood, count))[::-1]

    def _done(self, question: Question, done: asyncio.Future[Prepared | RequestErrors], seconds: float) -> None:
        if self._underway.get(question) is done:
            del self._underway[question]
        if not done.cancelled() and done.exception() is None:
            self._remember(question, done.result(), seconds)

    def _cost_of(
        self, document: DocumentNode, operation: OperationDefinitionNode
    ) -> OperationCost | RequestErrors | None:
        if self._costs is None:
            return None
        limits = self._cost_limits
        try:
            cost = self._costs.of(document, operation)
        except CostUncountable as problem:
            return refused(str(problem), "COST_QUERY_PARSE_FAILURE") if limits.mode == "enforce" else None
        if limits.mode == "enforce" and cost.fixed is not None and cost.fixed > limits.most:
            return too_expensive(cost.fixed, limits.most)
        return cost

    def _remember(self, question: Question, prepared: Prepared | RequestErrors, seconds: float) -> None:
        self._tell(question.query, prepared, seconds)
        if self._most > 0:
            self._known[question] = prepared
            if len(self._known) > self._most:
                self._known.popitem(last=False)

    def _prepare_in_turn(self, question: Question) -> Prepared | RequestErrors:
        is_alone = self._turn.acquire(timeout=PATIENCE)
        try:
            return self._prepare(question)
        finally:
            if is_alone:
                self._turn.release()

    def _prepare(self, question: Question) -> Prepared | RequestErrors:
        until = monotonic() + self._timeout
        try:
            document = unchained(parse(question.query, max_tokens=self._document_tokens))
        except GraphQLSyntaxError as error:
            if "tokens. Parsing aborted" in error.message:
                return refused(
                    f"The document has more than {self._document_tokens} tokens. "
                    "The limit is the setting limits.document_tokens of the gateway.",
                    "OPERATION_TOO_LARGE",
                )
            return request_errors([error], "GRAPHQL_PARSE_FAILED")
        except RecursionError:
            return refused("The document is nested too deeply.", "GRAPHQL_PARSE_FAILED")
        if (empty := _empty_selection(document)) is not None:
            return request_errors([empty], "GRAPHQL_PARSE_FAILED")
        operation = _operation(document, question.operation_name)
        if isinstance(operation, RequestErrors):
            return operation
        kind: OperationKind = operation.operation.value
        if kind not in self._supergraph.roots:
            return refused(f"Schema is not configured to execute {kind} operation.", "GRAPHQL_VALIDATION_FAILED")
        try:
            measures = measured(document)
            excesses = self._limits.excesses(measures) if self._limits.mode != "off" else []
            if excesses and self._limits.mode == "enforce":
                return RequestErrors(tuple(excesses))
            check_size(measures)
            if found := self._validator.errors(document):
                return request_errors(found, "GRAPHQL_VALIDATION_FAILED")
            cost = self._cost_of(document, operation)
            if isinstance(cost, RequestErrors):
                return cost
            if "@defer" in question.query:
                given = None if question.defers is None else dict(question.defers)
                document = with_active_defers(document, operation, given)
                operation = cast(OperationDefinitionNode, _operation(document, question.operation_name))
            labels = question.labels
            sources = self._sources.get(labels)
            if sources is None:
                sources = self._sources.setdefault(labels, Sources(self._supergraph, labels))
            plan = plan_operation(sources, self._schema, document, operation, until=until, unmet=question.unmet)
        except OperationTooLarge as error:
            return refused(str(error), "OPERATION_TOO_LARGE")
        except RecursionError:
            return refused("The operation is nested too deeply.", "OPERATION_TOO_LARGE")
        except CannotPlan as error:
            return refused(str(error), "CANNOT_PLAN")
        return Prepared(kind, plan, Shaping(plan.shape), tuple(excesses), cost)


def _empty_selection(document: DocumentNode) -> GraphQLError | None:
    """Braces that select nothing: GraphQL has no such thing (spec section 2.5), though graphql-core reads them."""
    left = [one for definition in document.definitions if (one := getattr(definition, "selection_set", None))]
    left.reverse()
    while left:
        node: SelectionSetNode = left.pop()
        if not node.selections:
            return GraphQLError("Syntax Error: Expected Name, found '}'.", node)
        left += [one for each in reversed(node.selections) if (one := getattr(each, "selection_set", None))]
    return None


def too_expensive(cost: float, most: float) -> RequestErrors:
    """What is said of an operation that would cost more than is allowed; the code is Apollo Router's."""
    error = refused(
        f"The operation would cost {cost:g}; at most {most:g} are allowed. Ask for shorter lists, or for less of each item. "
        "The limit is the setting cost.most of the gateway.",
        "COST_ESTIMATED_TOO_EXPENSIVE",
    )
    error.errors[0]["extensions"].update({"cost.estimated": cost, "cost.max": most})
    return error


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | RequestErrors:
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    code = "OPERATION_RESOLUTION_FAILURE"
    if name:
        for one in operations:
            if one.name and one.name.value == name:
                return one
        return refused(f'Unknown operation named "{name}".', code)
    if not operations:
        return refused("Must provide an operation.", code)
    if len(operations) > 1:
        return refused("Must provide operation name if query contains multiple operations.", code)
    return operations[0]


def refused(message: str, code: str) -> RequestErrors:
    """One error for a request that is not executed."""
    return RequestErrors(({"message": message, "extensions": {"code": code}},))


def request_errors(errors: Iterable[GraphQLError], code: str) -> RequestErrors:
    """These errors for a request that is not executed."""
    formatted = []
    for error in errors:
        one: dict[str, Any] = dict(error.formatted)
        one["extensions"] = {"code": code, **(one.get("extensions") or {})}
        formatted.append(one)
    return RequestErrors(tuple(formatted))
