"""What must hold for every schema, split and operation."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from typing import Any

from graphql import (
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    lexicographic_sort_schema,
    parse,
    print_type,
)

from gateway_graphql.composition.compose import CompositionResult, compose
from gateway_graphql.composition.subgraph import Subgraph
from gateway_graphql.execution.cost import CostLimits
from gateway_graphql.execution.gateway import Gateway, GraphQLRequest
from gateway_graphql.execution.operation_limits import OperationLimits
from tests.gateway_graphql.differential.data import EVENTS, Data, Thing
from tests.gateway_graphql.differential.drawing import Draw
from tests.gateway_graphql.differential.guards import draw_guards, guarded
from tests.gateway_graphql.differential.monolith import draw_monolith
from tests.gateway_graphql.differential.operations import Operation, draw_operation
from tests.gateway_graphql.differential.split import ABOVE, Cannot, Key, Piece, Split, draw_split
from tests.gateway_graphql.differential.subgraphs import Subgraphs

__all__ = ["OPERATIONS", "Example", "Tally", "draw_example", "examine"]

OPERATIONS = 4
UNLIMITED: Any = {"operation_limits": OperationLimits(mode="off"), "cost": CostLimits(mode="off")}
"""what is drawn need not be what a person would write"""
"""for each schema"""

UNUSED = Subgraph(
    "unused",
    "http://unused",
    "type Query { nobodyAsksThis: Unused } type Unused { x: Int } extend type Unused { y: Int }",
)


@dataclass
class Tally:
    """What became of the examples."""

    examples: int = 0
    composed: int = 0
    with_help: int = 0
    """those that composed once more keys were added"""
    operations: int = 0
    fetches: int = 0
    with_old: int = 0
    """those with subgraphs of Federation 1"""
    too_old: Counter[str] = field(default_factory=Counter)
    """codes of those that did not compose while they had such subgraphs"""
    with_context: int = 0
    """those with a field that takes an argument from above"""
    no_context: Counter[str] = field(default_factory=Counter)
    """codes of those that did not compose while they had such a field"""
    refused: Counter[str] = field(default_factory=Counter)
    """codes of those that did not compose"""

    def __str__(self) -> str:
        refused, too_old, no_context = (
            ", ".join(f"{code} {count}" for code, count in counter.most_common()) or "none"
            for counter in (self.refused, self.too_old, self.no_context)
        )
        return (
            f"{self.examples} examples, {self.composed} composed ({self.with_help} with more keys), "
            f"{self.with_old} with Federation 1 (too old: {too_old}), "
            f"{self.with_context} with a context (otherwise: {no_context}), "
            f"{self.operations} operations, {self.fetches} fetches; refused: {refused}"
        )


@dataclass(repr=False)
class Example:
    """One split schema with its operations."""

    split: Split
    subgraphs: list[Subgraph]
    supergraph_sdl: str
    api: GraphQLSchema
    """of the monolith"""
    operations: list[Operation]
    fragile: bool
    rearranged: bool
    """whether the subgraphs are composed once more, in another order and with one that nobody asks"""
    data: Data
    guards: frozenset[tuple[str, str]] = frozenset()
    """fields that nobody may see who is not known"""

    def __repr__(self) -> str:
        return "the example above"

    def __str__(self) -> str:
        parts = [f"# {one.name}\n{one.sdl}" for one in self.subgraphs]
        if self.guards:
            parts.append(f"guarded: {sorted(self.guards)}")
        parts += [f"labels on: {sorted(self.split.labels)}", f"fields fail: {self.fragile}"]
        return "\n\n".join(parts)


def draw_example(draw: Draw, tally: Tally) -> Example | None:
    """A schema with its split, if that composes."""
    tally.examples += 1
    schema = draw_monolith(draw)
    try:
        split = draw_split(draw, schema)
    except Cannot:
        return None
    result = _composed(split)
    old = [graph for graph in split.graphs.values() if graph.old]
    if not result.supergraph_sdl and old and _codes(result) != {"SATISFIABILITY_ERROR"}:
        tally.too_old.update(_codes(result))  # what several may have cannot be said in every way in the first version
        for graph in old:
            graph.old = False
        old = []
        result = _composed(split)
    if not result.supergraph_sdl and split.context:
        tally.no_context.update(_codes(result))
        split.context = None
        result = _composed(split)
    tally.with_old += bool(old)
    tally.with_context += bool(split.context)
    if not result.supergraph_sdl and _codes(result) == {"SATISFIABILITY_ERROR"}:
        _open_doors(split)
        result = _composed(split)
        tally.with_help += result.supergraph_sdl is not None
    if result.supergraph_sdl is None:
        tally.refused.update(_codes(result))
        return None
    tally.composed += 1
    visible = split.visible()
    api = build_schema(visible.sdl())
    operations = [draw_operation(draw, visible, api) for _ in range(draw.number(1, 2 * OPERATIONS))]
    fragile = draw.chance(0.35) and not split.promises_objects()
    data = Data(split, fragile=fragile)
    rearranged = draw.chance(0.1)
    guards = draw_guards(draw, visible)
    return Example(split, _subgraphs(split), result.supergraph_sdl, api, operations, fragile, rearranged, data, guards)


def examine(example: Example, tally: Tally) -> None:
    """Raise ``AssertionError`` for whatever does not hold."""
    subgraphs = Subgraphs(example.split, example.data)
    gateway = Gateway(
        example.supergraph_sdl,
        subgraphs,
        override_labels=lambda _: example.split.labels,
        request_timeout=10**6,
        **UNLIMITED,
    )
    assert _sorted(gateway.schema) == _sorted(example.api), (
        f"clients see another schema\n\n{_difference(example, gateway)}\n\n{example}"
    )
    if example.rearranged:
        _rearranged(example, gateway)
    with asyncio.Runner() as runner:
        for operation in example.operations:
            tally.operations += 1
            try:
                runner.run(_answers_the_same(example, gateway, subgraphs, operation))
                if operation.in_parts:
                    runner.run(_in_parts(example, gateway, subgraphs, operation, operation.in_parts))
                if operation is example.operations[0]:
                    runner.run(_asked_otherwise(gateway, subgraphs, operation))
                    runner.run(_with_gaps(example, gateway, subgraphs, operation))
            except AssertionError as error:
                raise AssertionError(f"{error}\n\n{example}\n\n{operation}\n\n{_plan(gateway, operation)}") from error
        if example.guards:
            runner.run(_guarded(example, subgraphs))
        tally.fetches += len(subgraphs.requests)


async def _guarded(example: Example, subgraphs: Subgraphs) -> None:
    """Whoever may not see some fields gets the answer in which they fail."""
    sdl = guarded(example.supergraph_sdl, example.guards)
    labels = example.split.labels
    gateway = Gateway(sdl, subgraphs, override_labels=lambda _: labels, request_timeout=10**6, **UNLIMITED)
    refused = frozenset(gateway.supergraph.requirements)
    assert example.guards <= refused, f"not guarded: {example.guards - refused}\n\n{example}"
    for operation in example.operations:
        answers = await _asked(gateway, subgraphs, operation)
        if operation.query.startswith("subscription") and len(answers) < EVENTS:
            continue  # the stream itself is refused
        try:
            for event, split in enumerate(answers):
                _is_the_same(split, *_whole(example, operation, event, refused), subgraphs)
        except AssertionError as error:
            plan = await gateway.prepared(GraphQLRequest(operation.query, variables=operation.variables))
            raise AssertionError(f"{error}\n\n{example}\n\n{operation}\n\n{getattr(plan, 'plan', plan)}") from error
    assert subgraphs.problems == [], "\n".join(subgraphs.problems) + f"\n\n{example}"


def _rearranged(example: Example, gateway: Gateway) -> None:
    """Neither the order of the subgraphs matters, nor one that nobody asks."""
    backwards = compose(example.subgraphs[::-1])
    assert backwards.supergraph_sdl == example.supergraph_sdl, f"the order of the subgraphs matters\n\n{example}"
    more = compose([*example.subgraphs, UNUSED])
    assert more.supergraph_sdl, f"one more is one too many: {more.errors}\n\n{example}"
    other = Gateway(
        more.supergraph_sdl,
        Subgraphs(example.split, example.data),
        override_labels=lambda _: example.split.labels,
        **UNLIMITED,
    )
    for operation in example.operations:
        plan, again = _plan(gateway, operation), _plan(other, operation)
        assert plan == again, f"one that nobody asks changes the plan:\n{plan}\n{again}\n\n{example}\n\n{operation}"


async def _answers_the_same(example: Example, gateway: Gateway, subgraphs: Subgraphs, operation: Operation) -> None:
    answers = await _asked(gateway, subgraphs, operation)
    assert subgraphs.problems == [], "\n".join(subgraphs.problems)
    expected = EVENTS if operation.query.startswith("subscription") else 1
    assert len(answers) == expected, f"{len(answers)} answers instead of {expected}: {answers}"
    for event, split in enumerate(answers):
        _is_the_same(split, *_whole(example, operation, event), subgraphs)


def _is_the_same(
    split: dict[str, Any], whole: Mapping[str, Any], mutations: Sequence[str], subgraphs: Subgraphs
) -> None:
    assert "data" in split, f"not executed: {split['errors']}"
    assert _text(split["data"]) == _text(whole["data"]), (
        f"gateway  {_text(split['data'])}\nmonolith {_text(whole['data'])}\n"
        f"errors   {_text(split.get('errors'))}\nmonolith {_text(whole.get('errors'))}"
    )
    assert _failures(split) == _failures(whole), (
        f"errors   {_text(split.get('errors'))}\nmonolith {_text(whole.get('errors'))}\ndata {_text(split['data'])}"
    )
    assert subgraphs.mutations == mutations, f"{subgraphs.mutations} instead of {mutations}"


async def _in_parts(example: Example, gateway: Gateway, subgraphs: Subgraphs, operation: Operation, query: str) -> None:
    """Put together, the parts are the monolith's answer; after errors, as much of it as there is."""
    whole, mutations = _whole(example, operation)
    subgraphs.mutations.clear()
    request = GraphQLRequest(query, variables=operation.variables)
    parts = [part async for part in gateway.execute_incrementally(request)]
    said = f"parts    {_text(parts)}\nmonolith {_text(whole)}"
    assert subgraphs.problems == [], "\n".join(subgraphs.problems)
    assert "data" in parts[0], f"not executed: {parts[0]['errors']}"
    assert [one.get("hasNext", False) for one in parts] == [True] * (len(parts) - 1) + [False], said
    data = parts[0]["data"]
    for one in (each for part in parts[1:] for each in part.get("incremental", ())):
        below = data
        for step in one["path"]:
            below = below[step]
        assert isinstance(below, dict), f"{one} is about nothing that was said\n{said}"
        _merge(below, one["data"] or {})
    assert subgraphs.mutations == mutations, f"{subgraphs.mutations} instead of {mutations}"
    assert _agree(data, whole["data"]) if whole.get("errors") else data == whole["data"], said
    told = [one for part in parts for each in (part, *part.get("incremental", ())) for one in each.get("errors", ())]
    lost = {_end(data, one) for one in whole.get("errors", ())} - {_end(data, one) for one in told}
    assert not lost, f"nobody is told of the errors at {lost}\n{said}"


