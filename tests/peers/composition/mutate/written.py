"""Write what GraphQL itself does not allow, or what it allows and nobody expects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    Node,
    ObjectTypeDefinitionNode,
    StringValueNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    parse_const_value,
    parse_type,
    print_ast,
)

from tests.peers.composition.mutate.nodes import input_node, named, replace, string, walk, where, with_changes

__all__ = ["written_otherwise"]

KINDS = (
    "type {name} {{ id: ID! }}", "interface {name} {{ id: ID! }}", "input {name} {{ id: ID! }}", "enum {name} {{ ID }}",
    "scalar {name}", "union {name} = Query", "type {name}", "input {name}", "enum {name}", "interface {name}", "union {name}",
)  # fmt: skip
MORE = (
    "schema {{ query: Query }}", "schema {{ query: Query mutation: Mutation }}", "schema {{ query: {object} }}",
    "schema {{ mutation: {object} }}", "schema {{ query: Nothing }}", "schema {{ query: Query }} schema {{ query: Query }}",
    "extend schema {{ mutation: {object} }}", "extend schema {{ subscription: {object} }}", "type Mutation {{ id: ID }}",
    "type Subscription {{ id: ID }}", "type Subscription {{ a: Int b: Int }}", "interface Query {{ id: ID }}", "type __Mine {{ a: Int }}",
    "extend type Nothing {{ a: Int }}", "extend interface Nothing {{ a: Int }}", "extend enum Nothing {{ A }}",
    "extend input Nothing {{ a: Int }}", "extend union Nothing = {object}", "extend scalar Nothing @deprecated",
    "extend input {object} {{ a: Int }}", "extend type {object} {{ extra: Int }}", "extend type {object} {{ id: ID! }}",
    "extend type {object} @key(fields: \"id\")", "extend type {object} @shareable {{ extra: Int }}", "type {object} {{ id: ID! }}",
    "extend type {object} {{ extra: Nothing }}", "type Lonely {{ a: Int }}", "input Lonely {{ a: Int }}", "enum Lonely {{ A }}",
    "scalar Lonely", "interface Lonely {{ a: Int }}", "union Lonely = {object}", "type Empty", "{{ query }}", "query Q {{ id }}",
    "scalar String", "scalar Lonely @specifiedBy(url: \"u\")",
    "input Circle {{ again: Circle! }}", "input Circle {{ again: Circle }}", "interface Circle implements Circle {{ a: Int }}",
    "extend type Query {{ more(circle: Circle = {{}}): Int }} input Circle {{ again: Circle! = {{}} }}", "type Query {{ a: Int }}",
    "extend type Query {{ lonely: Lonely }} type Lonely implements Only {{ a: Int }} interface Only {{ a: Int b: Int }}",
    "extend type Query {{ lonely: [Lonely!]! }} union Lonely = {object} | {object}", "directive @mine on FIELD | QUERY",
    "fragment F on Query {{ id }}",
    "extend type Query {{ lonely(e: Lonely = A): Lonely }} enum Lonely {{ A }}",
)  # fmt: skip
DEFAULTS = ("7", '"seven"', "null", "true", "3.0", "SEVEN", "[7]", "{a: 7}", "{}", "[]", '"7"', "99999999999", "1e3")


def written_otherwise(document: DocumentNode, name: str, other: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each possible change of a name, a kind, a default value, an interface or a definition."""
    text = print_ast(document)
    objects = [n.name.value for n in document.definitions if isinstance(n, ObjectTypeDefinitionNode)]
    for more in MORE:
        shown = more.format(object=next((name for name in reversed(objects) if name != "Query"), "Thing"))
        yield f"also {shown}", lambda shown=shown: f"{text}\n\n{shown}\n"  # type: ignore[misc]
    for node, parents in walk(document):
        at = where(node, parents)
        if isinstance(node, TypeDefinitionNode):
            for kind in KINDS:
                shown = kind.format(name=node.name.value)
                yield f"instead of {node.name.value}: {shown}", _instead(document, node, shown)
        for label, replacement in _replacements(node, parents):
            yield f"{label} at {at}", _replacing(document, node, replacement)


