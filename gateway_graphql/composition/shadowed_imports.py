"""Spec: INVALID_LINK_DIRECTIVE_USAGE. What is imported has one name, and the longer one is not free for others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    NamedTypeNode,
    Node,
    TypeDefinitionNode,
    Visitor,
    visit,
)

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.link import Links

__all__ = ["shadowed_imports"]


def shadowed_imports(subgraph: str, links: Links, definitions: Sequence[DefinitionNode]) -> Iterator[Diagnostic]:
    """Definitions called ``federation__key`` where "@key" is imported, if they are used."""
    shadowing = {
        id(node): (name, element, local)
        for node in definitions
        if isinstance(node, DirectiveDefinitionNode | TypeDefinitionNode)
        for name in [f"@{node.name.value}" if isinstance(node, DirectiveDefinitionNode) else node.name.value]
        for link in links.links
        for element, local in link.imports
        if local != name and link.default_element(name) == element
    }
    if not shadowing:
        return
    used = _names_in([node for node in definitions if id(node) not in shadowing])
    for name, element, local in shadowing.values():
        if name in used:
            yield Diagnostic(
                "INVALID_LINK_DIRECTIVE_USAGE",
                f'"{element}" is imported as "{local}", so "{name}" would be the same; '
                f'write "{local}" instead of it, and remove its definition',
                (subgraph,),
                name,
            )


def _names_in(nodes: Sequence[Node]) -> set[str]:
    """Every type and directive (with its ``@``) that is used."""
    found: set[str] = set()

    class Names(Visitor):
        def enter_named_type(self, node: NamedTypeNode, *_: object) -> None:
            found.add(node.name.value)

        def enter_directive(self, node: DirectiveNode, *_: object) -> None:
            found.add(f"@{node.name.value}")

    for node in nodes:
        visit(node, Names())
    return found
