"""Whether a constant may stand where a type is expected, and how it is written there."""

from __future__ import annotations

from graphql import (
    BooleanValueNode,
    ConstListValueNode,
    ConstObjectFieldNode,
    ConstObjectValueNode,
    ConstValueNode,
    EnumValueNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    print_ast,
)

from gateway_graphql.composition.model import SchemaModel, is_list, nullable

__all__ = ["as_literal", "misfit"]

_BUILT_IN: dict[str, tuple[type[ValueNode], ...]] = {
    "Int": (IntValueNode,),
    "Float": (IntValueNode, FloatValueNode),
    "String": (StringValueNode,),
    "Boolean": (BooleanValueNode,),
    "ID": (StringValueNode, IntValueNode),
}


def misfit(schema: SchemaModel, type_: str, value: ValueNode, *, complete: bool = True) -> str:
    """What is wrong about the value, or nothing. An input object that need not be complete may lack what is required."""
    if isinstance(value, VariableNode):
        return f"{print_ast(value)} is a variable, and there are none here"
    if isinstance(value, NullValueNode):
        return f"null is no {type_}" if type_.endswith("!") else ""
    type_ = nullable(type_)
    if is_list(type_):
        items = value.values if isinstance(value, ListValueNode) else (value,)
        return next((found for item in items if (found := misfit(schema, type_[1:-1], item, complete=complete))), "")
    if type_ in _BUILT_IN:
        return "" if isinstance(value, _BUILT_IN[type_]) else f"{print_ast(value)} is no {type_}"
    known = schema.types.get(type_)
    if known is None or known.kind == "scalar":
        return ""
    if known.kind == "enum":
        fits = isinstance(value, EnumValueNode) and value.value in known.values
        return "" if fits else f"{print_ast(value)} is no {type_}"
    if known.kind == "input" and isinstance(value, ObjectValueNode):
        given = {field.name.value: field.value for field in value.fields}
        for name, item in given.items():
            if name not in known.fields:
                return f'{type_} has no field "{name}"'
            if found := misfit(schema, known.fields[name].type, item, complete=complete):
                return found
        lacking = [name for name, field in known.fields.items() if complete and field.required and name not in given]
        return f'{type_} needs the field "{lacking[0]}"' if lacking else ""
    return f"{print_ast(value)} is no {type_}"


def as_literal(schema: SchemaModel, type_: str, value: ConstValueNode) -> ConstValueNode:
    """
    The value as the type has it written, where it is clear what is meant.

    Other composers never cared whether an enum value or a string has quotes, or an integer a fraction of nothing.
    """
    type_ = nullable(type_)
    known = schema.types.get(type_)
    match value:
        case ListValueNode(values=items) if is_list(type_):
            return ConstListValueNode(values=tuple(as_literal(schema, type_[1:-1], item) for item in items))
        case _ if is_list(type_):
            return as_literal(schema, type_[1:-1], value)
        case EnumValueNode(value=text) if type_ in ("String", "ID"):
            return StringValueNode(value=text)
        case FloatValueNode(value=text) if type_ in ("Int", "ID") and float(text).is_integer():
            return IntValueNode(value=str(int(float(text))))
        case StringValueNode(value=text) if known is not None and text in known.values:
            return EnumValueNode(value=text)
        case ListValueNode(values=()) if known is not None and known.kind == "input":
            return ConstObjectValueNode(fields=())
        case ObjectValueNode(fields=fields) if known is not None and known.kind == "input":
            return ConstObjectValueNode(
                fields=tuple(
                    ConstObjectFieldNode(
                        name=field.name, value=as_literal(schema, known.fields[field.name.value].type, field.value)
                    )
                    if field.name.value in known.fields
                    else field
                    for field in fields
                )
            )
        case _:
            return value
