"""
A small world with made-up data, answered twice: by one schema, and by strict subgraphs that split it.

Every value is worked out of its object and its field, so both sides agree without sharing a store. The
subgraphs are strict: they validate every document on their own schema, refuse fields that are somebody
else's, and compute ``@requires`` fields from nothing but the representation.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    REMOVE,
    FieldDefinitionNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    TypeDefinitionNode,
    Visitor,
    build_schema,
    execute_sync,
    parse,
    print_ast,
    validate,
    value_from_ast_untyped,
    visit,
)

from gateway_graphql.execution.subgraph_client import SubgraphRequest
from gateway_graphql.supergraph.api_schema import api_schema
from gateway_graphql.supergraph.field_sets import FieldSet
from gateway_graphql.supergraph.model import Field, Supergraph
from gateway_graphql.supergraph.read import read_supergraph

OBJECTS = 4
"""of each type"""


class Broken(Exception):
    """What a fragile field raises."""


@dataclass(frozen=True)
class Thing:
    """An object of the world."""

    type_name: str
    number: int


@dataclass(frozen=True)
class Seen:
    """An object as a subgraph met it: with the representation, if it was entered by one."""

    thing: Thing
    sent: Mapping[str, Any] | None = None


@dataclass
class World:
    """The data of one supergraph, and everything that a subgraph was asked wrongly."""

    sdl: str
    labels: frozenset[str] = frozenset()
    fragile: bool = False
    """whether some fields raise, the same ones on both sides"""
    problems: list[str] = field(default_factory=list)
    requests: list[SubgraphRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.supergraph: Supergraph = read_supergraph(self.sdl)
        self.api: GraphQLSchema = api_schema(self.sdl)
        self.key_fields = {
            selected
            for type_ in self.supergraph.types.values()
            for here in type_.graphs.values()
            for key in here.keys
            for selected in _names(key.fields.selections, deep=True)
        }
        self.sent_fields = self.key_fields | {
            selected
            for type_ in self.supergraph.types.values()
            for field_ in type_.fields.values()
            for source in field_.sources.values()
            if source.requires
            for selected in _names(source.requires.selections, deep=True)
        }
        self.enums = {
            name: sorted(type_.values)
            for name, type_ in self.api.type_map.items()
            if isinstance(type_, GraphQLEnumType)
        }
        self.provided = {graph: self._provided(graph) for graph in self.supergraph.graphs}
        self.known = {graph: self._known(graph) for graph in self.supergraph.graphs}
        self.schemas = {graph: self._schema_of(graph) for graph in self.supergraph.graphs}

    # -- data

    def value(self, thing: Thing, name: str, arguments: Mapping[str, Any], sent: Any = None) -> Any:
        """What a field of a thing is worth. ``sent``: what its ``@requires`` says."""
        field_ = self.supergraph.types[thing.type_name].fields[name]
        said = "".join((json.dumps(arguments, sort_keys=True) if arguments else "", json.dumps(sent) if sent else ""))
        if self.fragile and self._breaks(thing, name):
            raise Broken(f"{thing.type_name}.{name} of {thing.number} is broken")
        return self._value(thing, field_, field_.type, said, 0)

    def _breaks(self, thing: Thing, name: str) -> bool:
        return (
            thing.type_name not in self.supergraph.roots.values()
            and name not in self.sent_fields
            and zlib.crc32(f"{thing.type_name}.{name}.{thing.number}".encode()) % 7 == 0
        )

    def _value(self, thing: Thing, field_: Field, type_: Any, said: str, position: int) -> Any:
        seed = zlib.crc32(f"{thing.type_name}.{field_.name}.{thing.number}.{said}.{position}".encode())
        kind = type(type_).__name__
        if kind == "NonNullTypeNode":
            return self._present(thing, field_, type_.type, said, position, seed)
        is_key = field_.name in self.key_fields
        if not is_key and seed % 9 == 0:
            return None
        return self._present(thing, field_, type_, said, position, seed)

    def _present(self, thing: Thing, field_: Field, type_: Any, said: str, position: int, seed: int) -> Any:
        if type(type_).__name__ == "ListTypeNode":
            return [
                self._value(thing, field_, type_.type, said, position * 10 + index) for index in range(1, 1 + seed % 4)
            ]
        name = field_.type_name
        if self.supergraph.is_composite(name):
            types = self._types_of(field_)
            if name in self.supergraph.roots.values():
                return Thing(name, 0)
            return Thing(types[seed % len(types)], seed % OBJECTS) if types else None
        if name in ("ID", "String"):
            return f"{thing.type_name}.{field_.name}.{thing.number}{said}{position or ''}"
        if name == "Int":
            return thing.number * 1000 + seed % 1000
        if name == "Float":
            return thing.number * 1000 + seed % 1000 + 0.5
        if name == "Boolean":
            return seed % 2 == 0
        if name in self.enums:
            return self.enums[name][seed % len(self.enums[name])]
        return {"__typename": "Nonsense", "of": [thing.number, {"deep": None}]}

    def _types_of(self, field_: Field) -> list[str]:
        """Types that everyone who answers the field can answer."""
        types = set(self.supergraph.possible_types(field_.type_name))
        for graph, source in field_.sources.items():
            if not self.supergraph.is_interface_object(graph, source.type_name):
                types &= self.supergraph.local_types(graph, source.type_name)
        return sorted(name for name in types if not self.supergraph.types[name].inaccessible)

    def selected(self, thing: Thing, selections: SelectionSetNode) -> dict[str, Any]:
        """A field set of a thing, as the data have it."""
        found: dict[str, Any] = {}
        for one in selections.selections:
            if isinstance(one, FieldNode):
                if one.name.value == "__typename":
                    continue
                arguments = {each.name.value: value_from_ast_untyped(each.value) for each in one.arguments or ()}
                value = self.value(thing, one.name.value, arguments, self._required(thing, one.name.value))
                found[one.name.value] = self._deep(value, one.selection_set)
            elif isinstance(one, InlineFragmentNode) and (
                one.type_condition is None
                or thing.type_name in self.supergraph.possible_types(one.type_condition.name.value)
            ):
                found.update(self.selected(thing, one.selection_set))
        return found

    def _deep(self, value: Any, selections: SelectionSetNode | None) -> Any:
        if isinstance(value, list):
            return [self._deep(one, selections) for one in value]
        if isinstance(value, Thing) and selections:
            return self.selected(value, selections)
        return value

    def _required(self, thing: Thing, name: str) -> Any:
        for graph in self.supergraph.graphs:
            source = self.source(graph, thing.type_name, name)
            if source is not None and source.requires is not None:
                return self._canonical(self.selected(thing, source.requires.selections), source.requires)
        return None

    def source(self, graph: str, type_name: str, name: str) -> Any:
        """What a subgraph says about a field, also through an interface object."""
        types = self.supergraph.types
        if graph not in types[type_name].graphs:
            interface = self.supergraph.interface_object(graph, type_name)
            if interface is None:
                return None
            type_name = interface
        field_ = types[type_name].fields.get(name)
        return field_.sources.get(graph) if field_ else None

    # -- the one schema

    def whole(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer of one schema that has everything."""

        def resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
            thing = source or Thing(info.parent_type.name, 0)
            return self.value(thing, info.field_name, arguments, self._required(thing, info.field_name))

        result = execute_sync(
            self.api,
            parse(query),
            variable_values=dict(variables or {}),
            field_resolver=resolve,
            type_resolver=lambda value, *_: value.type_name,
        )
        return dict(result.formatted)

    # -- the subgraphs

    async def fetch(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """A strict subgraph's answer."""
        self.requests.append(request)
        graph = next(one.id for one in self.supergraph.graphs.values() if one.name == request.subgraph)
        schema = self.schemas[graph]
        document = parse(request.document)
        if errors := validate(schema, document):
            self.problems += [f"{request.subgraph}: {error.message} in {request.document}" for error in errors]
        variables = json.loads(json.dumps(dict(request.variables)))

        def resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
            return self._resolve(graph, source, info, arguments)

        result = execute_sync(
            schema,
            document,
            variable_values=variables,
            field_resolver=resolve,
            type_resolver=lambda value, info, _: self._type_in(graph, value),
        )
        for error in result.errors or ():
            if not isinstance(error.original_error, Broken):
                self.problems.append(f"{request.subgraph}: {error.message} in {request.document}")
        return json.loads(json.dumps(result.formatted))

    async def subscribe(self, request: SubgraphRequest) -> AsyncIterator[Mapping[str, Any]]:
        """A strict subgraph's stream: the same answer twice."""
        for _ in range(2):
            yield await self.fetch(request)

    def _type_in(self, graph: str, seen: Seen) -> str:
        name = seen.thing.type_name
        if graph in self.supergraph.types[name].graphs:
            return name
        return self.supergraph.interface_object(graph, name) or name

    def _resolve(self, graph: str, source: Any, info: GraphQLResolveInfo, arguments: Mapping[str, Any]) -> Any:
        name = info.field_name
        if name == "_entities":
            return [self._entity(graph, one) for one in arguments["representations"]]
        if source is None or (isinstance(source, Seen) and source.thing.type_name in self.supergraph.roots.values()):
            seen = Seen(Thing(info.parent_type.name, source.thing.number if source else 0))
        else:
            seen = source
        said = self.source(graph, seen.thing.type_name, name)
        moved = said.overrides != (said.label in self.labels) if said.label else said.overridden
        if moved:
            self.problems.append(f"{graph} was asked for {info.parent_type.name}.{name}, which was taken over")
        if said.external and name not in self.known[graph]:
            self.problems.append(f"{graph} was asked for its external {info.parent_type.name}.{name}")
        sent = None
        if said.requires is not None:
            if seen.sent is None and _names(said.requires.selections) <= self.provided[graph]:
                sent = self._required(seen.thing, name)
            elif seen.sent is None:
                self.problems.append(f"{graph} was asked for {info.parent_type.name}.{name} without what it requires")
            else:
                sent = self._canonical(seen.sent, said.requires)
        return _seen(self.value(seen.thing, name, arguments, sent))

    def _known(self, graph: str) -> set[str]:
        """Names of external fields that a subgraph may know: parts of its keys, and what it provides."""
        field_sets = [
            key.fields
            for type_ in self.supergraph.types.values()
            if graph in type_.graphs
            for key in type_.graphs[graph].keys
        ]
        return {name for one in field_sets for name in _names(one.selections, deep=True)} | self.provided[graph]

    def _provided(self, graph: str) -> set[str]:
        """Names of external fields that a subgraph provides somewhere."""
        field_sets = [
            provides
            for type_ in self.supergraph.types.values()
            for field_ in type_.fields.values()
            if graph in field_.sources and (provides := field_.sources[graph].provides)
        ]
        return {name for one in field_sets for name in _names(one.selections, deep=True)}

    def _entity(self, graph: str, sent: Mapping[str, Any]) -> Seen | None:
        name = sent["__typename"]
        here = self.supergraph.types[name].graphs.get(graph)
        for key in here.keys if here else ():
            if key.resolvable and all(part in sent for part in _names(key.fields.selections)):
                for type_name in self.supergraph.possible_types(name):
                    for number in range(OBJECTS):
                        thing = Thing(type_name, number)
                        known = self._canonical(self.selected(thing, key.fields.selections), key.fields)
                        if known == self._canonical(sent, key.fields):
                            return Seen(thing, sent)
        self.problems.append(f"{graph} cannot find {json.dumps(sent)}")
        return None

    def _canonical(self, value: Mapping[str, Any], fields: FieldSet) -> str:
        """Only what a field set selects, as text that can be compared."""

        def cut(value: Any, selections: SelectionSetNode | None) -> Any:
            if isinstance(value, list):
                return [cut(one, selections) for one in value]
            if not isinstance(value, Mapping) or selections is None:
                return value
            cut_down: dict[str, Any] = {}
            for one in selections.selections:
                if isinstance(one, FieldNode):
                    if one.name.value in value and one.name.value != "__typename":
                        cut_down[one.name.value] = cut(value[one.name.value], one.selection_set)
                elif isinstance(one, InlineFragmentNode) and (
                    one.type_condition is None
                    or value.get("__typename") in (None, *self.supergraph.possible_types(one.type_condition.name.value))
                ):
                    cut_down.update(cut(value, one.selection_set))
            return cut_down

        return json.dumps(cut(value, fields.selections), sort_keys=True)

    def _schema_of(self, graph: str) -> GraphQLSchema:
        parts: list[str] = ["scalar _Any"]
        entities = []
        for definition in self.supergraph.document.definitions:
            if not isinstance(definition, TypeDefinitionNode):
                continue
            type_ = self.supergraph.types.get(definition.name.value)
            if type_ is None or graph not in type_.graphs:
                continue
            here = type_.graphs[graph]
            if type_.kind in ("object", "interface"):
                kind = "type" if type_.kind == "object" or here.interface_object else "interface"
                interfaces = sorted(name for at, name in type_.interfaces if at == graph)
                implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
                nodes: dict[str, FieldDefinitionNode] = {one.name.value: one for one in definition.fields}  # type: ignore[attr-defined]
                fields = [
                    f"{name}{_arguments(nodes[name])}: {print_ast(one.sources[graph].type)}"
                    for name, one in type_.fields.items()
                    if graph in one.sources
                ]
                if any(key.resolvable for key in here.keys) and kind == "type":
                    entities.append(type_.name)
                if type_.name == self.supergraph.roots["query"]:
                    fields.append("_entities(representations: [_Any!]!): [_Entity]!")
                if fields:
                    parts.append(f"{kind} {type_.name}{implements} {{ {' '.join(fields)} }}")
            elif type_.kind == "union":
                members = sorted(name for at, name in type_.members if at == graph)
                parts.append(f"union {type_.name} = {' | '.join(members)}")
            else:
                parts.append(_plain(definition))
        text = "\n".join(parts)
        if f"type {self.supergraph.roots['query']}" not in text:
            text += f"\ntype {self.supergraph.roots['query']} {{ _entities(representations: [_Any!]!): [_Entity]! }}"
        text += f"\nunion _Entity = {' | '.join(entities)}" if entities else "\ntype _Entity { none: Int }"
        return build_schema(text)


def _names(selections: SelectionSetNode, *, deep: bool = False) -> set[str]:
    names: set[str] = set()
    for one in selections.selections:
        if isinstance(one, FieldNode):
            if one.name.value != "__typename":
                names.add(one.name.value)
            if deep and one.selection_set:
                names |= _names(one.selection_set, deep=True)
        elif isinstance(one, InlineFragmentNode):
            names |= _names(one.selection_set, deep=deep)
    return names


def _seen(value: Any) -> Any:
    if isinstance(value, list):
        return [_seen(one) for one in value]
    return Seen(value) if isinstance(value, Thing) else value


def _arguments(node: FieldDefinitionNode) -> str:
    if not node.arguments:
        return ""
    return "(" + ", ".join(_plain(one) for one in node.arguments) + ")"


def _plain(node: Any) -> str:
    """A definition without its directives."""

    class WithoutDirectives(Visitor):
        def enter_directive(self, *_: Any) -> Any:
            return REMOVE

    return print_ast(visit(node, WithoutDirectives()))
