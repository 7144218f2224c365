"""From drafts to the requests as they are sent; entity requests to one subgraph at one time go out as one."""

from __future__ import annotations

from collections.abc import Iterable

from graphql import OperationDefinitionNode, parse, print_ast

from gateway_graphql.planning.build import Draft
from gateway_graphql.planning.conditions import NEVER, Condition, either
from gateway_graphql.planning.introspection import variables_in
from gateway_graphql.planning.plan import EntityCall, Fetch, Target
from gateway_graphql.supergraph.model import Supergraph

__all__ = ["fetches_of"]


def fetches_of(
    drafts: Iterable[Draft], operation: OperationDefinitionNode, supergraph: Supergraph
) -> tuple[Fetch, ...]:
    """The requests of a plan, in an order in which each comes after what it waits for."""
    groups: dict[object, list[Draft]] = {}
    for draft in sorted(drafts, key=lambda one: one.depth):
        together = (draft.graph, draft.depth) if draft.mode == "entities" else id(draft)
        groups.setdefault(together, []).append(draft)
    number = {draft: index for index, group in enumerate(groups.values()) for draft in group}
    internal = _unused("_r", operation)
    return tuple(
        _fetch(index, group, number, operation, supergraph, internal) for index, group in enumerate(groups.values())
    )


def _unused(name: str, operation: OperationDefinitionNode) -> str:
    taken = {one.variable.name.value for one in operation.variable_definitions or ()}
    while any(one.startswith(name) for one in taken):
        name = f"_{name}"
    return name


def _fetch(
    index: int,
    group: list[Draft],
    number: dict[Draft, int],
    operation: OperationDefinitionNode,
    supergraph: Supergraph,
    internal: str,
) -> Fetch:
    draft = group[0]
    calls: tuple[EntityCall, ...] = ()
    condition = draft.selection.condition()
    if draft.mode == "entities":
        calls = _calls(group, internal)
        condition = NEVER
        for call in calls:
            condition = either(condition, call.condition)
        selection = " ".join(
            (f"{call.response_key}: " if call.response_key != "_entities" else "")
            + f"_entities(representations: ${call.variable}) {{ {call.selection} }}"
            for call in calls
        )
    else:
        selection = draft.selection.print(condition)
    used = variables_in(parse(f"{{ {selection} }}", no_location=True))
    internals = tuple(call.variable for call in calls)
    declared = [f"${name}: [_Any!]!" for name in internals]
    declared += [print_ast(one) for one in operation.variable_definitions or () if one.variable.name.value in used]
    graph = supergraph.graphs[draft.graph]
    return Fetch(
        id=index,
        graph=graph.id,
        subgraph=graph.name,
        url=graph.url,
        kind=draft.kind,
        document=f"{draft.kind}{'(' + ', '.join(declared) + ')' if declared else ''} {{ {selection} }}",
        variables=tuple(name for name in used if name not in internals),
        depends_on=frozenset(number[one] for each in group for one in each.depends_on),
        condition=condition,
        path=draft.path,
        merge={} if calls else draft.selection.merge_tree(),
        calls=calls,
        selection=selection,
    )


def _calls(group: list[Draft], internal: str) -> tuple[EntityCall, ...]:
    """One call for all drafts that ask the same, else one for each."""
    alike: dict[tuple[str, Condition], list[Draft]] = {}
    for draft in group:
        alike.setdefault((draft.selection.print_entity(draft.condition), draft.condition), []).append(draft)
    several = len(alike) > 1
    return tuple(
        EntityCall(
            response_key=f"_e{index}" if several else "_entities",
            variable=f"{internal}{index}" if several else internal,
            targets=tuple(Target(one.path, dict(one.templates)) for one in drafts),
            merge=drafts[0].selection.merge_tree(),
            selection=text,
            condition=condition,
        )
        for index, ((text, condition), drafts) in enumerate(alike.items())
    )
