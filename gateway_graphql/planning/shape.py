"""The answer as the client asked for it, worked out once for each plan."""

from __future__ import annotations

from collections.abc import Sequence

from graphql import GraphQLEnumType, GraphQLSchema, ListTypeNode, NonNullTypeNode, TypeNode

from gateway_graphql.planning.conditions import ALWAYS
from gateway_graphql.planning.operation import TYPENAME, Need, Position, TypeClass
from gateway_graphql.planning.plan import Shape, ShapeField
from gateway_graphql.planning.slots import Scope
from gateway_graphql.supergraph.model import Field, Supergraph

__all__ = ["introspection_slot", "refused_coordinates", "shape_of"]


def introspection_slot(response_key: str) -> str:
    """Where the gateway's own answer to ``__schema`` lies: no subgraph's answer can have a slot like it."""
    return f":{response_key}"


def shape_of(position: Position, scope: Scope, supergraph: Supergraph, schema: GraphQLSchema) -> Shape:
    """The shape of the answer at a position."""
    classes: dict[str, tuple[ShapeField, ...]] = {}
    shapes: dict[tuple[int, str], Shape] = {}

    def child_of(need: Need, slot: str) -> Shape | None:
        if need.child is None:
            return None
        key = (id(need.child), slot)
        if key not in shapes:
            shapes[key] = shape_of(need.child, scope.child(slot, need.response_key), supergraph, schema)
        return shapes[key]

    for type_class in position.classes:
        # Where everything is always wanted, the order in which it stands here is the order of the answer.
        asked = _as_asked(type_class)
        moves = any(when != ALWAYS for need in asked for _, when in need.occurrences)
        for type_name in type_class.types:
            fields = []
            for need in asked:
                if need.hidden:
                    continue
                key = need.response_key or need.name
                at = need.occurrences if moves else ()
                if need in type_class.refused:
                    fields.append(_refused(key, need, supergraph.types[type_name].fields[need.name]))
                    continue
                if need.name == TYPENAME:
                    fields.append(ShapeField(key, TYPENAME, TYPENAME, "!", "String", need.condition, None, None, at))
                    continue
                if need.name.startswith("__"):
                    slot = introspection_slot(key)
                    fields.append(
                        ShapeField(key, slot, need.name, "", "__Introspection", need.condition, None, None, at)
                    )
                    continue
                field = supergraph.types[type_name].fields[need.name]
                slot = scope.slot_of(type_name, need)
                child = child_of(need, slot)
                enum = schema.type_map.get(field.type_name)
                values = frozenset(enum.values) if isinstance(enum, GraphQLEnumType) else None
                wrappers = _wrappers(field.type)
                plain = child is None and values is None and "[" not in wrappers
                fields.append(
                    ShapeField(
                        key,
                        slot,
                        need.name,
                        wrappers,
                        field.type_name,
                        need.condition,
                        child,
                        values,
                        at,
                        plain,
                    )
                )
            classes[type_name] = tuple(fields)
    constant = None if position.abstract else position.type_name
    return Shape(position.type_name, constant, position.wants_typename, classes)


def refused_coordinates(shape: Shape) -> list[str]:
    """The fields that the caller may not see, each once, as ``Type.field``."""
    found: dict[str, None] = {}
    seen: set[int] = set()
    waiting = [shape]
    while waiting:
        here = waiting.pop()
        for type_name, fields in here.classes.items():
            for field in fields:
                if field.refused:
                    found[f"{type_name}.{field.name}"] = None
                elif field.child is not None and id(field.child) not in seen:
                    seen.add(id(field.child))
                    waiting.append(field.child)
    return sorted(found)


def _as_asked(type_class: TypeClass) -> Sequence[Need]:
    """All that the client asked for, in its order."""
    if not type_class.refused:
        return type_class.needs
    return sorted((*type_class.needs, *type_class.refused), key=lambda need: need.occurrences[:1])


def _refused(key: str, need: Need, field: Field) -> ShapeField:
    wrappers = "!" if isinstance(field.type, NonNullTypeNode) else ""
    slot = introspection_slot(key)  # where no subgraph's answer lies
    return ShapeField(
        key, slot, need.name, wrappers, field.type_name, need.condition, None, None, need.occurrences, refused=True
    )


def _wrappers(type_: TypeNode) -> str:
    if isinstance(type_, NonNullTypeNode):
        return "!" + _wrappers(type_.type)
    if isinstance(type_, ListTypeNode):
        return "[" + _wrappers(type_.type)
    return ""
