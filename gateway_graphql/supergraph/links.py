"""Which specs a supergraph links, and by which names their directives go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from graphql import DocumentNode, SchemaDefinitionNode, SchemaExtensionNode, value_from_ast_untyped

__all__ = ["linked_names", "local_name"]

_URL = re.compile(r"/(?P<name>[^/]+)/v\d+\.\d+/?$")


def _links(document: DocumentNode) -> Iterator[tuple[str, dict[str, Any]]]:
    for definition in document.definitions:
        if isinstance(definition, (SchemaDefinitionNode, SchemaExtensionNode)):
            for directive in definition.directives or ():
                if directive.name.value in ("link", "core"):
                    said = {one.name.value: value_from_ast_untyped(one.value) for one in directive.arguments or ()}
                    url = said.get("url") or said.get("feature") or ""
                    if match := _URL.search(url):
                        yield match["name"], said


def local_name(document: DocumentNode, spec: str, directive: str) -> str:
    """What ``@directive`` of ``spec`` is called in this document."""
    for name, said in _links(document):
        if name == spec:
            for imported in said.get("import") or ():
                if isinstance(imported, dict) and imported.get("name") == f"@{directive}":
                    return str(imported.get("as", imported["name"])).removeprefix("@")
                if imported == f"@{directive}":
                    return directive
            prefix = said.get("as") or name
            return prefix if directive == spec else f"{prefix}__{directive}"
    return directive


def linked_names(document: DocumentNode) -> tuple[frozenset[str], frozenset[str]]:
    """
    The names that belong to specs and not to the clients' schema.

    First whole names (without ``@``), then the namespaces that end in ``__``.
    """
    names, namespaces = {"link", "core"}, {"link__", "core__", "join__"}
    for name, said in _links(document):
        prefix = said.get("as") or name
        names.add(prefix)
        namespaces.add(f"{prefix}__")
        for imported in said.get("import") or ():
            local = imported.get("as") or imported["name"] if isinstance(imported, dict) else imported
            names.add(str(local).removeprefix("@"))
    return frozenset(names), frozenset(namespaces)
