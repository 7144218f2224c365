"""Change a type, a field, an argument, a value or a directive."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from graphql import (
    REMOVE,
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    Node,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    StringValueNode,
    UnionTypeDefinitionNode,
    parse,
    parse_const_value,
    parse_type,
    print_ast,
)

from tests.peers.composition.mutate.nodes import (
    directives,
    input_node,
    named,
    replace,
    string,
    walk,
    where,
    with_changes,
)

__all__ = ["LINKED", "all_imported", "changed_elements"]

Change = Callable[[], DocumentNode]

FIELD = (
    '@external', '@shareable', '@inaccessible', '@tag(name: "t")', '@override(from: "%other")', '@authenticated',
    '@override(from: "%other", label: "percent(5)")', '@requires(fields: "%sibling")', '@provides(fields: "id")',
    '@requiresScopes(scopes: [["s"]])', '@policy(policies: [["p"]])', '@cost(weight: 3)', '@deprecated',
    '@listSize(assumedSize: 3)', '@cacheTag(format: "c")', '@override(from: "%self")', '@override(from: "nobody")',
)  # fmt: skip
OBJECT = (
    '@key(fields: "id")', '@key(fields: "%field")', '@key(fields: "%field", resolvable: false)', '@shareable',
    '@inaccessible', '@interfaceObject', '@extends', '@external', '@tag(name: "t")', '@authenticated',
    '@requiresScopes(scopes: [["s"]])', '@context(name: "c")', '@cacheTag(format: "c")',
)  # fmt: skip
INPUT = ("@inaccessible", '@tag(name: "t")', "@deprecated", "@cost(weight: 2)")
TYPE = ("@inaccessible", '@tag(name: "t")')
LINKED = (
    '@link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@requires", "@provides", "@external", '
    '"@tag", "@extends", "@shareable", "@inaccessible", "@override", "@composeDirective", "@interfaceObject", '
    '"@authenticated", "@requiresScopes", "@policy", "@context", "@fromContext", "@cost", "@listSize", "@cacheTag"])'
)
FEDERATION_1 = {"key", "requires", "provides", "external", "extends", "deprecated", "tag"}


def changed_elements(document: DocumentNode, name: str, other: str) -> Iterator[tuple[str, Change]]:
    """Each possible change of an element, with what it is called."""
    old = not any(isinstance(node, DirectiveNode) and node.name.value == "link" for node, _ in walk(document))
    for node, parents in walk(document):
        for label, replacement in _replacements(node, parents, name, other):
            added = re.match(r"add @(\w+)", label)
            if added and old and added[1] not in FEDERATION_1:
                continue
            yield f"{label} at {where(node, parents)}", _replacing(document, node, replacement, bool(added) and not old)


def _replacing(document: DocumentNode, node: Node, replacement: Any, link_all: bool) -> Change:
    def change() -> DocumentNode:
        changed = replace(document, node, replacement)
        return all_imported(changed) if link_all else changed

    return change


def _replacements(node: Node, parents: tuple[Node, ...], name: str, other: str) -> Iterator[tuple[str, Any]]:
    parent = parents[-1] if parents else None
    match node:
        case ObjectTypeDefinitionNode():
            yield from _added(node, OBJECT, parents, name, other)
            yield "remove type", REMOVE
            yield "make interface", _as(InterfaceTypeDefinitionNode, node)
            yield "make extension", _as(ObjectTypeExtensionNode, node)
            yield "add field", with_changes(node, fields=(*(node.fields or ()), _field_node("extra: Int")))
            yield from _without_interfaces(node)
        case ObjectTypeExtensionNode():
            yield "make definition", _as(ObjectTypeDefinitionNode, node)
        case InterfaceTypeDefinitionNode():
            yield from _added(node, ('@key(fields: "id")', *OBJECT[4:5], *OBJECT[8:10]), parents, name, other)
            yield "make object", _as(ObjectTypeDefinitionNode, node)
            yield "add field", with_changes(node, fields=(*(node.fields or ()), _field_node("extra: Int")))
            yield from _without_interfaces(node)
        case UnionTypeDefinitionNode():
            yield from _added(node, TYPE, parents, name, other)
            for member in node.types or ():
                left = tuple(t for t in node.types or () if t is not member)
                if left:
                    yield f"remove member {member.name.value}", with_changes(node, types=left)
        case EnumTypeDefinitionNode():
            yield from _added(node, (*TYPE, "@authenticated"), parents, name, other)
            yield "add value", with_changes(node, values=(*(node.values or ()), _enum_value("EXTRA")))
        case EnumValueDefinitionNode():
            yield from _added(node, TYPE, parents, name, other)
            yield "remove value", REMOVE
            yield "rename value", with_changes(node, name=named(node, "RENAMED"))
        case InputObjectTypeDefinitionNode():
            yield from _added(node, TYPE, parents, name, other)
            yield "add input field", with_changes(node, fields=(*(node.fields or ()), input_node("extra: Int")))
            yield (
                "add required input field",
                with_changes(node, fields=(*(node.fields or ()), input_node("extra: Int!"))),
            )
        case ScalarTypeDefinitionNode():
            yield from _added(node, TYPE, parents, name, other)
        case FieldDefinitionNode():
            yield from _added(node, FIELD, parents, name, other)
            yield "remove field", REMOVE
            yield "rename field", with_changes(node, name=named(node, f"{node.name.value}2"))
            yield "add argument", with_changes(node, arguments=(*(node.arguments or ()), input_node("extra: Int")))
            yield (
                "add required argument",
                with_changes(node, arguments=(*(node.arguments or ()), input_node("extra: Int!"))),
            )
            yield from _other_types(node)
        case InputValueDefinitionNode():
            yield from _added(node, INPUT, parents, name, other)
            yield "remove", REMOVE
            yield "rename", with_changes(node, name=named(node, f"{node.name.value}2"))
            yield from _other_types(node)
            if node.default_value:
                yield "remove default", with_changes(node, default_value=None)
            for default in ("7", '"seven"', "null"):
                yield f"default {default}", with_changes(node, default_value=parse_const_value(default))
        case DirectiveNode() if node.name.value != "link":
            yield f"remove @{node.name.value}", REMOVE
        case ArgumentNode(value=StringValueNode(value=text)) if isinstance(parent, DirectiveNode):
            yield from _other_texts(node, text, parent)


def _added(
    node: Any, texts: tuple[str, ...], parents: tuple[Node, ...], name: str, other: str
) -> Iterator[tuple[str, Any]]:
    for applied in node.directives or ():
        yield f"repeat @{applied.name.value}", with_changes(node, directives=(*node.directives, applied))
    siblings = [f.name.value for f in getattr(parents[-1], "fields", None) or () if f is not node]
    fields = [f.name.value for f in getattr(node, "fields", None) or ()]
    for text in texts:
        shown = (
            text.replace("%other", other)
            .replace("%self", name)
            .replace("%sibling", siblings[-1] if siblings else "id")
            .replace("%field", fields[-1] if fields else "id")
        )
        yield f"add {shown}", with_changes(node, directives=(*(node.directives or ()), *directives(shown)))


def _other_types(node: Any) -> Iterator[tuple[str, Any]]:
    type_ = print_ast(node.type)
    others = [type_.removesuffix("!") if type_.endswith("!") else f"{type_}!", f"[{type_}]"]
    others += ["Int"] if "Int" not in type_ else ["String"]
    if type_.startswith("["):
        others.append(type_.rstrip("!").removeprefix("[").removesuffix("]"))
    for changed in others:
        yield f"type {type_} → {changed}", with_changes(node, type=parse_type(changed))


def _other_texts(node: ArgumentNode, text: str, directive: Node) -> Iterator[tuple[str, Any]]:
    within = directive.name.value  # type: ignore[attr-defined]
    if within == "link":
        if re.search(r"/federation/v2\.\d+$", text):
            for minor in (0, 3, 5, 9, 12):
                changed = re.sub(r"\d+$", str(minor), text)
                if changed != text:
                    yield f"link v2.{minor}", with_changes(node, value=string(changed))
        return
    changes = [f"{text} __typename", f"{text} extra", text.partition(" ")[2], f"{text} {{ id }}", "id"]
    for changed in changes:
        if changed != text:
            yield f"@{within}: {text!r} → {changed!r}", with_changes(node, value=string(changed))


def _without_interfaces(node: Any) -> Iterator[tuple[str, Any]]:
    for interface in node.interfaces or ():
        left = tuple(i for i in node.interfaces if i is not interface)
        yield f"no longer implements {interface.name.value}", with_changes(node, interfaces=left)


def all_imported(document: DocumentNode) -> DocumentNode:
    """Link a version of federation that has everything, so that what was added means something."""
    directive = parse(f"extend schema {LINKED}").definitions[0].directives[0]  # type: ignore[attr-defined]
    links = [
        d
        for definition in document.definitions
        for d in getattr(definition, "directives", None) or ()
        if d.name.value == "link" and "/federation/v2" in print_ast(d) and " as:" not in print_ast(d)
    ]
    return replace(document, links[0], directive) if links else document


def _as(kind: type[Any], node: Any) -> Any:
    keys = ("name", "interfaces", "directives", "fields")
    return kind(**{key: getattr(node, key) for key in keys})


def _field_node(text: str) -> Any:
    return parse(f"type T {{ {text} }}").definitions[0].fields[0]  # type: ignore[attr-defined]


def _enum_value(text: str) -> Any:
    return parse(f"enum T {{ {text} }}").definitions[0].values[0]  # type: ignore[attr-defined]
