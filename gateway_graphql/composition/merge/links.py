"""The head of the supergraph: its links, and the definitions that they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from graphql import EnumValueNode

from gateway_graphql.composition.merge.merging import Merging, constant
from gateway_graphql.composition.model import Applied
from gateway_graphql.composition.specs import (
    CONNECT_IDENTITY,
    FEDERATION,
    HOST,
    LATEST_CONNECT,
    SpecOfItsOwn,
    known_spec,
)

__all__ = ["JOIN_DEFINITIONS", "feature_definitions", "link_the_features"]

JOIN_DEFINITIONS = """\
directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) repeatable on \
SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, \
external: Boolean, override: String, usedOverridden: Boolean, overrideLabel: String, \
contextArguments: [join__ContextArgument!]) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, \
resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on \
OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
input join__ContextArgument { name: String! type: String! context: String! selection: join__FieldValue! }
scalar join__DirectiveArguments
scalar join__FieldSet
scalar join__FieldValue
scalar link__Import
enum link__Purpose {
  \"\"\"`SECURITY` features provide metadata necessary to securely resolve fields.\"\"\"
  SECURITY
  \"\"\"`EXECUTION` features provide metadata necessary for operation execution.\"\"\"
  EXECUTION
}
"""

_SCALARS = {
    "Scope": "requiresScopes__Scope",
    "Policy": "policy__Policy",
    "ContextFieldValue": "context__ContextFieldValue",
}


def link_the_features(merging: Merging) -> None:
    """Apply ``@link`` for every specification that the supergraph uses."""
    _link(merging, f"{HOST}/link/v1.0")
    _link(merging, f"{HOST}/join/v0.5", purpose="EXECUTION")
    by_spec: dict[SpecOfItsOwn, list[str]] = {}
    for name, known in FEDERATION.items():
        if name in merging.features and known.spec is not None:
            by_spec.setdefault(known.spec, []).append(name)
    for spec, directives in by_spec.items():
        # A directive that is called like its specification needs no import.
        imports = [
            {"name": f"@{name}", "as": f"@{merging.renamed[name]}"} if name in merging.renamed else f"@{name}"
            for name in directives
            if name != spec.name or name in merging.renamed
        ]
        _link(merging, f"{HOST}/{spec.name}/{spec.version}", imports=imports, purpose=spec.purpose)
    connectors = [
        link.version
        for s in merging.subgraphs
        for link in s.links.links
        if link.identity == CONNECT_IDENTITY and known_spec(link.identity, link.version) and not s.links.of_the_past
    ]
    if connectors:
        # Who knows a version knows the earlier ones.
        major, minor = max((*connectors, LATEST_CONNECT))
        _link(merging, f"{CONNECT_IDENTITY}/v{major}.{minor}", purpose="EXECUTION")
    for composed_link in merging.composed_links:
        link = composed_link.link
        imports_as = [
            element if element == local else {"name": element, "as": local} for element, local in composed_link.imports
        ]
        _link(merging, link.url, imports=imports_as, purpose=link.purpose)


def _link(merging: Merging, url: str, *, imports: Iterable[object] = (), purpose: str | None = None) -> None:
    arguments = {"url": constant(url)}
    if listed := list(imports):
        arguments["import"] = constant(listed)
    if purpose:
        arguments["for"] = EnumValueNode(value=purpose)
    merging.merged.directives.append(Applied("link", arguments))


def feature_definitions(features: Iterable[str], renamed: Mapping[str, str]) -> str:
    """The definitions of the directives of federation that live on in the supergraph."""
    lines: list[str] = []
    names = sorted(set(features) | ({"fromContext"} if "context" in features else set()))
    for name in names:
        if name == "cacheTag":
            continue
        definition = FEDERATION[name].definition(
            "context__fromContext" if name == "fromContext" else renamed.get(name, name)
        )
        for scalar, local in _SCALARS.items():
            if re.search(rf"\b{scalar}\b", definition):
                definition = re.sub(rf"\b{scalar}\b", local, definition)
                lines.append(f"scalar {local}")
        lines.append(definition)
    return "\n".join(lines)
