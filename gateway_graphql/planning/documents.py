"""From drafts to the requests as they are sent; entity requests to one subgraph at one time go out as one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations, islice, permutations

from graphql import DirectiveLocation, GraphQLSchema, OperationDefinitionNode, print_ast

from gateway_graphql.planning.build import AT_ONCE, Draft
from gateway_graphql.planning.conditions import NEVER, Condition, but_not, either
from gateway_graphql.planning.plan import EntityCall, Fetch, Target
from gateway_graphql.planning.variables import variables_in
from gateway_graphql.supergraph.model import Supergraph

__all__ = ["document_of", "entities_of", "fetches_of", "unused", "with_other_contexts"]

MOST_PAIRS = 300
"""of how many pairs of requests it is tried whether the one may wait for the other"""


def fetches_of(
    drafts: Iterable[Draft], operation: OperationDefinitionNode, supergraph: Supergraph, schema: GraphQLSchema
) -> tuple[Fetch, ...]:
    """The requests of a plan, in an order in which each comes after what it waits for."""
    waiting = list(drafts)
    if any(len(place) > 1 for place in _places(waiting)):
        waiting = _brought_together(_asked_once(waiting))
    groups = _grouped(waiting)
    number = {draft: index for index, group in enumerate(groups.values()) for draft in group}
    internal = unused("_r", operation)
    return tuple(
        _fetch(index, group, number, operation, supergraph, schema, internal)
        for index, group in enumerate(groups.values())
    )


def _grouped(drafts: Iterable[Draft]) -> dict[object, list[Draft]]:
    """One group for each request: entities that go to a subgraph at the same time go together."""
    groups: dict[object, list[Draft]] = {}
    for draft in sorted(drafts, key=lambda one: one.depth):
        together = (draft.graph, draft.depth, draft.group) if draft.mode == "entities" else id(draft)
        groups.setdefault(together, []).append(draft)
    return _gathered(groups)


def _asked_once(drafts: list[Draft]) -> list[Draft]:
    """Fewer requests: what is asked of some objects of a place is left out where the same is asked of all of them."""
    instead: dict[Draft, Draft] = {}
    for place in _places(drafts):
        for narrow, wide in permutations(place, 2):
            if not instead.keys() & {narrow, wide} and wide.depth <= narrow.depth and _is_part_of(narrow, wide):
                wide.blocks |= narrow.blocks
                instead = {one: wide if other is narrow else other for one, other in instead.items()} | {narrow: wide}
    if not instead:
        return drafts
    kept = [one for one in drafts if one not in instead]
    for one in sorted(kept, key=lambda one: one.depth):
        one.depends_on = {instead.get(other, other) for other in one.depends_on}
        one.depth = 1 + max((other.depth for other in one.depends_on), default=-1)
    return kept


def _is_part_of(narrow: Draft, wide: Draft) -> bool:
    """Whether whoever makes the one request of a place has no need of the other; what waits for it is of later objects."""
    return (
        narrow.types == wide.types
        and not (narrow.contexts or wide.contexts)
        and all(
            there.types is None or (here.types is not None and here.types <= there.types)
            for here, there in zip(narrow.path, wide.path, strict=True)
        )
        and all(wide.templates.get(name, wide.templates.get(None)) == one for name, one in narrow.templates.items())
        and but_not(narrow.condition, wide.condition) == NEVER
        and wide.selection.covers(narrow.selection)
        and not _waits_for(narrow, wide)
    )


def _places(drafts: list[Draft]) -> Iterable[list[Draft]]:
    """The entities that a subgraph is asked for in one place, those first that are asked for early."""
    places: dict[object, list[Draft]] = {}
    for draft in sorted(drafts, key=lambda one: one.depth):
        if draft.mode == "entities":
            place = (draft.graph, draft.group, tuple(step.slot for step in draft.path))
            places.setdefault(place, []).append(draft)
    return places.values()


def _brought_together(drafts: list[Draft]) -> list[Draft]:
    """
    Fewer requests: what is asked early of some objects of a place waits until the same subgraph is asked of the others.

    Only where that leaves fewer requests in all, for what waits for the early ones comes later as well.
    """
    pairs = (pair for place in _places(drafts) for pair in combinations(place, 2))
    for early, late in islice(pairs, MOST_PAIRS):
        if early.depth < late.depth and not _waits_for(late, early):
            before, depths = len(_grouped(drafts)), {one: one.depth for one in drafts}
            early.depth = late.depth
            for one in sorted(drafts, key=depths.__getitem__):
                one.depth = max(one.depth, 1 + max((other.depth for other in one.depends_on), default=-1))
            if len(_grouped(drafts)) >= before:
                for one, depth in depths.items():
                    one.depth = depth
    return drafts


def _waits_for(draft: Draft, other: Draft) -> bool:
    before = set(draft.depends_on)
    queue = list(before)
    while queue:
        new = queue.pop().depends_on - before
        before |= new
        queue += new
    return other in before


def _gathered(groups: dict[object, list[Draft]]) -> dict[object, list[Draft]]:
    """Fewer requests: one for entities that nothing waits for goes out with the next to the same subgraph."""
    awaited = {other for group in groups.values() for one in group for other in one.depends_on}
    gathered: dict[object, list[Draft]] = {}
    last: dict[object, list[Draft]] = {}
    for together, group in reversed(groups.items()):
        draft = group[0]
        later = last.get((draft.graph, draft.group))
        if draft.mode == "entities" and later is not None and awaited.isdisjoint(group):
            later[:0] = group
            continue
        if draft.mode == "entities":
            last[draft.graph, draft.group] = group
        gathered[together] = group
    return dict(reversed(gathered.items()))


def custom_directives(schema: GraphQLSchema, location: DirectiveLocation) -> frozenset[str]:
    """The directives that may stand here in subgraph documents: those that all subgraphs define, for this place."""
    return frozenset(
        one.name
        for one in schema.directives
        if location in one.locations and one.name not in ("skip", "include", "defer")
    )


def document_of(
    kind: str, calls: Iterable[EntityCall], selection: str, declared: Iterable[str], directives: str = ""
) -> str:
    """The document of a request, with all that it declares."""
    variables = [
        text
        for call in calls
        for text in (f"${call.variable}: [_Any!]!", *(f"${name}: {type_}" for name, type_ in call.contexts.items()))
    ]
    variables += declared
    return f"{kind}{'(' + ', '.join(variables) + ')' if variables else ''}{directives} {{ {selection} }}"


def entities_of(calls: Iterable[EntityCall]) -> str:
    """The ``_entities`` fields of a request."""
    return " ".join(
        (f"{call.response_key}: " if call.response_key != "_entities" else "")
        + f"_entities(representations: ${call.variable}) {{ {call.selection} }}"
        for call in calls
    )


def unused(name: str, operation: OperationDefinitionNode) -> str:
    """The name, with as many underscores in front that no variable of the client begins like it."""
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
    schema: GraphQLSchema,
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
        selection = entities_of(calls)
        asked = " ".join(call.selection for call in calls)
    else:
        selection = asked = draft.selection.print(condition)
    directives = _of_operation(operation, draft.kind, schema)
    used = variables_in(directives + asked)
    internals = {name for call in calls for name in call.contexts}
    declared = tuple(print_ast(one) for one in operation.variable_definitions or () if one.variable.name.value in used)
    graph = supergraph.graphs[draft.graph]
    return Fetch(
        id=index,
        graph=graph.id,
        subgraph=graph.name,
        url=graph.url,
        kind=draft.kind,
        document=document_of(draft.kind, calls, selection, declared, directives),
        variables=tuple(name for name in used if name not in internals),
        depends_on=frozenset(number[one] for each in group for one in each.depends_on),
        condition=condition,
        path=draft.path,
        merge={} if calls else draft.selection.merge_tree(),
        calls=calls,
        selection=selection,
        declared=declared,
        directives=directives,
        blocks=AT_ONCE
        if all(each.blocks == AT_ONCE for each in group)
        else frozenset().union(*(one.blocks for one in group)),
    )


def _of_operation(operation: OperationDefinitionNode, kind: str, schema: GraphQLSchema) -> str:
    """The custom directives of the client's operation, as they go on to every request of a kind that they may stand on."""
    if not operation.directives:
        return ""
    allowed = custom_directives(schema, DirectiveLocation(kind))
    return "".join(f" {print_ast(one)}" for one in operation.directives if one.name.value in allowed)


