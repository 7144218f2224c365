"""The small world of ``execution/world.py``, in as many variants as one likes, and without nulls if one likes."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any

from graphql import ListTypeNode, NonNullTypeNode

from gateway_graphql.supergraph.model import Field
from tests.gateway_graphql.execution.world import Thing, World


@dataclass
class FullerWorld(World):
    """
    Other data for every ``variant``.

    In a ``full`` one everything is there that may be null, and in every list are objects of all types; what is no list
    is of the next type in the next full world.
    """

    variant: int = 0
    full: bool = False

    def _breaks(self, thing: Thing, name: str) -> bool:
        # Null here and forbidden there takes the object along, there only: so what anybody promises does not fail.
        field_ = self.supergraph.types[thing.type_name].fields[name]
        if isinstance(field_.type, NonNullTypeNode) or not self._promised(field_):
            return super()._breaks(thing, name)
        return False

    def _promised(self, field_: Field) -> list[Any]:
        return [one.type.type for one in field_.sources.values() if isinstance(one.type, NonNullTypeNode)]

    def _value(self, thing: Thing, field_: Field, type_: Any, said: str, position: int) -> Any:
        said = said if position else f"{said}{self.variant or ''}"
        if type_ is field_.type:
            # Null here may be forbidden there; the same value must do for both.
            promised = self._promised(field_)
            type_ = NonNullTypeNode(type=promised[0]) if promised else type_
        if not self.full:
            return super()._value(thing, field_, type_, said, position)
        present = type_.type if isinstance(type_, NonNullTypeNode) else type_
        seed = zlib.crc32(json.dumps([thing.type_name, field_.name, thing.number, said, position]).encode())
        return self._present(thing, field_, present, said, position, seed)

    def _present(self, thing: Thing, field_: Field, type_: Any, said: str, position: int, seed: int) -> Any:
        types = self._types_of(field_) if self.full and self.supergraph.is_composite(field_.type_name) else []
        if self.full and isinstance(type_, ListTypeNode):
            many = range(1, 1 + max(2, len(types)))
            return [self._value(thing, field_, type_.type, said, position * 10 + index) for index in many]
        made = super()._present(thing, field_, type_, said, position, seed)
        if not types or not isinstance(made, Thing) or made.type_name in self.supergraph.roots.values():
            return made
        return Thing(types[(position + self.variant // 2) % len(types)], made.number)
