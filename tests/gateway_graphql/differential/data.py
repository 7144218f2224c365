"""What every field is worth: worked out of its object and its name, so that everyone agrees without a store."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import (
    FieldNode,
    InlineFragmentNode,
    ListTypeNode,
    NonNullTypeNode,
    SelectionSetNode,
    TypeNode,
    build_schema,
    get_argument_values,
    parse,
    parse_type,
)

from tests.gateway_graphql.differential.monolith import Field
from tests.gateway_graphql.differential.split import Split

__all__ = ["EVENTS", "OBJECTS", "Broken", "Data", "Thing", "field_set"]

OBJECTS = 3
"""of each type"""
EVENTS = 2
"""of each stream"""


class Broken(Exception):
    """What a field raises that is meant to fail."""


@dataclass(frozen=True)
class Thing:
    """An object."""

    type_name: str
    number: int


@cache
def field_set(text: str) -> SelectionSetNode:
    """A field set as a selection."""
    return parse(f"{{ {text} }}", no_location=True).definitions[0].selection_set  # type: ignore[attr-defined, no-any-return]


_type = cache(parse_type)


class Data:
    """The values of one monolith."""

    def __init__(self, split: Split, *, fragile: bool) -> None:
        self.split = split
        self.schema = split.monolith
        self.fragile = fragile
        self.whole = build_schema(self.schema.sdl(), assume_valid=True)
        self.solid = {
            (part.name, piece.field.name)
            for graph in split.graphs.values()
            for part, piece in graph.pieces()
            if piece.local_type
        }
        """fields that are never null, since somebody promises it"""
        self.used = {
            name
            for graph in split.graphs.values()
            for part in graph.parts.values()
            for text in (
                *(key.fields for key in part.keys),
                *(piece.requires for piece in part.pieces.values() if piece.requires),
            )
            for name in _names(field_set(text))
        }
        """names of fields that something else needs: those do not fail"""
        if split.context:
            self.used.add(split.context.source.name)
        self.taking_along = self._taking_along()
        """object types in which a failure of what is never null takes along what something else needs"""

    def _taking_along(self) -> set[str]:
        fields = (one for type_ in self.schema.types.values() for one in type_.fields.values())
        waiting = [one.of for one in fields if one.name in self.used and self.schema.is_composite(one.of)]
        found: set[str] = set()
        while waiting:
            for name in self.schema.possible(waiting.pop()):
                if name not in found:
                    found.add(name)
                    below = self.schema.types[name].fields.values()
                    waiting += [one.of for one in below if one.type.endswith("!") and self.schema.is_composite(one.of)]
        return found

    def value(self, thing: Thing, field_: Field, arguments: Mapping[str, Any], required: Any = None) -> Any:
        """What a field is worth; ``required``: what its ``@requires`` says."""
        solid = (thing.type_name, field_.name) in self.solid
        if self.fragile and not solid and self._breaks(thing, field_):
            raise Broken(f"{thing.type_name}.{field_.name}")
        said = f"{json.dumps(arguments, sort_keys=True) if arguments else ''}{json.dumps(required, sort_keys=True) if required else ''}"
        is_key = field_.name in self.schema.key_fields(thing.type_name) or field_.name == "w"
        # A part of a key may be null where its type says so: what is left of the key tells the objects apart.
        present = solid or (is_key and field_.name != "code")
        return self._value(thing, field_, _type(field_.type), said, "", present, is_key)

    def _breaks(self, thing: Thing, field_: Field) -> bool:
        if field_.type.endswith("!") and thing.type_name in self.taking_along:
            return False
        if field_.name in self.used or self.schema.types[thing.type_name].kind == "root":
            return False
        return zlib.crc32(f"{thing.type_name}.{field_.name}.{thing.number}!".encode()) % 6 == 0

    def _value(
        self, thing: Thing, field_: Field, type_: TypeNode, said: str, at: str, present: bool, is_key: bool
    ) -> Any:
        seed = zlib.crc32(f"{thing.type_name}.{field_.name}.{thing.number}.{said}.{at}".encode())
        if isinstance(type_, NonNullTypeNode):
            return self._value(thing, field_, type_.type, said, at, True, is_key)
        if not present and seed % 8 == 0:
            return None
        if isinstance(type_, ListTypeNode):
            return [
                self._value(thing, field_, type_.type, said, f"{at}.{index}", False, is_key)
                for index in range((seed >> 4) % 4)
            ]
        return self._present(thing, field_, said, at, seed >> 4, is_key)

    def _present(self, thing: Thing, field_: Field, said: str, at: str, seed: int, is_key: bool) -> Any:
        name = field_.of
        if name in self.schema.types:
            types = self.split.runtime_types(thing.type_name, field_)
            assert types, f"{thing.type_name}.{field_.name} can be nothing"
            return Thing(types[seed % len(types)], thing.number if is_key else seed % OBJECTS)
        if name in self.schema.enums:
            return self.schema.enums[name][seed % 3]
        if name == "Int":
            return thing.number * 1000 + (0 if is_key else seed % 1000)
        if name == "Float":
            return thing.number * 1000 + seed % 1000 + 0.5
        if name == "Boolean":
            return seed % 2 == 0
        if name == "Blob":
            return {"__typename": "Nonsense", "id": [seed % 5, {"deep": None}]}
        return f"{thing.type_name}.{field_.name}.{thing.number}{said}{at}"

    def above(self, thing: Thing, otherwise: Any) -> Any:
        """What an object says to those below it."""
        context = self.split.context
        if context is None or thing.type_name != context.setter:
            return otherwise
        return self.value(thing, context.source, {})

    def required(self, thing: Thing, name: str) -> Any:
        """What the ``@requires`` of a field says about an object."""
        text = self.split.requires(thing.type_name, name)
        return self.selected(thing, field_set(text)) if text else None

    def selected(self, thing: Thing, selections: SelectionSetNode) -> dict[str, Any]:
        """A field set of an object."""
        found: dict[str, Any] = {}
        for one in selections.selections:
            if isinstance(one, FieldNode):
                name = one.name.value
                if name == "__typename":
                    found[name] = thing.type_name
                    continue
                field_ = self.schema.types[thing.type_name].fields[name]
                value = self.value(thing, field_, self._coerced(thing.type_name, one), self.required(thing, name))
                found[name] = self._deep(value, one.selection_set)
            elif isinstance(one, InlineFragmentNode) and self.applies(one, thing.type_name):
                found.update(self.selected(thing, one.selection_set))
        return found

    def applies(self, fragment: InlineFragmentNode, type_name: str | None) -> bool:
        """Whether a fragment is about objects of this type."""
        return fragment.type_condition is None or type_name in self.schema.possible(fragment.type_condition.name.value)

    def _coerced(self, type_name: str, node: FieldNode) -> dict[str, Any]:
        definition: Any = self.whole.type_map[type_name]
        return dict(get_argument_values(definition.fields[node.name.value], node))

    def _deep(self, value: Any, selections: SelectionSetNode | None) -> Any:
        if isinstance(value, list):
            return [self._deep(one, selections) for one in value]
        return self.selected(value, selections) if isinstance(value, Thing) and selections else value


def _names(selections: SelectionSetNode) -> set[str]:
    found: set[str] = set()
    for one in selections.selections:
        if isinstance(one, FieldNode):
            found.add(one.name.value)
        if isinstance(one, FieldNode | InlineFragmentNode) and one.selection_set:
            found |= _names(one.selection_set)
    return found
