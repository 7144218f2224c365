"""The whole way from an operation to its plan, on one page."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from math import inf
from typing import Any, Literal

from graphql import (
    DirectiveLocation,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    Token,
    TokenKind,
    VariableDefinitionNode,
)

from gateway_graphql.planning.build import Builder, CannotPlan, Draft
from gateway_graphql.planning.conditions import NEVER, but_not, either
from gateway_graphql.planning.contexts import need_contexts
from gateway_graphql.planning.deferral import blocks_of
from gateway_graphql.planning.documents import custom_directives, fetches_of, unused
from gateway_graphql.planning.introspection import introspection_part
from gateway_graphql.planning.normalize import Normalizer
from gateway_graphql.planning.operation import Need, Position, TypeClass
from gateway_graphql.planning.plan import Fetch, Plan
from gateway_graphql.planning.shape import shape_of
from gateway_graphql.planning.size import OperationTooLarge
from gateway_graphql.planning.slots import Scope
from gateway_graphql.planning.solve import Solver
from gateway_graphql.planning.sources import Sources
from gateway_graphql.supergraph.requirements import Requirement

__all__ = ["CannotPlan", "plan_operation"]

TIMES_WHOLE = 5
"""how many times as many requests are drafted, at most, to see whether a plan of whole fields is smaller than one in parts"""


def plan_operation(
    sources: Sources,
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    *,
    until: float = inf,
    unmet: frozenset[Requirement] = frozenset(),
) -> Plan:
    """
    Plan one operation of a valid document.

    ``sources`` are those of the supergraph with the override labels that are on; keep them, they remember.
    ``schema`` is the API schema the document was validated on. ``until``: when to give up, on the monotonic clock.
    ``unmet``: what the caller does not meet; nothing that asks for it is fetched.
    """
    supergraph = sources.supergraph
    kind: Literal["query", "mutation", "subscription"] = operation.operation.value
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    of_fragments = custom_directives(schema, DirectiveLocation.INLINE_FRAGMENT)
    normalizer = Normalizer(supergraph, fragments, of_fragments, unmet)
    root = normalizer.operation(supergraph.roots[kind], operation.selection_set)
    scope = Scope(supergraph)
    scope.reserve(root)
    deferred = (
        blocks_of(normalizer, scope, schema, supergraph.roots[kind], operation.selection_set)
        if normalizer.defers
        else ()
    )
    initial = normalizer.initial(supergraph.roots[kind], operation.selection_set) if deferred else None

    solver = Solver(sources, normalizer, until)
    drafts = _drafts(root, scope, Builder(solver, kind, unused("_c", operation)))
    fetches = fetches_of(drafts, operation, supergraph, schema)
    if solver.parted:
        # How many requests go out together is only known when all are there: mostly there are fewer in parts, but not always.
        with suppress(OperationTooLarge):
            solver = Solver(sources, normalizer, until, may_part=False)
            builder = Builder(solver, kind, unused("_c", operation), most_drafts=TIMES_WHOLE * len(drafts))
            whole = fetches_of(_drafts(root, scope, builder), operation, supergraph, schema)
            fetches = min(fetches, whole, key=_size)
    introspection = introspection_part(document, operation)
    return Plan(
        kind=kind,
        fetches=fetches,
        shape=shape_of(root, scope, supergraph, schema),
        variables=tuple(map(_alone, operation.variable_definitions or ())),
        primary=next((one.id for one in fetches if one.kind == "subscription"), None),
        introspection=introspection,
        deferred=deferred,
        initial=shape_of(initial, scope, supergraph, schema) if initial else None,
        requirements=frozenset(normalizer.requirements),
    )


def _size(fetches: Sequence[Fetch]) -> tuple[int, int]:
    """How many requests there are, and how many wait for one another."""
    stages: dict[int, int] = {}
    for one in fetches:
        stages[one.id] = 1 + max((stages[other] for other in one.depends_on), default=0)
    return len(fetches), max(stages.values(), default=0)


def _alone(definition: VariableDefinitionNode) -> VariableDefinitionNode:
    """Without the document around it: a place in a text knows its token, and each token the next."""
    nodes: list[Any] = [definition]
    while nodes:
        node = nodes.pop()
        if isinstance(node, tuple):
            nodes += node
        elif isinstance(node, Node):
            if node.loc is not None:
                node.loc.start_token = node.loc.end_token = Token(TokenKind.SOF, node.loc.start, node.loc.end, 0, 0)
            nodes += [getattr(node, key) for key in node.keys]
    return definition


def _drafts(root: Position, scope: Scope, builder: Builder) -> list[Draft]:
    solver, kind = builder.solver, builder.kind
    if not root.classes or all(need.name.startswith("__") for need in root.classes[0].needs):
        return []
    if kind == "query":
        need_contexts(root, solver.normalizer)
        solution = solver.solve(root, ())
        if solution is None:
            raise CannotPlan(_blame(root, solver))
        builder.root(solution, scope, set())
        return builder.drafts

    # One root field at a time, each asked of one subgraph, and each waiting for all that was before it.
    # Neighbours share a request while nothing had to follow the first of them.
    open_request: Draft | None = None
    after: set[Draft] = set()
    asked: set[str | None] = set()
    for need in _in_order(root.classes[0].needs):
        if need.name.startswith("__"):
            continue
        if need.response_key in asked:
            open_request = None  # in one request it would run where it stands first
        asked.add(need.response_key)
        alone = Position(root.type_name, False, (TypeClass(root.classes[0].types, (need,)),), False)
        need_contexts(alone, solver.normalizer)
        # What contexts take from a mutation is another field, which another subgraph may have.
        solution = solver.solve(alone, (), only_one=len(alone.classes[0].needs) == 1)
        if solution is None:
            raise CannotPlan(_blame(alone, solver))
        graphs = {stop.graph for stop in solution.classes[0].stops}
        onto = open_request if open_request is not None and {open_request.graph} == graphs else None
        before = len(builder.drafts)
        if onto is None:
            after = set(builder.drafts)
        builder.root(solution, scope, after, onto)
        added = builder.drafts[before:]
        if onto is None:
            open_request = added[0] if len(added) == 1 else None
        elif added:
            open_request = None
    return builder.drafts


def _in_order(needs: Sequence[Need]) -> list[Need]:
    """
    Mutations in the order they run.

    One that stands in several places runs at the first of them that counts. Where others may come in between, it
    becomes several, each for when none before it counted.
    """
    if len(needs) < 2:
        return list(needs)
    placed: list[tuple[int, Need]] = []
    for need in needs:
        so_far = NEVER
        for at, when in need.occurrences:
            here = but_not(when, so_far)
            if here != NEVER:
                placed.append((at, replace(need, condition=here)))
            so_far = either(so_far, when)
    ordered: list[Need] = []
    for _, need in sorted(placed, key=lambda pair: pair[0]):
        before = ordered[-1] if ordered else None
        if before is not None and before.response_key == need.response_key:
            ordered[-1] = replace(need, condition=either(before.condition, need.condition))
        else:
            ordered.append(need)
    return ordered


def _blame(position: Position, solver: Solver) -> str:
    """Name the first field that cannot be reached on its own."""
    for type_class in position.classes:
        for need in type_class.needs:
            if need.name.startswith("__"):
                continue
            alone = Position(position.type_name, position.abstract, (TypeClass(type_class.types, (need,)),), False)
            if solver.solve(alone, (), only_one=position.type_name != solver.supergraph.roots.get("query")) is None:
                return f"There is no way to get everything that is asked below {position.type_name}.{need.name}."
    return f"There is no way to get everything that is asked of {position.type_name}."