def _end(data: Any, error: Mapping[str, Any]) -> tuple[str | int, ...]:
    """How far one gets on the path of an error."""
    path = tuple(error["path"])
    for length, step in enumerate(path):
        if data is None or (isinstance(data, dict) and step not in data):
            return path[:length]
        data = data[step]
    return path


def _merge(into: Any, more: Any) -> None:
    pairs = more.items() if isinstance(more, dict) else enumerate(more)
    for step, value in pairs:
        there = into[step] if isinstance(into, list) else into.get(step)
        if isinstance(there, dict | list) and isinstance(value, dict | list):
            _merge(there, value)
        else:
            into[step] = value


def _agree(one: Any, other: Any) -> bool:
    """Whether two answers say the same wherever both say something."""
    if one is None or other is None:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_agree(one[name], other[name]) for name in one.keys() & other.keys())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_agree, one, other))
    return bool(one == other)


async def _asked_otherwise(gateway: Gateway, subgraphs: Subgraphs, operation: Operation) -> None:
    """What must change nothing."""
    split = await _asked(gateway, subgraphs, operation)
    again = await _asked(gateway, subgraphs, operation)
    assert _data(again) == _data(split), "asked again, it answers differently"

    kind, _, rest = operation.query.partition(" ")
    head, brace, body = rest.partition("{") if not rest.startswith("Asked(") else _cut(rest)
    end = _closing(body)
    always = "" if kind == "subscription" else "@include(if: true)"  # a stream's root has no conditions
    wrapped = f"{kind} {head}{brace} ... on {kind.title()} {always} {{{body[:end]} }} {body[end:]}"
    inside = await _asked(gateway, subgraphs, Operation(wrapped, operation.variables))
    assert _data(inside) == _data(split), f"in a fragment it answers differently:\n{wrapped}"
    assert subgraphs.problems == [], "\n".join(subgraphs.problems)


