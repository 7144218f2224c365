"""
The strict subgraphs of a split, in process.

Each validates every document on its own schema, refuses fields that are somebody else's unless it provides them just
here, and computes ``@requires`` fields from nothing but the representation.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from gateway_graphql.execution.errors import SubgraphUnreachable
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from tests.gateway_graphql.differential.data import EVENTS, OBJECTS, Broken, Data, Thing, field_set
from tests.gateway_graphql.differential.split import ROOTS, Graph, Piece, Split

__all__ = ["Subgraphs"]


@dataclass(frozen=True)
class Met:
    """An object as a subgraph met it."""

    thing: Thing
    sent: Mapping[str, Any] | None = None
    """the representation, if it was entered by one"""
    provided: tuple[SelectionSetNode, ...] = ()
    """what is provided of it here"""


@dataclass
class Subgraphs:
    """The client of a gateway: answers for all subgraphs, and remembers everything that was asked wrongly."""

    split: Split
    data: Data
    problems: list[str] = field(default_factory=list)
    requests: list[SubgraphRequest] = field(default_factory=list)
    mutations: list[str] = field(default_factory=list)
    down: str | None = None
    """the subgraph that does not answer"""
    forgetful: bool = False
    """whether some entities are not known any more where they are looked up"""
    event: int = 0
    """the number of the event that a stream is at"""
    _documents: dict[tuple[str, str], DocumentNode] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.schemas: dict[str, GraphQLSchema] = {
            graph.name: build_schema(self.split.sdl_of(graph, federated=False)) for graph in self.split.graphs.values()
        }

    async def fetch(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """A strict subgraph's answer."""
        self.requests.append(request)
        graph = self.split.graphs[request.subgraph]
        if graph.name == self.down:
            raise SubgraphUnreachable(graph.name, "down")
        schema = self.schemas[graph.name]
        document = self._valid(graph, request.document)
        variables = json.loads(json.dumps(dict(request.variables)))
        result = execute_sync(
            schema,
            document,
            variable_values=variables,
            field_resolver=lambda source, info, **arguments: self._resolve(graph, source, info, arguments),
            type_resolver=lambda value, *_: self._type_in(graph, value),
        )
        for error in result.errors or ():
            if not isinstance(error.original_error, Broken):
                self.problems.append(f"{graph.name}: {error.message} in {request.document}")
        answer: dict[str, Any] = json.loads(json.dumps(result.formatted))
        return answer

    def _valid(self, graph: Graph, text: str) -> DocumentNode:
        """The document; what is wrong with it is a problem, the first time."""
        if (graph.name, text) not in self._documents:
            self._documents[graph.name, text] = document = parse(text)
            self.problems += [
                f"{graph.name}: {error.message}" for error in validate(self.schemas[graph.name], document)
            ]
        return self._documents[graph.name, text]

    async def subscribe(self, request: SubgraphRequest) -> AsyncIterator[Mapping[str, Any]]:
        """A stream of a few events."""
        for self.event in range(EVENTS):
            yield await self.fetch(request)

    def _type_in(self, graph: Graph, met: Met) -> str:
        if met.thing.type_name in graph.parts:
            return met.thing.type_name
        return next(
            name
            for name in self.split.monolith.types[met.thing.type_name].interfaces
            if name in graph.parts and graph.parts[name].interface_object
        )

    def _resolve(self, graph: Graph, source: Any, info: GraphQLResolveInfo, arguments: dict[str, Any]) -> Any:
        name = info.field_name
        if name == "_entities":
            sent = arguments["representations"]
            if len({_compact(one) for one in sent}) < len(sent):
                self.problems.append(f"{graph.name} was sent a representation twice: {_compact(sent)}")
            return [self._entity(graph, one) for one in sent]
        parent = info.parent_type.name
        parent = next((one for one in ROOTS if graph.local(one) == parent), parent)
        met = source if isinstance(source, Met) else Met(Thing(parent, self.event if parent == "Subscription" else 0))
        if parent == "Mutation":
            self.mutations.append(f"{name} {json.dumps(arguments, sort_keys=True)}")
        where = f"{graph.name} was asked for {parent}.{name}"
        piece = graph.parts[parent].pieces[name]
        provided = [one for each in met.provided if (one := self._within(met.thing, each, name)) is not None]
        if not self.split.resolves(piece) and not provided:
            self.problems.append(f"{where}, which is not its own")
        known = self.data.required(met.thing, name)
        required = self._required(where, piece, met, known) if piece.requires and not provided else known
        thing = met.thing
        field_ = self.split.monolith.types[thing.type_name].fields[name]
        inner = tuple(one for one in provided if one.selections)
        if piece.provides:
            inner += (field_set(piece.provides),)
        return self._met(self.data.value(thing, field_, arguments, required), inner)

    def _required(self, where: str, piece: Piece, met: Met, known: Any) -> Any:
        assert piece.requires
        if met.sent is None:
            if self._at_hand(met, field_set(piece.requires)):
                return known
            self.problems.append(f"{where} without what it requires")
            return None
        sent = self._extracted(met.sent, field_set(piece.requires))
        if _compact(sent) != _compact(known):
            self.problems.append(f"{where} with {_compact(sent)}, but it is {_compact(known)}")
        return sent

    def _at_hand(self, met: Met, required: SelectionSetNode) -> bool:
        """Whether what is required was provided when the object was handed out."""
        return bool(met.provided) and all(
            isinstance(one, FieldNode)
            and any(self._within(met.thing, each, one.name.value) is not None for each in met.provided)
            for one in required.selections
        )

    def _met(self, value: Any, provided: tuple[SelectionSetNode, ...]) -> Any:
        if isinstance(value, list):
            return [self._met(one, provided) for one in value]
        return Met(value, provided=provided) if isinstance(value, Thing) else value

    def _within(self, thing: Thing, selections: SelectionSetNode, name: str) -> SelectionSetNode | None:
        """What is selected below a field in a field set; empty below a leaf, ``None`` if the field is not there."""
        for one in selections.selections:
            if isinstance(one, FieldNode) and one.name.value == name:
                return one.selection_set or SelectionSetNode(selections=())
            if isinstance(one, InlineFragmentNode) and self.data.applies(one, thing.type_name):
                found = self._within(thing, one.selection_set, name)
                if found is not None:
                    return found
        return None

    def _entity(self, graph: Graph, sent: Mapping[str, Any]) -> Met | None:
        part = graph.parts.get(sent.get("__typename", ""))
        found: set[Thing] = set()
        for key in part.keys if part else ():
            selection = field_set(key.fields)
            if not key.resolvable or any(one.name.value not in sent for one in selection.selections):  # type: ignore[attr-defined]
                continue
            wanted = _compact(self._extracted(sent, selection))
            things = [
                Thing(name, number)
                for name in self.split.monolith.possible(sent["__typename"])
                for number in range(OBJECTS)
            ]
            found |= {thing for thing in things if _compact(self.data.selected(thing, selection)) == wanted}
        if len(found) != 1:
            self.problems.append(f"{graph.name} finds {len(found)} objects for {json.dumps(sent)}")
            return None
        thing = found.pop()
        return None if self.forgetful and thing.number == OBJECTS - 1 else Met(thing, sent)

    def _extracted(self, sent: Any, selections: SelectionSetNode) -> Any:
        """The part of a representation that a field set names."""
        if isinstance(sent, list):
            return [self._extracted(one, selections) for one in sent]
        if not isinstance(sent, Mapping):
            return sent
        found: dict[str, Any] = {}
        for one in selections.selections:
            if isinstance(one, FieldNode):
                name = one.name.value
                if name not in sent:
                    found[name] = "<missing>"
                    continue
                found[name] = self._extracted(sent[name], one.selection_set) if one.selection_set else sent[name]
            elif isinstance(one, InlineFragmentNode) and self.data.applies(one, sent.get("__typename")):
                found.update(self._extracted(sent, one.selection_set))
        return found


def _compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
