"""Use directives where they cannot be used, and with arguments that they do not take."""

from __future__ import annotations

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
    UnionTypeDefinitionNode,
    parse,
    parse_const_value,
    print_ast,
)

from tests.peers.composition.mutate.elements import FEDERATION_1, all_imported
from tests.peers.composition.mutate.nodes import directives, replace, walk, where, with_changes

__all__ = ["misplaced_directives"]

EVERY = (
    '@key(fields: "id")', '@requires(fields: "id")', '@provides(fields: "id")', "@external", "@extends", "@shareable",
    "@inaccessible", '@tag(name: "t")', '@override(from: "%other")', '@override(from: "%other", label: "percent(5)")',
    '@composeDirective(name: "@mine")', "@interfaceObject", "@authenticated", '@requiresScopes(scopes: [["s"]])',
    '@policy(policies: [["p"]])', '@context(name: "ctx")', '@fromContext(field: "$ctx { id }")', "@cost(weight: 3)",
    "@listSize(assumedSize: 3)", '@cacheTag(format: "c")', "@deprecated", '@deprecated(reason: null)',
    '@specifiedBy(url: "u")', "@skip(if: true)", "@nobodyKnows", '@link(url: "https://specs.apollo.dev/tag/v0.3")',
)  # fmt: skip
PLACES = (
    ObjectTypeDefinitionNode, ObjectTypeExtensionNode, InterfaceTypeDefinitionNode, UnionTypeDefinitionNode,
    ScalarTypeDefinitionNode, EnumTypeDefinitionNode, EnumValueDefinitionNode, InputObjectTypeDefinitionNode,
    InputValueDefinitionNode, FieldDefinitionNode,
)  # fmt: skip
WITH_ARGUMENTS = (
    '@override(from: "%other", label: "percent(101)")', '@override(from: "%other", label: "percent(0.5)")',
    '@override(from: "%other", label: "5")', '@override(from: "%other", label: "beta:new-field")', '@override(from: "")',
    '@override(from: "%other", label: "percent(5%)")', '@override(from: "%other", label: "")', "@cost(weight: -1)",
    '@requires(fields: "__typename")', '@provides(fields: "__typename")', '@requiresScopes(scopes: [])',
    '@requiresScopes(scopes: [[]])', '@requiresScopes(scopes: ["s"])', '@policy(policies: [[]])', '@policy(policies: "p")',
    "@listSize(assumedSize: -1)", '@listSize(slicingArguments: ["first"])', '@listSize(sizedFields: ["items"])',
    "@listSize", '@listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false)',
    '@cacheTag(format: "")', '@cacheTag(format: "{$args.id}")', '@cacheTag(format: "{$key.id}")', '@cacheTag(format: "{$x}")',
    '@tag(name: "")', '@tag(name: "a b")', '@tag(name: "t") @tag(name: "t")', '@tag(name: "t") @tag(name: "u")',
    '@external(reason: "it is")', '@deprecated(reason: "old") @deprecated(reason: "old")',
)  # fmt: skip
VALUES = (
    "null",
    "1",
    "true",
    '""',
    '"id"',
    "id",
    "[]",
    '["id"]',
    '[["id"]]',
    "{id: 1}",
    '"$ctx"',
    '"id id"',
    '"{ id }"',
    '"("',
)


def misplaced_directives(document: DocumentNode, name: str, other: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each directive at one place of each kind, and each use of one with other arguments."""
    nodes = list(walk(document))
    old = not any(isinstance(node, DirectiveNode) and node.name.value == "link" for node, _ in nodes)
    for place in PLACES:
        here = [(node, parents) for node, parents in nodes if isinstance(node, place)]
        for node, parents in here[:1] + here[1:][-1:]:
            texts = (*EVERY, *WITH_ARGUMENTS) if place is FieldDefinitionNode else EVERY
            for text in texts:
                shown = text.replace("%other", other)
                if old and shown[1:].partition("(")[0] not in FEDERATION_1:
                    continue
                yield f"place {shown} at {where(node, parents)}", _with(document, node, directives(shown), old)
    for text in EVERY:
        if not old:
            shown = text.replace("%other", other)
            yield f"place {shown} at the schema", _extending(document, f"extend schema {shown}")
    for node, parents in nodes:
        if isinstance(node, DirectiveNode) and node.name.value != "link":
            yield from _arguments(document, node, parents)


def _with(document: DocumentNode, node: Any, more: tuple[Any, ...], old: bool) -> Callable[[], DocumentNode]:
    def change() -> DocumentNode:
        changed = replace(document, node, with_changes(node, directives=(*(node.directives or ()), *more)))
        return changed if old else all_imported(changed)

    return change


def _extending(document: DocumentNode, text: str) -> Callable[[], str]:
    return lambda: f"{print_ast(all_imported(document))}\n\n{text}\n"


def _arguments(
    document: DocumentNode, node: DirectiveNode, parents: tuple[Node, ...]
) -> Iterator[tuple[str, Callable[[], DocumentNode]]]:
    at = where(node, parents)
    extra = parse("type T @d(unknown: 1) { f: Int }").definitions[0].directives[0].arguments[0]  # type: ignore[attr-defined]
    more = with_changes(node, arguments=(*(node.arguments or ()), extra))
    yield f"unknown argument at {at}", lambda: replace(document, node, more)
    for argument in node.arguments or ():
        yield f"no argument {argument.name.value} at {at}", _replaced(document, argument, REMOVE)
        for value in VALUES if argument.name.value != "resolvable" else ("null", "true", "false", '"no"', "1"):
            changed = with_changes(argument, value=parse_const_value(value))
            yield f"argument {argument.name.value}: {value} at {at}", _replaced(document, argument, changed)


def _replaced(document: DocumentNode, node: ArgumentNode, other: Any) -> Callable[[], DocumentNode]:
    return lambda: replace(document, node, other)