async def _with_gaps(example: Example, gateway: Gateway, subgraphs: Subgraphs, operation: Operation) -> None:
    """Where entities are gone or a subgraph is down, nothing is said that is wrong, and every gap is explained."""
    if operation.query.startswith("subscription"):
        return
    whole, _ = _whole(example, operation)
    subgraphs.forgetful = True
    (split,) = await _asked(gateway, subgraphs, operation)
    subgraphs.forgetful = False
    said = f"gateway  {_text(split)}\nmonolith {_text(whole)}"
    assert _agree(split["data"], whole["data"]), f"with entities gone:\n{said}"
    _failures(split)
    for subgraphs.down in example.split.graphs:
        (split,) = await _asked(gateway, subgraphs, operation)
        said = f"gateway  {_text(split)}\nmonolith {_text(whole)}"
        assert _agree(split["data"], whole["data"]), f"without {subgraphs.down}:\n{said}"
        assert split.get("errors") or split["data"] == whole["data"], f"without {subgraphs.down}:\n{said}"
    subgraphs.down = None
    assert subgraphs.problems == [], "\n".join(subgraphs.problems)


def _cut(rest: str) -> tuple[str, str, str]:
    """The variable definitions may have braces, in default values."""
    depth = 0
    quoted = False
    for index, letter in enumerate(rest):
        if letter == '"' and rest[index - 1] != "\\":
            quoted = not quoted
        if quoted:
            continue
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == ")" and not depth:
            head, brace, body = rest[index + 1 :].partition("{")
            return rest[: index + 1] + head, brace, body
    raise AssertionError(rest)


