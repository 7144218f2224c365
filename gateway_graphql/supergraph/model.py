"""The supergraph as frozen values, with the tables that planning looks things up in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from graphql import DocumentNode, TypeNode

from gateway_graphql.supergraph.field_sets import FieldSet
from gateway_graphql.supergraph.requirements import Requirement, requirements_by_field

__all__ = ["ContextArgument", "Field", "FieldSource", "Graph", "Key", "Kind", "Supergraph", "Type", "TypeInGraph"]

Kind = Literal["object", "interface", "union", "scalar", "enum", "input"]


@dataclass(frozen=True, slots=True)
class Graph:
    """One subgraph. ``id`` is its value in ``join__Graph``, ``name`` is what people call it."""

    id: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Key:
    """The fields by which a subgraph knows an entity."""

    fields: FieldSet
    resolvable: bool = True
    """whether the subgraph can be entered by it; if not, it only says which fields are there to leave with"""


@dataclass(frozen=True, slots=True)
class ContextArgument:
    """An argument that a subgraph fills from an object above (``@fromContext``); the client never sees it."""

    name: str
    type: str
    context: str
    selection: FieldSet


@dataclass(frozen=True, slots=True)
class FieldSource:
    """What one subgraph says about a field."""

    graph: str
    type: TypeNode
    type_name: str
    """the named type there; it may be narrower than the supergraph's"""
    requires: FieldSet | None = None
    provides: FieldSet | None = None
    external: bool = False
    """declared there, resolved elsewhere (unless it is provided on the way)"""
    overridden: bool = False
    """taken over by another subgraph, and still declared"""
    label: str | None = None
    """progressive override: resolved here or there depending on the label"""
    overrides: bool = False
    """with a label: this is the new home, used while the label is on"""
    context_arguments: tuple[ContextArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object type or interface."""

    name: str
    type: TypeNode
    type_name: str
    sources: Mapping[str, FieldSource]
    """by graph; empty when the field comes to the type through an interface object"""
    requirements: frozenset[Requirement] = frozenset()
    """what stands on the field itself; :meth:`Supergraph.requirements` is all that must be met"""


@dataclass(frozen=True, slots=True)
class TypeInGraph:
    """What one subgraph says about a type."""

    keys: tuple[Key, ...] = ()
    interface_object: bool = False


@dataclass(frozen=True, slots=True)
class Type:
    """A type of the supergraph."""

    name: str
    kind: Kind
    graphs: Mapping[str, TypeInGraph]
    fields: Mapping[str, Field] = field(default_factory=dict)
    interfaces: frozenset[tuple[str, str]] = frozenset()
    """(graph, interface) pairs"""
    members: frozenset[tuple[str, str]] = frozenset()
    """(graph, object type) pairs of a union"""
    contexts: frozenset[str] = frozenset()
    inaccessible: bool = False
    requirements: frozenset[Requirement] = frozenset()


@dataclass(frozen=True)
class Supergraph:
    """Everything the planner knows."""

    graphs: Mapping[str, Graph]
    types: Mapping[str, Type]
    roots: Mapping[str, str]
    """operation kind to type name: ``{"query": "Query"}``"""
    document: DocumentNode
    """the SDL it was read from"""

    @cached_property
    def labels(self) -> frozenset[str]:
        """Every label of a progressive override; which of them are on is decided per request."""
        return frozenset(
            source.label
            for type_ in self.types.values()
            for field_ in type_.fields.values()
            for source in field_.sources.values()
            if source.label
        )

    @cached_property
    def requirements(self) -> Mapping[tuple[str, str], frozenset[Requirement]]:
        """What a caller must meet to see a field: by object type and field, without those that ask for nothing."""
        return requirements_by_field(self)

    @cached_property
    def _possible(self) -> dict[str, tuple[str, ...]]:
        possible: dict[str, dict[str, None]] = {}
        for type_ in self.types.values():
            if type_.kind == "object":
                possible.setdefault(type_.name, {})[type_.name] = None
                for _, interface in type_.interfaces:
                    possible.setdefault(interface, {})[type_.name] = None
            elif type_.kind == "union":
                known = possible.setdefault(type_.name, {})
                for _, member in sorted(type_.members, key=lambda pair: pair[1]):
                    known[member] = None
        return {name: tuple(sorted(types)) for name, types in possible.items()}

    def possible_types(self, name: str) -> tuple[str, ...]:
        """The object types an object of this type can be, in the whole graph, sorted."""
        return self._possible.get(name, ())

    @cached_property
    def _local(self) -> dict[tuple[str, str], frozenset[str]]:
        local: dict[tuple[str, str], set[str]] = {}
        for type_ in self.types.values():
            if type_.kind == "object":
                for graph in type_.graphs:
                    local.setdefault((graph, type_.name), set()).add(type_.name)
                for graph, interface in type_.interfaces:
                    if graph in type_.graphs:  # some composers say of others what they implement elsewhere
                        local.setdefault((graph, interface), set()).add(type_.name)
            for graph, member in type_.members:
                if graph in self.types[member].graphs:
                    local.setdefault((graph, type_.name), set()).add(member)
        return {key: frozenset(types) for key, types in local.items()}

    def local_types(self, graph: str, name: str) -> frozenset[str]:
        """The object types an object of this type can be in one subgraph."""
        return self._local.get((graph, name), frozenset())

    @cached_property
    def _memberships(self) -> dict[str, frozenset[tuple[str, str]]]:
        of: dict[str, set[tuple[str, str]]] = {}
        for (graph, name), types in self._local.items():
            if self.types[name].kind != "object":
                for type_name in types:
                    of.setdefault(type_name, set()).add((graph, name))
        return {name: frozenset(pairs) for name, pairs in of.items()}

    def memberships(self, name: str) -> frozenset[tuple[str, str]]:
        """Every (graph, abstract type) an object type belongs to."""
        return self._memberships.get(name, frozenset())

    @cached_property
    def _interface_objects(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for interface in self.types.values():
            for graph, here in interface.graphs.items():
                if here.interface_object:
                    for name in self.possible_types(interface.name):
                        found[graph, name] = interface.name
        return found

    @property
    def has_interface_objects(self) -> bool:
        """Whether some subgraph hands out objects without knowing their types."""
        return bool(self._interface_objects)

    def interface_object(self, graph: str, name: str) -> str | None:
        """The interface object that stands for the object type ``name`` in ``graph``, if there is one."""
        return self._interface_objects.get((graph, name))

    def is_interface_object(self, graph: str, name: str) -> bool:
        """Whether ``graph`` has the interface ``name`` as an object, not knowing what implements it."""
        here = self.types[name].graphs.get(graph)
        return bool(here and here.interface_object)

    @cached_property
    def contexts(self) -> frozenset[str]:
        """Every context that an argument is taken from."""
        fields = (field for type_ in self.types.values() for field in type_.fields.values())
        sources = (source for field in fields for source in field.sources.values())
        return frozenset(one.context for source in sources for one in source.context_arguments)

    @cached_property
    def _contexts_of(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for name, type_ in self.types.items():
            said = type_.contexts.union(*(self.types[other].contexts for _, other in self.memberships(name)))
            if said & self.contexts:
                found[name] = said & self.contexts
        return found

    def contexts_of(self, name: str) -> frozenset[str]:
        """The contexts that an object type sets, by itself or as one of an interface or union, and that anybody uses."""
        return self._contexts_of.get(name, frozenset())

    def is_abstract(self, name: str) -> bool:
        """Whether ``name`` is an interface or a union."""
        return self.types[name].kind in ("interface", "union")

    def is_composite(self, name: str) -> bool:
        """Whether ``name`` has fields to select."""
        type_ = self.types.get(name)
        return type_ is not None and type_.kind in ("object", "interface", "union")
