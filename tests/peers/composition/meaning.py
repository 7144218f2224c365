"""What a supergraph says, whatever the order it says it in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    FloatValueNode,
    InterfaceTypeDefinitionNode,
    ListValueNode,
    Node,
    ObjectTypeDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)

__all__ = ["meaning"]

EXECUTABLE = {"QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"}
DEFAULTS = {
    ("join__type", "resolvable: true"),
    ("join__type", "extension: false"),
    ("join__type", "isInterfaceObject: false"),
    ("join__type", "resolvable: null"),
    ("deprecated", "reason: null"),
}


def meaning(sdl: str) -> frozenset[str]:
    """
    A set of small statements, so that what differs between two supergraphs is their symmetric difference.

    The join specification itself is left out: Apollo writes the oldest version that is enough, we always the newest.
    """
    return frozenset(
        statement
        for definition in parse(sdl).definitions
        if not _idle(definition, sdl)
        for statement in _statements(definition)
        if "specs.apollo.dev/join/" not in statement
    )


def _idle(definition: DefinitionNode, sdl: str) -> bool:
    """All directives of a specification come along in Apollo's supergraphs, even those that nobody applies."""
    if not isinstance(definition, DirectiveDefinitionNode) or len(definition.locations) == 0:
        return False
    executable = any(location.value in EXECUTABLE for location in definition.locations)
    return not executable and len(re.findall(rf"@{definition.name.value}\b", sdl)) == 1


def _statements(definition: DefinitionNode) -> Iterator[str]:
    kind = type(definition).__name__.removesuffix("Node")
    name = getattr(definition, "name", None)
    where = name.value if name else kind
    if where.startswith("join__") and where != "join__Graph":
        return
    if isinstance(definition, DirectiveDefinitionNode):
        where = f"@{where}"
        for location in definition.locations:
            yield f"{where} on {location.value}"
        yield f"{where} repeatable: {definition.repeatable}"
    yield f"{kind} {where}"
    yield from _described(where, definition)
    if isinstance(definition, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        for interface in definition.interfaces or ():
            yield f"{where} implements {interface.name.value}"
    if isinstance(definition, UnionTypeDefinitionNode):
        for member in definition.types or ():
            yield f"{where} has member {member.name.value}"
    if isinstance(definition, EnumTypeDefinitionNode):
        for value in definition.values or ():
            yield f"{where}.{value.name.value}"
            yield from _described(f"{where}.{value.name.value}", value)
    for part in (*(getattr(definition, "fields", None) or ()), *(getattr(definition, "arguments", None) or ())):
        yield from _field(where, part)
    for operation in getattr(definition, "operation_types", None) or ():
        yield f"{operation.operation.value}: {operation.type.name.value}"


def _field(parent: str, node: Node) -> Iterator[str]:
    where = f"{parent}.{node.name.value}"  # type: ignore[attr-defined]
    default = getattr(node, "default_value", None)
    yield f"{where}: {print_ast(node.type)}" + (f" = {_value(default)}" if default else "")  # type: ignore[attr-defined]
    yield from _described(where, node)
    if isinstance(node, FieldDefinitionNode):
        for argument in node.arguments or ():
            yield from _field(f"{where}()", argument)


def _described(where: str, node: Node) -> Iterator[str]:
    description = getattr(node, "description", None)
    if description:
        yield f"{where} described {description.value!r}"
    for directive in getattr(node, "directives", None) or ():
        arguments = sorted(f"{a.name.value}: {_value(a.value)}" for a in directive.arguments or ())
        arguments = [a for a in arguments if (directive.name.value, a) not in DEFAULTS]
        yield f"{where} @{directive.name.value}({', '.join(arguments)})"


def _value(node: Node) -> str:
    """Without regard to order: no directive of a specification takes a list whose order matters. 1.0 is 1."""
    if isinstance(node, ListValueNode):
        return f"[{', '.join(sorted(map(_value, node.values)))}]"
    if isinstance(node, FloatValueNode):
        return f"{float(node.value):g}"
    return " ".join(print_ast(node).split())