def _replacements(node: Node, parents: tuple[Node, ...]) -> Iterator[tuple[str, Any]]:
    match node:
        case ObjectTypeDefinitionNode() | InterfaceTypeDefinitionNode():
            fields = tuple(node.fields or ())
            yield "field twice", with_changes(node, fields=(*fields, *fields[:1]))
            yield "implement Nothing", with_changes(node, interfaces=(*(node.interfaces or ()), _type("Nothing")))
            yield "implement itself", with_changes(node, interfaces=(*(node.interfaces or ()), _type(node.name.value)))
            yield "implement twice", with_changes(node, interfaces=tuple(node.interfaces or ()) * 2)
            yield "rename type", with_changes(node, name=named(node, "Renamed"))
            yield "rename type __X", with_changes(node, name=named(node, "__X"))
            yield "rename type Query", with_changes(node, name=named(node, "Query"))
        case FieldDefinitionNode():
            yield "rename __x", with_changes(node, name=named(node, "__x"))
            if parents and getattr(parents[-1], "name", None) and parents[-1].name.value != "Query":
                yield "rename _entities", with_changes(node, name=named(node, "_entities"))
            for type_ in ("Nothing", "[Int!]!", "Query", "[[Int]]", "Query!", "ID", "Float"):
                yield f"type {type_}", with_changes(node, type=parse_type(type_))
            for argument in (
                "more: Query",
                "more: Nothing",
                "more: Int = 1",
                "more: Int! = 1",
                "more: [Int!] = 1",
                "__x: Int",
            ):
                yield (
                    f"argument {argument}",
                    with_changes(node, arguments=(*(node.arguments or ()), input_node(argument))),
                )
            if node.arguments:
                yield "argument twice", with_changes(node, arguments=(*node.arguments, node.arguments[0]))
                yield "no arguments", with_changes(node, arguments=())
            yield "describe", with_changes(node, description=string("Described."))
            yield (
                "describe at length",
                with_changes(node, description=StringValueNode(value="One.\n  Two.", block=True)),
            )
        case InputValueDefinitionNode():
            yield "rename __x", with_changes(node, name=named(node, "__x"))
            for type_ in ("Query", "Nothing", "[Int!]!", "Float", "ID"):
                yield f"type {type_}", with_changes(node, type=parse_type(type_))
            for default in DEFAULTS:
                yield f"default {default}", with_changes(node, default_value=parse_const_value(default))
            yield "describe", with_changes(node, description=string("Described."))
        case EnumTypeDefinitionNode():
            yield "value twice", with_changes(node, values=(*(node.values or ()), *(node.values or ())[:1]))
        case UnionTypeDefinitionNode():
            for member in ("Int", "Nothing", "Query", node.name.value):
                yield f"member {member}", with_changes(node, types=(*(node.types or ()), _type(member)))
            yield "member twice", with_changes(node, types=(*(node.types or ()), *(node.types or ())[:1]))
        case InputObjectTypeDefinitionNode():
            yield "field twice", with_changes(node, fields=(*(node.fields or ()), *(node.fields or ())[:1]))
            yield (
                "of itself",
                with_changes(node, fields=(*(node.fields or ()), input_node(f"again: {node.name.value}!"))),
            )
    if isinstance(node, TypeDefinitionNode) and parents:
        yield "describe", with_changes(node, description=string("Described."))


def _type(name: str) -> Any:
    return parse_type(name)


def _instead(document: DocumentNode, node: TypeDefinitionNode, text: str) -> Callable[[], str]:
    return lambda: f"{print_ast(replace(document, node, REMOVE))}\n\n{text}\n"


def _replacing(document: DocumentNode, node: Node, replacement: Any) -> Callable[[], DocumentNode]:
    return lambda: replace(document, node, replacement)
