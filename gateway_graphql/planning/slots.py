"""
Slots: the response keys used in subgraph documents and in the merged answer.

Every field with its arguments that is wanted at a position, by the client or hidden, has a slot of its
own there. The answer's shape and the representations read slots; nothing is renamed while a plan runs.
"""

from __future__ import annotations

from graphql import ListTypeNode, NonNullTypeNode, TypeNode

from gateway_graphql.planning.operation import TYPENAME, Need, Position
from gateway_graphql.supergraph.model import Field, Supergraph
from gateway_graphql.supergraph.read import named_type

__all__ = ["Scope"]


class Scope:
    """The slots at one position, and the scopes below them."""

    def __init__(
        self,
        supergraph: Supergraph,
        slot: str | None = None,
        response_key: str | None = None,
        shapes: dict[tuple[str, str], frozenset[str]] | None = None,
    ) -> None:
        self._supergraph = supergraph
        self._shapes = {} if shapes is None else shapes
        self.slot = slot
        self.response_key = response_key
        self._known: dict[tuple[str, Need], str] = {}
        self._slots: dict[tuple[str, str, tuple[str, tuple[str, ...]], frozenset[str]], str] = {}
        self._hidden: dict[tuple[object, ...], str] = {}
        self._children: dict[str, Scope] = {}
        self._taken = {TYPENAME}
        self._reserved: set[Position] = set()

    def slot_of(self, type_name: str, need: Need) -> str:
        """The slot of a need of an object of this type."""
        slot = self._known.get((type_name, need))
        if slot is None:
            slot = self._known[type_name, need] = self._slot_of(type_name, need)
        return slot

    def _slot_of(self, type_name: str, need: Need) -> str:
        shapes = self.slot_shapes(type_name, need)
        same = (need.name, need.asked_as, shapes)
        if need.response_key is not None:
            key = (need.response_key, *same)
            if key not in self._slots:
                self._slots[key] = self._free(need.response_key)
                self._hidden.setdefault(same, self._slots[key])
            return self._slots[key]
        if same not in self._hidden:
            self._hidden[same] = self._free(need.name)
        return self._hidden[same]

    def slot_shapes(self, type_name: str, need: Need) -> frozenset[str]:
        """The shapes that the field's values have in the subgraphs."""
        shapes = self._shapes.get((type_name, need.name))
        if shapes is None:
            shapes = _shapes(self._supergraph, self._supergraph.types[type_name].fields[need.name])
            self._shapes[type_name, need.name] = shapes
        return shapes

    def slot_below(self, type_name: str, need: Need) -> str:
        """The slot of a field that has one already, whatever directives it has elsewhere."""
        wanted = self.slot_shapes(type_name, need)
        for (key, name, (text, _), shapes), slot in self._slots.items():
            if (key, name, shapes) == (need.response_key, need.name, wanted) and (
                text == need.arguments_text or text.startswith(f"{need.arguments_text} @")
            ):
                return slot
        return self.slot_of(type_name, need)

    def child(self, slot: str, response_key: str | None = None) -> Scope:
        """The scope below a slot."""
        if slot not in self._children:
            self._children[slot] = Scope(self._supergraph, slot, response_key, self._shapes)
        return self._children[slot]

    def client_key(self, slot: str) -> str | None:
        """What the client calls the slot; ``None`` if it never sees it."""
        if slot == TYPENAME:
            return None
        return next((str(key[0]) for key, found in self._slots.items() if found == slot), None)

    def reserve(self, position: Position) -> None:
        """Give the client's needs their slots first, so that they keep their names."""
        if position in self._reserved:
            return
        self._reserved.add(position)
        for type_class in position.classes:
            for need in type_class.needs:
                if need.name.startswith("__") or need.hidden:
                    continue
                for slot in dict.fromkeys(self.slot_of(type_name, need) for type_name in type_class.types):
                    if need.child is not None:
                        self.child(slot, need.response_key).reserve(need.child)

    def _free(self, name: str) -> str:
        number = 0
        free = name
        while free in self._taken:
            number += 1
            free = f"_{name}_{number}"
        self._taken.add(free)
        return free


def _shapes(supergraph: Supergraph, field: Field) -> frozenset[str]:
    """The shapes of the values in the subgraphs; only equal ones may share a response key in a document."""
    leaf = not supergraph.is_composite(field.type_name)
    by_subgraph = {subgraph: _shape(source.type, leaf) for subgraph, source in field.sources.items()}
    shapes = frozenset(by_subgraph.values()) or frozenset({_shape(field.type, leaf)})
    if len(shapes) == 1:
        return shapes
    # The same shapes in other places still differ inside of one subgraph.
    return frozenset(f"{subgraph}: {shape}" for subgraph, shape in by_subgraph.items())


def _shape(type_: TypeNode, leaf: bool) -> str:
    if isinstance(type_, NonNullTypeNode):
        return _shape(type_.type, leaf) + "!"
    if isinstance(type_, ListTypeNode):
        return f"[{_shape(type_.type, leaf)}]"
    return named_type(type_) if leaf else "*"