def _closing(body: str) -> int:
    """Where the selection ends whose first brace was cut off."""
    document = parse("query {" + body)
    loc = document.definitions[0].loc
    assert loc
    return loc.end - len("query {") - 1


async def _asked(gateway: Gateway, subgraphs: Subgraphs, operation: Operation) -> list[dict[str, Any]]:
    """The answer; to a subscription, one for each event."""
    subgraphs.mutations.clear()
    request = GraphQLRequest(operation.query, variables=operation.variables)
    if not operation.query.startswith("subscription"):
        return [await gateway.execute(request)]
    return [event async for event in gateway.subscribe(request)]


def _whole(
    example: Example, operation: Operation, event: int = 0, refused: frozenset[tuple[str, str]] = frozenset()
) -> tuple[dict[str, Any], list[str]]:
    """The monolith's answer (of a stream: to this event), and the mutations in the order it ran them."""
    document = parse(operation.query, no_location=True)
    mutations: list[str] = []
    data = example.data

    def resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        if (info.parent_type.name, info.field_name) in refused:
            raise PermissionError
        thing, above = source or (Thing(info.parent_type.name, event), None)
        above = data.above(thing, above)
        if info.parent_type.name == "Mutation":
            mutations.append(f"{info.field_name} {json.dumps(arguments, sort_keys=True)}")
        field_ = data.schema.types[thing.type_name].fields[info.field_name]
        context = data.split.context
        if context and (thing.type_name, info.field_name) == (context.taker, context.field_name):
            arguments[ABOVE] = above
        return _below(data.value(thing, field_, arguments, data.required(thing, info.field_name)), above)

    result = execute_sync(
        example.api,
        document,
        variable_values=operation.variables,
        field_resolver=resolve,
        type_resolver=lambda source, *_: source[0].type_name,
    )
    formatted: dict[str, Any] = json.loads(json.dumps(result.formatted))
    return formatted, mutations


