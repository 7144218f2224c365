"""The small world of ``execution/world.py``, in as many variants as one likes, and without nulls if one likes."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any

from gateway_graphql.supergraph.model import Field
from tests.gateway_graphql.execution.world import Thing, World


@dataclass
class FullerWorld(World):
    """Other data for every ``variant``; everything that may be null is there in a ``full`` one."""

    variant: int = 0
    full: bool = False

    def _value(self, thing: Thing, field_: Field, type_: Any, said: str, position: int) -> Any:
        said = said if position else f"{said}{self.variant or ''}"
        if type_ is field_.type:
            # Null here may be forbidden there; the same value must do for both.
            strict = [one.type for one in field_.sources.values() if type(one.type).__name__ == "NonNullTypeNode"]
            type_ = strict[0] if strict else type_
        if not self.full:
            return super()._value(thing, field_, type_, said, position)
        present = type_.type if type(type_).__name__ == "NonNullTypeNode" else type_
        seed = zlib.crc32(json.dumps([thing.type_name, field_.name, thing.number, said, position]).encode())
        return self._present(thing, field_, present, said, position, seed)
