"""What every part of the merge works on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graphql import (
    BooleanValueNode,
    ConstListValueNode,
    ConstObjectFieldNode,
    ConstObjectValueNode,
    ConstValueNode,
    EnumValueNode,
    NameNode,
    StringValueNode,
)

from gateway_graphql.composition.diagnostics import Findings
from gateway_graphql.composition.link import Link
from gateway_graphql.composition.model import Applied, Directives, FieldModel, SchemaModel, TypeModel
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["ComposedLink", "Merging", "Source", "constant", "graph_names", "names_of"]


@dataclass(frozen=True)
class Source:
    """A field where one subgraph has it."""

    subgraph: ReadSubgraph
    type: TypeModel
    field: FieldModel

    @property
    def name(self) -> str:
        """The subgraph's name."""
        return self.subgraph.name

    @property
    def external(self) -> bool:
        """Only mentioned there; somebody else resolves it."""
        return self.subgraph.externals.is_external(self.type.name, self.field.name)

    @property
    def fully_external(self) -> bool:
        """External, and not even provided."""
        return self.subgraph.externals.is_fully_external(self.type.name, self.field.name)

    @property
    def used(self) -> bool:
        """Something in that subgraph needs the field to stay."""
        return self.subgraph.externals.is_used(self.type.name, self.field.name)

    @property
    def shareable(self) -> bool:
        """Whether others may resolve it as well."""
        key_field = f"{self.type.name}.{self.field.name}" in self.subgraph.externals.used_by_key
        return self.field.has("shareable") or key_field


@dataclass(frozen=True)
class ComposedLink:
    """A link that the supergraph needs for directives that were kept."""

    link: Link
    imports: tuple[tuple[str, str], ...]


@dataclass
class Merging:
    """The subgraphs in the order of their names, and what has been made of them so far."""

    subgraphs: Sequence[ReadSubgraph]
    findings: Findings
    merged: SchemaModel = field(default_factory=SchemaModel)
    graphs: dict[str, str] = field(default_factory=dict)
    """subgraph → its name in the enum ``join__Graph``"""
    features: set[str] = field(default_factory=set)
    """directives that the supergraph has to define and link"""
    renamed: dict[str, str] = field(default_factory=dict)
    """directives of specifications that all subgraphs know under another name"""
    composed_links: list[ComposedLink] = field(default_factory=list)
    """what to link for them"""
    composed: dict[str, set[str]] = field(default_factory=dict)
    """custom directives to keep → the subgraphs that want them kept"""

    def having(self, name: str) -> list[tuple[ReadSubgraph, TypeModel]]:
        """The subgraphs that have the type, each with its own idea of it; the merged kind, once there is one."""
        having = [(s, s.schema.types[name]) for s in self.subgraphs if name in s.schema.types]
        merged = self.merged.types.get(name)
        return having if merged is None else [(s, t) for s, t in having if t.merged_kind == merged.kind]

    def join(self, target: Directives, directive: str, subgraph: str | None, **arguments: object) -> None:
        """Apply one of the join directives; ``None`` and ``False`` arguments are left out."""
        values: dict[str, ConstValueNode] = {}
        if subgraph is not None:
            values["graph"] = EnumValueNode(value=self.graphs[subgraph])
        for name, value in arguments.items():
            if value is not None:
                values[name] = constant(value)
        target.directives.append(Applied(f"join__{directive}", values))


def constant(value: object) -> ConstValueNode:
    """A Python value as a constant in SDL."""
    match value:
        case bool():
            return BooleanValueNode(value=value)
        case str():
            return StringValueNode(value=value)
        case dict():
            return ConstObjectValueNode(
                fields=tuple(ConstObjectFieldNode(name=NameNode(value=k), value=constant(v)) for k, v in value.items())
            )
        case list() | tuple():
            return ConstListValueNode(values=tuple(constant(v) for v in value))
        case _:
            return value  # type: ignore[return-value]


def names_of(sources: Iterable[Source]) -> list[str]:
    """The subgraphs of some sources."""
    return [s.name for s in sources]


def graph_names(subgraphs: Sequence[str]) -> dict[str, str]:
    """
    A name for the enum ``join__Graph`` for each subgraph, unique and valid whatever the subgraphs are called.

    A name that already ends in a number gets an underscore, so that numbering equal names cannot meet another one.
    """
    names: dict[str, str] = {}
    by_enum: dict[str, list[str]] = {}
    for subgraph in subgraphs:
        enum = re.sub(r"\W", "_", subgraph.upper(), flags=re.ASCII)
        if enum[:1].isdigit():
            enum = f"_{enum}"
        if re.search(r"_\d+$", enum):
            enum = f"{enum}_"
        by_enum.setdefault(enum, []).append(subgraph)
    for enum, same in by_enum.items():
        for number, subgraph in enumerate(same, 1):
            names[subgraph] = enum if len(same) == 1 else f"{enum}_{number}"
    return names
