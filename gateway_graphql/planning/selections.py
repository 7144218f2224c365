"""A selection on one subgraph, gathered field by field for each type, and printed as short as it goes."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway_graphql.planning.conditions import ALWAYS, NEVER, Condition, but_not, either
from gateway_graphql.planning.operation import TYPENAME, Need
from gateway_graphql.planning.plan import MergeTree
from gateway_graphql.supergraph.model import Supergraph

__all__ = ["ENTITY", "Selection"]

ENTITY = "_Entity"
"""the union of all entities that a subgraph can be asked for"""


@dataclass(slots=True)
class _Picked:
    slot: str
    need: Need
    condition: Condition
    child: Selection | None

    def covers(self, other: _Picked) -> bool:
        return (
            (self.slot, self.need.arguments_text) == (other.slot, other.need.arguments_text)
            and but_not(other.condition, self.condition) == NEVER
            and (other.child is None or (self.child is not None and self.child.covers(other.child)))
        )


@dataclass(slots=True)
class Selection:
    """What is asked of an object that the subgraph declares as ``type_name``."""

    supergraph: Supergraph
    graph: str
    type_name: str
    typename: bool = False
    """whether to ask for ``__typename``"""
    _picked: dict[tuple[tuple[str, ...], str], _Picked] = field(default_factory=dict)

    def pick(
        self, types: tuple[str, ...], slot: str, need: Need, condition: Condition, child_type: str | None
    ) -> Selection | None:
        """Ask for a field of objects of these types; the selection below it, if it has one."""
        key = (types, slot)
        picked = self._picked.get(key)
        if picked is None:
            child = None if child_type is None else Selection(self.supergraph, self.graph, child_type)
            picked = self._picked[key] = _Picked(slot, need, condition, child)
        else:
            picked.condition = either(picked.condition, condition)
        return picked.child

    def covers(self, other: Selection) -> bool:
        """Whether it asks for all that the other one does."""
        return (
            (self.graph, self.type_name) == (other.graph, other.type_name)
            and self.typename >= other.typename
            and all(
                any(mine.covers(picked) and set(names).issubset(types) for (types, _), mine in self._picked.items())
                for (names, _), picked in other._picked.items()
            )
        )

    def condition(self) -> Condition:
        """When anything of it is wanted."""
        if self.typename or not self._picked:
            return ALWAYS
        wanted = NEVER
        for picked in self._picked.values():
            wanted = either(wanted, picked.condition)
        return wanted

    def merge_tree(self) -> MergeTree:
        """The slots it fills."""
        tree: dict[str, MergeTree | None] = {}
        for picked in self._picked.values():
            below = picked.child.merge_tree() if picked.child else None
            tree[picked.slot] = _joined(tree.get(picked.slot), below)
        return tree

    def print(self, given: Condition = ALWAYS) -> str:
        """The selection as text, without its braces; ``given`` is known to hold."""
        blind = self._is_blind()
        local = (
            self._entities() if self.type_name == ENTITY else self.supergraph.local_types(self.graph, self.type_name)
        )
        texts: dict[str, tuple[_Picked, set[str]]] = {}
        for (names, _), picked in self._picked.items():
            texts.setdefault(_field_text(picked, given), (picked, set()))[1].update(names)

        lines = [TYPENAME] if self.typename else []
        guarded: dict[frozenset[str], list[str]] = {}
        declared: dict[frozenset[str], list[_Picked]] = {}
        for text, (picked, types) in texts.items():
            here = types & local
            if blind or (local <= types and self._declares(self.type_name, picked)):
                lines.append(text)
            elif here:
                guarded.setdefault(frozenset(here), []).append(text)
                declared.setdefault(frozenset(here), []).append(picked)
        by_type: dict[str, list[str]] = {}
        for types_here, fields in guarded.items():
            interface = self._interface_of(types_here, declared[types_here])
            for name in (interface,) if interface else sorted(types_here):
                by_type.setdefault(name, []).extend(fields)
        lines += [f"... on {name} {{ {' '.join(fields)} }}" for name, fields in by_type.items()]
        if not lines:
            # Something must be asked for. An interface object must not store the name of an interface.
            return f"_nothing: {TYPENAME}" if blind else TYPENAME
        return " ".join(lines)

    def print_entity(self, given: Condition) -> str:
        """The selection below ``_entities``."""
        text = self.print(given)
        return text if self.type_name == ENTITY else f"... on {self.type_name} {{ {text} }}"

    def _is_blind(self) -> bool:
        return self.type_name != ENTITY and self.supergraph.is_interface_object(self.graph, self.type_name)

    def _entities(self) -> frozenset[str]:
        return frozenset(name for types, _ in self._picked for name in types)

    def _interface_of(self, types: frozenset[str], fields: list[_Picked]) -> str | None:
        """An interface that stands for exactly these types here: many implementations, one condition."""
        if len(types) < 2:
            return None
        for graph, name in sorted(self.supergraph.memberships(min(types))):
            if (
                graph == self.graph
                and self.supergraph.types[name].kind == "interface"
                and self.supergraph.local_types(graph, name) == types
                and all(self._declares(name, picked) for picked in fields)
            ):
                return name
        return None

    def _declares(self, type_name: str, picked: _Picked) -> bool:
        """Whether the field can be asked of this type, whatever the object's own type, and gives the same."""
        if type_name == ENTITY:
            return False
        field_ = self.supergraph.types[type_name].fields.get(picked.need.name)
        source = field_.sources.get(self.graph) if field_ else None
        return source is not None and (picked.child is None or picked.child.type_name == source.type_name)


def _joined(one: MergeTree | None, other: MergeTree | None) -> MergeTree | None:
    if one is None or other is None:
        return one if other is None else other
    return {slot: _joined(one.get(slot), other.get(slot)) for slot in dict.fromkeys((*one, *other))}


def _field_text(picked: _Picked, given: Condition) -> str:
    need = picked.need
    head = need.name if picked.slot == need.name else f"{picked.slot}: {need.name}"
    head += need.arguments_text
    body = (
        f" {{ {picked.child.print(given if picked.condition == ALWAYS else picked.condition)} }}"
        if picked.child is not None
        else ""
    )
    if picked.condition in (ALWAYS, given):
        text = head + body
    else:
        text = " ".join(_when(sorted(one), head, body) for one in sorted(picked.condition, key=sorted))
    for directives in reversed(need.around):
        text = f"... {directives} {{ {text} }}"
    return text


def _when(terms: list[tuple[str, bool]], head: str, body: str) -> str:
    """The field under all of the terms; a directive may not be repeated, so the others go around it."""
    first: dict[bool, str] = {}
    around: list[str] = []
    for name, value in terms:
        directive = f" @{'include' if value else 'skip'}(if: ${name})"
        if value in first:
            around.append(directive)
        else:
            first[value] = directive
    text = head + "".join(first.values()) + body
    for directive in around:
        text = f"...{directive} {{ {text} }}"
    return text
