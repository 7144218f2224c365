"""Link other versions, under other names, with other imports, or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from graphql import DirectiveNode, DocumentNode, ListValueNode, SchemaExtensionNode, StringValueNode, print_ast

from tests.peers.composition.mutate.nodes import replace, walk, with_changes

__all__ = ["changed_links"]

HOST = "https://specs.apollo.dev"
SEPARATE = (
    f'@link(url: "{HOST}/tag/v0.3")', f'@link(url: "{HOST}/tag/v0.3", import: ["@tag"])', f'@link(url: "{HOST}/tag/v0.9")',
    f'@link(url: "{HOST}/tag/v0.3", as: "label")', f'@link(url: "{HOST}/inaccessible/v0.2", for: SECURITY)',
    f'@link(url: "{HOST}/inaccessible/v0.1", import: ["@inaccessible"])', f'@link(url: "{HOST}/authenticated/v0.1")',
    f'@link(url: "{HOST}/requiresScopes/v0.1", import: ["Scope"])', f'@link(url: "{HOST}/policy/v0.1", as: "guard")',
    f'@link(url: "{HOST}/cost/v0.1", import: ["@cost", "@listSize"])', f'@link(url: "{HOST}/context/v0.1")',
    f'@link(url: "{HOST}/join/v0.3", for: EXECUTION)', f'@link(url: "{HOST}/link/v1.0")', f'@link(url: "{HOST}/link/v2.0")',
    f'@link(url: "{HOST}/link/v1.0", import: ["@link"])', f'@link(url: "{HOST}/link/v1.0", as: "links")',
    f'@link(url: "{HOST}/federation/v2.3")', f'@link(url: "{HOST}/federation/v2.12", as: "fed2")',
    f'@link(url: "{HOST}/federation/v2.9999")', f'@link(url: "{HOST}/connect/v0.1")', f'@link(url: "{HOST}/connect/v0.2")',
    '@link(url: "https://example.com/mine/v1.0")', '@link(url: "https://example.com/mine/v1.0", for: SECURITY)',
    '@link(url: "https://example.com/mine/v1.0", import: ["@mine"])', '@link(url: "https://example.com/mine/v1.0", as: "key")',
    '@link(url: "https://example.com/mine/v1.0", import: ["@key"])', '@link(url: "https://example.com/v1.0")',
    '@link(url: "https://example.com/mine")', '@link(url: "nonsense")', '@link(url: "")', "@link", '@link(as: "mine")',
    '@link(url: "https://example.com/mine/v1.0", as: "mine__own")', '@link(url: "https://example.com/mine/v1.0", as: "@mine")',
    '@link(url: "https://example.com/mine/v1.0", import: ["Thing"])', '@link(url: "https://example.com/mine/v1.0", import: [1])',
    '@link(url: "https://example.com/mine/v1.0", import: {name: "@mine"})', '@link(url: "https://example.com/mine/v1", as: "")',
    '@link(url: "https://example.com/mine/v1.0", import: [{name: "@mine", as: "own"}])', '@link(url: 1)', "@link(url: null)",
    '@link(url: "https://example.com/mine/v1.0", import: [{as: "@mine"}])', '@link(url: "https://example.com/mine/v1.0", for: NOTHING)',
    '@link(url: "https://example.com/mine/v1.0", import: [{name: "@mine", as: "@federation__mine"}])',
    '@link(url: "https://example.com/Federation/v2.0", as: "other")', '@link(url: "https://example.com/a/b/c/v1.2.3")',
    '@link(url: "https://example.com/mine/v1.0", unknown: 1)', '@core(feature: "https://specs.apollo.dev/core/v0.2")',
)  # fmt: skip
DEFINED = (
    "directive @key(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE\nscalar FieldSet",
    "directive @key(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE\n"
    "scalar federation__FieldSet",
    "directive @key(fields: String!) repeatable on OBJECT", "directive @key(fields: _FieldSet!) on OBJECT\nscalar _FieldSet",
    "directive @key(fields: [String!]!) on OBJECT", "directive @key on OBJECT", "directive @shareable on OBJECT | FIELD_DEFINITION",
    "directive @key(fields: String!, more: Int) on OBJECT", "directive @shareable on FIELD_DEFINITION | SCHEMA",
    "directive @key(fields: String!, resolvable: Boolean = false) on OBJECT", "directive @external on FIELD_DEFINITION",
    "directive @shareable repeatable on FIELD_DEFINITION", "directive @external repeatable on OBJECT | FIELD_DEFINITION",
    "directive @requires(fields: String) on FIELD_DEFINITION", "directive @provides(fields: ID!) on FIELD_DEFINITION",
    "directive @tag(name: String!) repeatable on FIELD_DEFINITION", "directive @tag(name: String) on OBJECT",
    "directive @tag(name: String!, more: Int) repeatable on OBJECT", "directive @inaccessible on FIELD_DEFINITION | SCHEMA",
    "directive @override(from: String!) on FIELD_DEFINITION", "directive @override(from: String!, label: Int) on FIELD_DEFINITION",
    "directive @link(url: String!, import: [link__Import]) repeatable on SCHEMA\nscalar link__Import",
    "directive @link(url: String!) on SCHEMA", "directive @link(url: String!, import: [String]) repeatable on SCHEMA",
    "directive @deprecated(reason: String) on FIELD_DEFINITION", "directive @deprecated on FIELD_DEFINITION",
    "directive @specifiedBy(url: String!) on SCALAR", "directive @skip(if: Boolean!) on FIELD", "scalar FieldSet",
    "scalar federation__FieldSet", "type federation__FieldSet { a: Int }", "scalar _Any", "type _Service { sdl: String }",
    "union _Entity = Query", "extend type Query { _service: _Service! }\ntype _Service { sdl: String }",
    "extend type Query { _entities(representations: [_Any!]!): [_Entity]! }\nscalar _Any\nunion _Entity = Query",
    "enum link__Purpose { SECURITY EXECUTION }", "enum link__Purpose { SECURITY }", "scalar link__Purpose", "scalar Scope",
    "directive @mine on FIELD_DEFINITION", "directive @mine(a: Int) on OBJECT | FIELD", "directive @mine(a: Unknown) on OBJECT",
    "directive @__mine on FIELD", "directive @mine on FIELD\ndirective @mine on FIELD", "directive @mine(a: Int a: Int) on FIELD",
    "directive @federation__mine on OBJECT", "type federation__Mine { a: Int }", "scalar link__Import", "directive @policy on FIELD_DEFINITION",
)  # fmt: skip


def changed_links(document: DocumentNode, name: str, other: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each possible change of what is linked, imported or defined."""
    text = print_ast(document)
    for link in SEPARATE:
        yield f"also {link}", _added(text, f"extend schema {link}")
    for definition in DEFINED:
        yield f"also {definition}", _added(text, definition)
    for node, parents in walk(document):
        if not isinstance(node, DirectiveNode) or node.name.value != "link" or "/federation/v" not in print_ast(node):
            continue
        arguments = {a.name.value: a for a in node.arguments or ()}
        if "url" not in arguments:
            continue
        if isinstance(parents[-1], SchemaExtensionNode) and len(parents[-1].directives or ()) == 1:
            yield "no link to federation", _without(document, parents[-1])
        written = print_ast(arguments["url"])
        for version in (
            "v2",
            "2.3",
            "v1.0",
            "v3.0",
            "v2.15",
            "v2.99",
            "v0.1",
            "v2.3.1",
            *(f"v2.{m}" for m in range(15)),
        ):
            changed = re.sub(r"/[^/]*$", f'/{version}"', written)
            if changed != written:
                yield f"federation {version}", _substituted(text, written, changed)
        if "as" not in arguments:
            for alias in ("fed", "tag", "key", "link", "join", "fed__x", "fed_", "_fed", "1fed", ""):
                yield f'as "{alias}"', _substituted(text, written, f'{written}, as: "{alias}"')
        if "import" in arguments and isinstance(arguments["import"].value, ListValueNode):
            yield from _imports(document, text, arguments["import"].value)


