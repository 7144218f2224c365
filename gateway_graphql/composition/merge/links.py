"""The head of the supergraph: its links, and the definitions that they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from graphql import ConstValueNode, EnumValueNode

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

_SCALARS = {"Scope": "requiresScopes", "Policy": "policy", "ContextFieldValue": "context"}
"""scalar → the specification that it comes from in a supergraph"""


@dataclass(frozen=True)
class _Planned:
    """A link of the supergraph that is still to get a name."""

    url: str
    imports: tuple[tuple[str, str], ...] = ()
    """element → local name, with their ``@``"""
    purpose: str | None = None
    known: bool = False
    """whether a directive that is called like its specification needs no import"""

    @property
    def name(self) -> str:
        return self.url.split("/")[-2]


def link_the_features(merging: Merging) -> dict[str, str]:
    """
    Apply ``@link`` for every specification that the supergraph uses.

    :return: specification of federation's → what it is called here, if its own name is taken
    """
    planned = [_Planned(f"{HOST}/link/v1.0"), _Planned(f"{HOST}/join/v0.5", purpose="EXECUTION")]
    by_spec: dict[SpecOfItsOwn, list[str]] = {}
    for name, known in FEDERATION.items():
        if name in merging.features and known.spec is not None:
            by_spec.setdefault(known.spec, []).append(name)
    for spec, directives in by_spec.items():
        # @cacheTag travels inside of a join directive, and is no directive of the supergraph.
        named = [name for name in directives if name != "cacheTag"]
        imports = tuple((f"@{name}", f"@{merging.renamed.get(name, name)}") for name in named)
        planned.append(_Planned(f"{HOST}/{spec.name}/{spec.version}", imports, spec.purpose, known=True))
    connectors = [
        link.version
        for s in merging.subgraphs
        for link in s.links.links
        if link.identity == CONNECT_IDENTITY and known_spec(link.identity, link.version) and not s.links.of_the_past
    ]
    if connectors:
        # Who knows a version knows the earlier ones.
        major, minor = max((*connectors, LATEST_CONNECT))
        planned.append(_Planned(f"{CONNECT_IDENTITY}/v{major}.{minor}", purpose="EXECUTION"))
    # What a link is for in a subgraph, its own server has to know, and no gateway.
    planned += [_Planned(composed.link.url, composed.imports) for composed in merging.composed_links]
    aliases = _aliases(planned)
    for link in planned:
        merging.merged.directives.append(Applied("link", _arguments(link, aliases.get(link))))
    return {link.name: alias for link, alias in aliases.items() if link.known}


def _aliases(planned: Sequence[_Planned]) -> dict[_Planned, str]:
    """Names for those whose own is that of an earlier one, or of what another one imports."""
    aliases: dict[_Planned, str] = {}
    for number, link in enumerate(planned):
        imported = {
            local.removeprefix("@").partition("__")[0]
            for other in planned
            if other is not link
            for _, local in other.imports
        }
        taken = {other.name for other in planned[:number]} | imported | set(aliases.values())
        if link.name in taken:
            aliases[link] = next(f"_{n}{link.name}" for n in count(len(aliases)) if f"_{n}{link.name}" not in taken)
    return aliases


def _arguments(link: _Planned, alias: str | None) -> dict[str, ConstValueNode]:
    arguments = {"url": constant(link.url)}
    if alias is not None:
        arguments["as"] = constant(alias)
    own = f"@{link.name}" if link.known and alias is None else None
    imports = [
        element if element == local else {"name": element, "as": local}
        for element, local in link.imports
        if (element, local) != (own, own)
    ]
    if imports:
        arguments["import"] = constant(imports)
    if link.purpose:
        arguments["for"] = EnumValueNode(value=link.purpose)
    return arguments


def feature_definitions(features: Iterable[str], renamed: Mapping[str, str], aliases: Mapping[str, str]) -> str:
    """
    The definitions of the directives of federation that live on in the supergraph.

    :param renamed: those that all subgraphs know under another name
    :param aliases: specification → what it is called, if not by its own name
    """
    lines: list[str] = []
    names = sorted(set(features) | ({"fromContext"} if "context" in features else set()))
    for name in names:
        if name == "cacheTag":
            continue
        from_context = f"{aliases.get('context', 'context')}__fromContext"
        definition = FEDERATION[name].definition(from_context if name == "fromContext" else renamed.get(name, name))
        for scalar, spec in _SCALARS.items():
            if re.search(rf"\b{scalar}\b", definition):
                local = f"{aliases.get(spec, spec)}__{scalar}"
                definition = re.sub(rf"\b{scalar}\b", local, definition)
                lines.append(f"scalar {local}")
        lines.append(definition)
    return "\n".join(lines)