def _below(value: Any, above: Any) -> Any:
    """The objects of a value, each with what is said above it."""
    if isinstance(value, list):
        return [_below(one, above) for one in value]
    return (value, above) if isinstance(value, Thing) else value


def _failures(result: Mapping[str, Any]) -> set[tuple[str | int, ...]]:
    """
    The nulls that errors explain.

    Of fields that fail below the same null, one may be all that is told, and never asked is whatever is below it:
    so it is the null that counts.
    """
    found: set[tuple[str | int, ...]] = set()
    for error in result.get("errors", ()):
        value = result["data"]
        path = tuple(error.get("path") or ())
        for length, step in enumerate(path):
            if value is None:
                path = path[:length]
                break
            there = step in value if isinstance(value, dict) else step in range(len(value))
            assert there, f"an error at {path}, of which {value} has nothing"
            value = value[step]
        assert value is None, f"an error at {path}, where there is {value}"
        found.add(path)
    return found


def _data(answers: Sequence[Mapping[str, Any]]) -> str:
    return _text([one.get("data") for one in answers])


def _text(value: Any) -> str:
    return json.dumps(value)


def _sorted(schema: GraphQLSchema) -> str:
    """The types of a schema; the directives are the gateway's own."""
    types = lexicographic_sort_schema(schema).type_map
    return "\n\n".join(print_type(types[name]) for name in sorted(types) if not name.startswith("__"))


def _difference(example: Example, gateway: Gateway) -> str:
    return "\n".join(unified_diff(_sorted(example.api).splitlines(), _sorted(gateway.schema).splitlines(), "monolith"))


def _plan(gateway: Gateway, operation: Operation) -> str:
    prepared = gateway.prepare(GraphQLRequest(operation.query, variables=operation.variables))
    return str(getattr(prepared, "plan", prepared))


# -- composing


def _subgraphs(split: Split) -> list[Subgraph]:
    return [Subgraph(one.name, f"http://{one.name}", split.sdl_of(one)) for one in split.graphs.values()]


def _composed(split: Split) -> CompositionResult:
    return compose(_subgraphs(split))


def _codes(result: CompositionResult) -> set[str]:
    return {error.code for error in result.errors}


def _open_doors(split: Split) -> None:
    """Let everyone have and accept every entity's simplest key; who requires it from others cannot."""
    for graph in split.graphs.values():
        for part in graph.parts.values():
            if part.kind != "entity":
                continue
            for key in part.keys:
                key.resolvable = True
            there = part.pieces.get("id")
            if all(key.fields != "id" for key in part.keys) and not (there and there.external):
                part.keys.append(Key("id"))
                if there is None:
                    part.pieces["id"] = Piece(split.monolith.types[part.name].fields["id"])
