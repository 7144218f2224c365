"""A subgraph: as it is handed in, and as it was understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.externals import Externals, external_fields
from gateway_graphql.composition.link import Links
from gateway_graphql.composition.model import SchemaModel

__all__ = ["ENTITY_FIELDS", "ENTITY_TYPES", "ReadSubgraph", "Subgraph"]

ENTITY_FIELDS = frozenset({"_entities", "_service"})
"""the fields of the query root by which gateways ask a subgraph for its entities and its SDL"""
ENTITY_TYPES = frozenset({"_Any", "_Entity", "_Service"})
"""the types of these fields"""


@dataclass(frozen=True)
class Subgraph:
    """One of the graphs to compose: who it is, where it answers, and its SDL."""

    name: str
    url: str
    sdl: str

    @classmethod
    def from_sdl(cls, name: str, sdl: str, url: str = "") -> Subgraph:
        """A subgraph whose SDL is at hand; the URL may come later, as routing configuration."""
        return cls(name, url, sdl)


@dataclass
class ReadSubgraph:
    """A subgraph that was parsed, its links resolved and its names made those of the specifications."""

    name: str
    url: str
    schema: SchemaModel
    links: Links
    used: Mapping[str, str] = field(default_factory=dict)
    """the directives of specifications that it applies somewhere → what it calls them"""
    taken_roots: Sequence[Diagnostic] = ()
    """other types than the roots that are called like one"""
    places: Mapping[str, Set[str]] = field(default_factory=dict)
    """directives of specifications that it defines itself → where it allows them"""
    borrowed_types: Sequence[Diagnostic] = ()
    """where something is of a type that is no type of the subgraph"""
    of_specifications: Set[str] = ENTITY_TYPES
    """the types that are there for its gateway alone, or that a specification may have one day"""

    @property
    def federation_1(self) -> bool:
        """Whether it was written for the first version of federation, and upgraded."""
        return self.links.federation is None

    def keep_to_itself(self) -> None:
        """Forget what is between the subgraph and its gateway: checked like all the rest, it is no part of a supergraph."""
        for name in self.of_specifications:
            self.schema.types.pop(name, None)
        for name in ENTITY_FIELDS:
            self.schema.types["Query"].fields.pop(name, None)

    @cached_property
    def externals(self) -> Externals:
        """Which of its fields another subgraph resolves. Ask only once the schema is complete."""
        return external_fields(self.schema)
