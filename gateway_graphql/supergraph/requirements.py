"""
What the supergraph asks of a caller: ``@authenticated``, ``@requiresScopes`` and ``@policy``, by field.

The question is always whether an object's field may be seen. So everything a type asks is asked by each of its fields,
and a field that is computed from others (``@requires``, ``@fromContext``) asks what they ask: it would give them away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from graphql import DocumentNode, FieldNode, InlineFragmentNode, SelectionSetNode, value_from_ast_untyped

from gateway_graphql.supergraph.links import linked_specs, local_name

if TYPE_CHECKING:
    from gateway_graphql.supergraph.model import Supergraph, Type

__all__ = ["Requirement", "RequirementReader", "requirements_by_field"]

_None: frozenset[Requirement] = frozenset()


@dataclass(frozen=True, slots=True, order=True)
class Requirement:
    """
    One directive as it stands somewhere.

    ``any_of``: scopes or policies; one of the groups is enough, and all of a group are needed for it. No group at all
    asks for nothing, as Apollo has it.
    """

    kind: Literal["authenticated", "scopes", "policies"]
    any_of: tuple[tuple[str, ...], ...] = ()

    def met_by(self, names: frozenset[str]) -> bool:
        """Whether these scopes (or policies that said yes) are enough."""
        return not self.any_of or any(names.issuperset(group) for group in self.any_of)

    def __str__(self) -> str:
        if self.kind == "authenticated":
            return "a caller who is known"
        word = "scope" if self.kind == "scopes" else "policy"
        return " or ".join(f"{word} {' and '.join(group)}" for group in self.any_of if group) or "nothing"


class RequirementReader:
    """Reads the directives of one document, whatever it calls them."""

    def __init__(self, document: DocumentNode) -> None:
        specs = linked_specs(document)  # a directive of the same name without the link is somebody else's
        names = {spec: local_name(document, spec, spec) for spec in ("authenticated", "requiresScopes", "policy")}
        self._authenticated = names["authenticated"] if "authenticated" in specs else None
        kinds: dict[str, Literal["scopes", "policies"]] = {"requiresScopes": "scopes", "policy": "policies"}
        self._groups = {names[spec]: kind for spec, kind in kinds.items() if spec in specs}

    def of(self, node: Any) -> frozenset[Requirement]:
        """What stands on a definition."""
        found = set()
        for directive in node.directives or ():
            name = directive.name.value
            if name == self._authenticated:
                found.add(Requirement("authenticated"))
            elif name in self._groups:
                kind = self._groups[name]
                said = next((one.value for one in directive.arguments or () if one.name.value == kind), None)
                groups = value_from_ast_untyped(said) if said is not None else ()
                # A list of one may be written without its brackets, at both levels.
                outer = groups if isinstance(groups, list) else [groups]
                any_of = (tuple(sorted(one if isinstance(one, list) else [one])) for one in outer)
                found.add(Requirement(kind, tuple(sorted(any_of))))
        return frozenset(found)


def requirements_by_field(supergraph: Supergraph) -> Mapping[tuple[str, str], frozenset[Requirement]]:
    """(object type, field) → all that must be met; fields that ask for nothing are not in it."""
    if not any(one.requirements for one in supergraph.types.values()) and not any(
        field.requirements for one in supergraph.types.values() for field in one.fields.values()
    ):
        return {}
    return _Table(supergraph).of_all()


class _Table:
    def __init__(self, supergraph: Supergraph) -> None:
        self.graph = supergraph
        self._known: dict[tuple[str, str], frozenset[Requirement]] = {}

    def of_all(self) -> dict[tuple[str, str], frozenset[Requirement]]:
        everything = {
            (name, field): self.of(name, field)
            for name, type_ in self.graph.types.items()
            if type_.kind == "object"
            for field in type_.fields
        }
        return {place: asked for place, asked in everything.items() if asked}

    def of(self, type_name: str, field_name: str) -> frozenset[Requirement]:
        place = (type_name, field_name)
        if place not in self._known:
            self._known[place] = _None  # what it is computed from may lead back to it
            self._known[place] = self._of(type_name, field_name)
        return self._known[place]

    def _of(self, type_name: str, field_name: str) -> frozenset[Requirement]:
        type_ = self.graph.types[type_name]
        field = type_.fields[field_name]
        asked = self._of_type(type_) | field.requirements | self._of_value(field.type_name)
        for interface in self._interfaces(type_):
            if field_name in interface.fields:
                implementing = [
                    self.graph.types[one].fields[field_name].requirements
                    for one in self.graph.possible_types(interface.name)
                    if field_name in self.graph.types[one].fields
                ]
                asked |= _of_its_own(interface.fields[field_name].requirements, implementing)
        for source in field.sources.values():
            if source.requires is not None:
                asked |= self._of_selections((type_name,), source.requires.selections)
            for argument in source.context_arguments:
                setters = tuple(name for name, one in self.graph.types.items() if argument.context in one.contexts)
                for name in setters:
                    possible = self.graph.possible_types(name)
                    asked |= self._of_selections(possible, argument.selection.selections)
        return asked

    def _of_type(self, type_: Type) -> frozenset[Requirement]:
        asked = type_.requirements
        for interface in self._interfaces(type_):
            implementing = [self.graph.types[one].requirements for one in self.graph.possible_types(interface.name)]
            asked |= _of_its_own(interface.requirements, implementing)
        return asked

    def _of_value(self, type_name: str) -> frozenset[Requirement]:
        """What a field asks because of the type of its value: of an abstract one, what all asks that it can be."""
        possible = self.graph.possible_types(type_name)
        if possible:
            first, *others = (self._of_type(self.graph.types[one]) for one in possible)
            return first.intersection(*others)
        type_ = self.graph.types.get(type_name)  # None: a scalar that every GraphQL server has
        return type_.requirements if type_ else _None

    def _interfaces(self, type_: Type) -> Iterator[Type]:
        for name in sorted({name for _, name in type_.interfaces}):
            if name in self.graph.types:
                yield self.graph.types[name]

    def _of_selections(self, types: tuple[str, ...], selections: SelectionSetNode) -> frozenset[Requirement]:
        asked: set[Requirement] = set()
        for node in selections.selections:
            if isinstance(node, FieldNode):
                for name in types:
                    field = self.graph.types[name].fields.get(node.name.value)
                    if field is None:
                        continue
                    asked |= self.of(name, field.name)
                    if node.selection_set is not None:
                        asked |= self._of_selections(self.graph.possible_types(field.type_name), node.selection_set)
            elif isinstance(node, InlineFragmentNode):
                within = types
                if node.type_condition is not None:
                    possible = self.graph.possible_types(node.type_condition.name.value)
                    within = tuple(name for name in types if name in possible)
                asked |= self._of_selections(within, node.selection_set)
        return frozenset(asked)


def _of_its_own(
    of_interface: frozenset[Requirement], implementing: list[frozenset[Requirement]]
) -> frozenset[Requirement]:
    """
    What an interface asks and does not have from its implementations.

    A composer gives it all that they ask, together; each of them asks its own part already. What none of them has
    a directive for can only be meant for all.
    """
    kinds = {one.kind for said in implementing for one in said}
    return frozenset(one for one in of_interface if one.kind not in kinds)
