"""The answer as the client asked for it, worked out once for each plan."""

from __future__ import annotations

from graphql import GraphQLEnumType, GraphQLSchema, ListTypeNode, NonNullTypeNode, TypeNode

from gateway_graphql.planning.operation import TYPENAME, Need, Position
from gateway_graphql.planning.plan import Shape, ShapeField
from gateway_graphql.planning.slots import Scope
from gateway_graphql.supergraph.model import Supergraph

__all__ = ["introspection_slot", "shape_of"]


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
        for type_name in type_class.types:
            fields = []
            for need in type_class.needs:
                if need.hidden:
                    continue
                key = need.response_key or need.name
                if need.name == TYPENAME:
                    fields.append(
                        ShapeField(key, TYPENAME, TYPENAME, "!", "String", need.condition, None, None, need.occurrences)
                    )
                    continue
                if need.name.startswith("__"):
                    slot = introspection_slot(key)
                    fields.append(
                        ShapeField(
                            key, slot, need.name, "", "__Introspection", need.condition, None, None, need.occurrences
                        )
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
                        need.occurrences,
                        plain,
                    )
                )
            classes[type_name] = tuple(fields)
    constant = None if position.abstract else position.type_name
    return Shape(position.type_name, constant, position.wants_typename, classes)


def _wrappers(type_: TypeNode) -> str:
    if isinstance(type_, NonNullTypeNode):
        return "!" + _wrappers(type_.type)
    if isinstance(type_, ListTypeNode):
        return "[" + _wrappers(type_.type)
    return ""
