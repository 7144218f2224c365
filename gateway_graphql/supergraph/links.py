"""Which specs a supergraph links, and by which names their directives go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from graphql import DocumentNode, SchemaDefinitionNode, SchemaExtensionNode, value_from_ast_untyped

__all__ = ["linked_names", "linked_specs", "local_name", "unsupported_links"]

_HOST = "https://specs.apollo.dev"
_SUPPORTED = frozenset(
    f"{_HOST}/{name}"
    for name in (
        "link", "core", "join", "tag", "inaccessible", "authenticated", "requiresScopes", "policy", "context", "cost",
        "cacheTag",
    )
)  # fmt: skip
_JOIN_VERSIONS = ("v0.2", "v0.3", "v0.4", "v0.5")

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


def _is_ours(name: str, said: dict[str, Any]) -> bool:
    """Whether it is the spec that this gateway knows by the name, and not somebody else's."""
    return str(said.get("url") or said.get("feature")).startswith(f"{_HOST}/{name}/")


def linked_specs(document: DocumentNode) -> frozenset[str]:
    """The names of all specs that this gateway may know and the document links."""
    return frozenset(name for name, said in _links(document) if _is_ours(name, said))


def local_name(document: DocumentNode, spec: str, directive: str) -> str:
    """What ``@directive`` of ``spec`` is called in this document; empty if the spec is not linked."""
    for name, said in _links(document):
        if name == spec and _is_ours(name, said):
            for imported in said.get("import") or ():
                if isinstance(imported, dict) and imported.get("name") == f"@{directive}":
                    return str(imported.get("as", imported["name"])).removeprefix("@")
                if imported == f"@{directive}":
                    return directive
            prefix = said.get("as") or name
            return prefix if directive == spec else f"{prefix}__{directive}"
    return ""


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


def unsupported_links(document: DocumentNode) -> list[str]:
    """
    What stands in the way of serving the supergraph.

    A link that says what it is ``for`` must be understood by whoever serves it. Spec: UNSUPPORTED_LINKED_FEATURE,
    INVALID_FEDERATION_SUPERGRAPH.
    """
    problems = []
    for name, said in _links(document):
        url = said.get("url") or said.get("feature") or ""
        identity, _, version = url.rpartition("/")
        if said.get("for") and identity not in _SUPPORTED:
            problems.append(
                f"it links {url} for {said['for']}, which this gateway does not know; compose it without "
                f"{name}, or serve it with a router that does (UNSUPPORTED_LINKED_FEATURE)"
            )
        elif identity == f"{_HOST}/join" and version not in _JOIN_VERSIONS:
            problems.append(
                f"it is written in join {version}, and this gateway reads {_JOIN_VERSIONS[0]} to {_JOIN_VERSIONS[-1]}; "
                "compose the subgraphs again (INVALID_FEDERATION_SUPERGRAPH)"
            )
    return problems