def _calls(group: list[Draft], internal: str) -> tuple[EntityCall, ...]:
    """One call for all drafts that ask the same, else one for each."""
    alike: dict[tuple[str, Condition], list[Draft]] = {}
    for draft in group:
        alike.setdefault((draft.selection.print_entity(draft.condition), draft.condition), []).append(draft)
    several = len(alike) > 1
    calls: list[EntityCall] = []
    for index, ((text, condition), drafts) in enumerate(alike.items()):
        call = EntityCall(
            response_key=f"_e{index}" if several else "_entities",
            variable=f"{internal}{index}" if several else internal,
            targets=tuple(Target(one.path, dict(one.templates), dict(one.contexts)) for one in drafts),
            merge=drafts[0].selection.merge_tree(),
            selection=text,
            condition=condition,
            contexts=dict(drafts[0].context_types),
        )
        # What is above may say something else here.
        calls.append(with_other_contexts(call, f"_e{index}") if index else call)
    return tuple(calls)


def with_other_contexts(call: EntityCall, suffix: str) -> EntityCall:
    """The same call with variables of its own for what comes from contexts."""
    if not call.contexts:
        return call
    names = {name: f"{name}{suffix}" for name in call.contexts}
    return replace(
        call,
        targets=tuple(
            replace(one, contexts={names[name]: source for name, source in one.contexts.items()})
            for one in call.targets
        ),
        selection=re.sub(r"\$(\w+)", lambda found: f"${names.get(found[1], found[1])}", call.selection),
        contexts={names[name]: type_ for name, type_ in call.contexts.items()},
    )
