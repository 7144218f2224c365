"""Find a part of a document, and put another one in its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import DocumentNode, Node, StringValueNode, Visitor, parse, visit

__all__ = ["directives", "input_node", "named", "replace", "string", "walk", "where", "with_changes"]


def walk(node: Node, parents: tuple[Node, ...] = ()) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    """Every node with those that it is inside of, the outermost first."""
    yield node, parents
    for key in node.keys:
        value = getattr(node, key, None)
        for child in value if isinstance(value, list | tuple) else [value]:
            if isinstance(child, Node):
                yield from walk(child, (*parents, node))


def where(node: Node, parents: tuple[Node, ...]) -> str:
    """The names on the way to a node."""
    return ".".join(n.name.value for n in (*parents, node) if getattr(n, "name", None))  # type: ignore[attr-defined]


def replace(document: DocumentNode, target: Node, replacement: Any) -> DocumentNode:
    """The document with another node, or ``REMOVE``, in the place of one."""

    class Replacing(Visitor):
        def enter(self, node: Node, *_: Any) -> Any:
            return replacement if node is target else None

    changed: DocumentNode = visit(document, Replacing())
    return changed


def with_changes(node: Any, **changes: Any) -> Any:
    """A copy of a node with other children."""
    return type(node)(**{key: getattr(node, key, None) for key in node.keys} | changes)


def named(node: Any, name: str) -> Any:
    """The name of a node, changed."""
    return with_changes(node.name, value=name)


def string(text: str) -> StringValueNode:
    """A string in SDL."""
    return StringValueNode(value=text)


def directives(text: str) -> tuple[Any, ...]:
    """Applied directives from SDL: ``@tag(name: "t") @shareable``."""
    return tuple(parse(f"type T {text} {{ f: Int }}").definitions[0].directives)  # type: ignore[attr-defined]


def input_node(text: str) -> Any:
    """An argument or input field from SDL: ``extra: Int``."""
    return parse(f"input T {{ {text} }}").definitions[0].fields[0]  # type: ignore[attr-defined]