def _imports(document: DocumentNode, text: str, imports: ListValueNode) -> Iterator[tuple[str, Callable[[], Any]]]:
    shown = print_ast(imports)
    for item in imports.values:
        if not isinstance(item, StringValueNode):
            continue
        element = item.value
        bare = element.removeprefix("@")
        rest = tuple(other for other in imports.values if other is not item)
        yield f"{element} not imported", _replaced(document, imports, rest)
        yield f"{element} imported twice", _substituted(text, shown, shown.replace("]", f', "{element}"]'))
        yield f"{bare} without @", _substituted(text, f'"{element}"', f'"{bare}"')
        for new in (
            f"my{bare.capitalize()}",
            "key",
            "tag",
            f"federation__{bare}",
            "federation__other",
            "link",
            "deprecated",
        ):
            alias = f'{{name: "{element}", as: "@{new}"}}'
            renamed = text.replace(f'"{element}"', alias)
            yield f"{element} as @{new}, not renamed", lambda renamed=renamed: renamed  # type: ignore[misc]
            used = re.sub(rf"@{bare}\b(?!\")", f"@{new}", renamed)
            yield f"{element} as @{new}", lambda used=used: used  # type: ignore[misc]
        qualified = re.sub(rf"@{bare}\b(?!\")", f"@federation__{bare}", text)
        yield f"@federation__{bare} in full", lambda qualified=qualified: qualified  # type: ignore[misc]
        without = _replaced(document, imports, rest)
        yield (
            f"@federation__{bare} in full, not imported",
            lambda without=without, bare=bare: re.sub(  # type: ignore[misc]
                rf"@{bare}\b(?!\")", f"@federation__{bare}", print_ast(without())
            ),
        )
    for extra in (
        '"@unknown"',
        '"Unknown"',
        '"FieldSet"',
        '"@key "',
        '""',
        "1",
        '{name: "@key"}',
        '{as: "@key"}',
        '"@"',
        "null",
    ):
        yield f"import {extra}", _substituted(text, shown, shown.replace("]", f", {extra}]"))


def _added(text: str, more: str) -> Callable[[], str]:
    return lambda: f"{text}\n\n{more}\n"


def _substituted(text: str, old: str, new: str) -> Callable[[], str]:
    return lambda: text.replace(old, new, 1)


def _without(document: DocumentNode, node: SchemaExtensionNode) -> Callable[[], DocumentNode]:
    rest = tuple(definition for definition in document.definitions if definition is not node)
    return lambda: with_changes(document, definitions=rest)


def _replaced(document: DocumentNode, imports: ListValueNode, values: tuple[Any, ...]) -> Callable[[], DocumentNode]:
    return lambda: replace(document, imports, with_changes(imports, values=values))
