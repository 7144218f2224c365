"""
Fields that an ``@interfaceObject`` adds to an interface come to every implementation.

The implementation has no subgraph of its own for such a field: a bare ``@join__field`` says "through the interface".
"""

from __future__ import annotations

from copy import deepcopy

from ..model import Applied, FieldModel, TypeModel
from .merging import Merging

__all__ = ["add_interface_object_fields"]


def add_interface_object_fields(merging: Merging) -> None:
    """Complete the implementations of interfaces that an ``@interfaceObject`` stands for."""
    for interface in list(merging.merged.of_kind("interface")):
        objects = [(s, t) for s, t in merging.having(interface.name) if t.interface_object]
        if not objects:
            continue
        for field in interface.fields.values():
            if not any(field.name in t.fields for _, t in objects):
                continue
            for implementation in merging.merged.implementations(interface.name):
                if field.name not in implementation.fields:
                    implementation.fields[field.name] = _through_the_interface(field)


def _through_the_interface(field: FieldModel) -> FieldModel:
    copied = deepcopy(field)
    carried = [a for a in copied.directives if not a.name.startswith("join__")]
    copied.directives = [Applied("join__field"), *carried]
    return copied


def is_interface_object_everywhere(types: list[TypeModel]) -> bool:
    """Whether no subgraph has the interface that the objects stand for."""
    return bool(types) and all(t.interface_object for t in types)
