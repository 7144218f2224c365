"""
``@link`` resolved: which name of a subgraph means which element of which specification.

An imported element has the name it was imported under; every other one has the specification's name (or its alias)
and two underscores before it: ``@federation__key``. An element called like its specification needs no underscores.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumValueNode,
    ListValueNode,
    ObjectValueNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
)

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.specs import (
    FEDERATION,
    FEDERATION_1,
    FEDERATION_IDENTITY,
    FEDERATION_SCALARS,
    HOST,
    LATEST,
    LINK_IDENTITIES,
    LINK_TYPES,
    SPECS,
)

__all__ = ["Link", "Links", "read_links"]

_URL = re.compile(r"^(?P<identity>.+?)(?:/v(?P<major>\d+)\.(?P<minor>\d+))?/?$")


@dataclass(frozen=True)
class Link:
    """One linked specification."""

    identity: str
    """the URL without its version"""
    version: tuple[int, int]
    alias: str
    """the prefix of everything that is not imported"""
    imports: tuple[tuple[str, str], ...] = ()
    """element → local name, directives with their ``@``"""
    purpose: str | None = None

    @property
    def name(self) -> str:
        """The last part of the URL."""
        return self.identity.rsplit("/", 1)[-1]

    @property
    def url(self) -> str:
        """The URL as it is written into a schema."""
        return f"{self.identity}/v{self.version[0]}.{self.version[1]}"

    def local(self, element: str) -> str:
        """What an element of this specification is called here: ``@tag``, ``federation__FieldSet``."""
        if imported := dict(self.imports).get(element):
            return imported
        at, name = ("@", element[1:]) if element.startswith("@") else ("", element)
        return f"{at}{self.alias}" if at and name == self.name else f"{at}{self.alias}__{name}"

    def element(self, local: str) -> str | None:
        """The other way round: the element that a local name means."""
        for element, imported in self.imports:
            if imported == local:
                return element
        at, name = ("@", local[1:]) if local.startswith("@") else ("", local)
        if at and name == self.alias and f"@{self.name}" not in dict(self.imports):
            return f"@{self.name}"
        if name.startswith(f"{self.alias}__"):
            element = at + name.removeprefix(f"{self.alias}__")
            return None if element in dict(self.imports) else element
        return None


@dataclass
class Links:
    """All links of a subgraph."""

    link_directive: str = "link"
    links: tuple[Link, ...] = ()
    problems: list[Diagnostic] = field(default_factory=list)

    @property
    def federation(self) -> Link | None:
        """The link to the federation specification; a subgraph without one is a Federation 1 subgraph."""
        return next((link for link in self.links if link.identity == FEDERATION_IDENTITY), None)

    def version(self) -> tuple[int, int] | None:
        """The version of federation that the subgraph is written for."""
        return self.federation.version if self.federation else None

    def directives(self) -> dict[str, str]:
        """Local name → the specification's name, for every directive that composition knows."""
        known: dict[str, str] = {}
        if self.federation is None:
            known.update({name: name for name in FEDERATION_1})
        for link in self.links:
            if link.identity == FEDERATION_IDENTITY:
                offered: Sequence[str] = tuple(n for n, d in FEDERATION.items() if d.since <= link.version)
            else:
                offered = SPECS.get(link.name, ()) if link.identity.startswith(HOST) else ()
            for name in offered:
                known[link.local(f"@{name}")[1:]] = name
        return known

    def scalars(self) -> dict[str, str]:
        """The specification's name → local name, for the scalars in the definitions of these directives."""
        federation = self.federation
        if federation is None:
            return {name: f"federation__{name}" for name in FEDERATION_SCALARS} | {"FieldSet": "_FieldSet"}
        return {name: federation.local(name) for name in FEDERATION_SCALARS}

    def link_types(self) -> tuple[str, ...]:
        """The types that the definition of ``@link`` itself needs."""
        link = next((link for link in self.links if link.identity in LINK_IDENTITIES), None)
        return tuple(link.local(name) if link else f"{self.link_directive}__{name}" for name in LINK_TYPES)

    def source(self, directive: str) -> tuple[Link, str] | None:
        """The specification that a directive of the subgraph comes from, and its name there (without ``@``)."""
        for link in self.links:
            if element := link.element(f"@{directive}"):
                return link, element[1:]
        return None


def read_links(subgraph: str, document: DocumentNode) -> Links:
    """Find and read every ``@link`` (or the older ``@core``) on the schema."""
    applied = list(_schema_directives(document))
    found = Links()
    for node in applied:
        url = _text(node, "url") or _text(node, "feature") or ""
        match = _URL.match(url)
        if match and match["identity"] in LINK_IDENTITIES:
            found.link_directive = _text(node, "as") or match["identity"].rsplit("/", 1)[-1]
            break
    links: list[Link] = []
    for node in applied:
        if node.name.value not in (found.link_directive, "link"):
            continue
        link = _read_link(subgraph, node, found.problems)
        if link is None:
            continue
        if any(link.identity == other.identity for other in links):
            found.problems.append(
                _problem(
                    subgraph,
                    "INVALID_LINK_DIRECTIVE_USAGE",
                    f'"{link.identity}" is linked twice; keep one @link and put all imports there',
                )
            )
            continue
        links.append(link)
    found.links = tuple(links)
    _check_standalone(subgraph, found)
    _check_names(subgraph, found)
    return found


def _schema_directives(document: DocumentNode) -> Iterator[ConstDirectiveNode]:
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            yield from node.directives or ()


def _read_link(subgraph: str, node: ConstDirectiveNode, problems: list[Diagnostic]) -> Link | None:
    url = _text(node, "url") or _text(node, "feature")
    if not url:
        problems.append(
            _problem(subgraph, "INVALID_LINK_DIRECTIVE_USAGE", 'a @link has no url; add url: "https://…/name/v1.0"')
        )
        return None
    match = _URL.match(url)
    if match is None or match["major"] is None or "/" not in match["identity"]:
        problems.append(
            _problem(
                subgraph,
                "INVALID_LINK_IDENTIFIER",
                f'"{url}" is no specification with a version; write it like "{FEDERATION_IDENTITY}/v2.3"',
            )
        )
        return None
    identity, version = match["identity"], (int(match["major"]), int(match["minor"]))
    name = identity.rsplit("/", 1)[-1]
    if identity == FEDERATION_IDENTITY and not ((2, 0) <= version <= LATEST):
        problems.append(
            _problem(
                subgraph,
                "UNKNOWN_FEDERATION_LINK_VERSION",
                f"federation v{version[0]}.{version[1]} is not known; link v2.0 to v{LATEST[0]}.{LATEST[1]}",
            )
        )
        return None
    if identity in LINK_IDENTITIES and version[0] > 1:
        problems.append(
            _problem(
                subgraph, "UNKNOWN_LINK_VERSION", f"{name} v{version[0]}.{version[1]} is not known; link {name} v1.0"
            )
        )
        return None
    imports = tuple(_imports(subgraph, node, identity, version, problems))
    purpose = _argument(node, "for")
    return Link(
        identity,
        version,
        _text(node, "as") or name,
        imports,
        purpose.value if isinstance(purpose, EnumValueNode) else None,
    )


def _imports(
    subgraph: str, node: ConstDirectiveNode, identity: str, version: tuple[int, int], problems: list[Diagnostic]
) -> Iterator[tuple[str, str]]:
    value = _argument(node, "import")
    if value is None:
        return
    for item in value.values if isinstance(value, ListValueNode) else (value,):
        match item:
            case StringValueNode(value=element):
                local = element
            case ObjectValueNode():
                fields = {f.name.value: f.value for f in item.fields}
                named, renamed = fields.get("name"), fields.get("as")
                element = named.value if isinstance(named, StringValueNode) else ""
                local = renamed.value if isinstance(renamed, StringValueNode) else element
            case _:
                element = local = ""
        if not element or element.startswith("@") != local.startswith("@"):
            problems.append(
                _problem(
                    subgraph,
                    "INVALID_LINK_DIRECTIVE_USAGE",
                    'an import is a name like "@key", or {name: "@key", as: "@primaryKey"} with "@" in both or in none',
                )
            )
            continue
        if identity == FEDERATION_IDENTITY and not _offered(element, version):
            problems.append(
                _problem(
                    subgraph,
                    "INVALID_LINK_DIRECTIVE_USAGE",
                    f'federation v{version[0]}.{version[1]} has no "{element}"; correct the name'
                    + (
                        f", or link v2.{FEDERATION[element[1:]].since[1]} or later"
                        if element[1:] in FEDERATION and element[0] == "@"
                        else ""
                    ),
                )
            )
            continue
        yield element, local


def _offered(element: str, version: tuple[int, int]) -> bool:
    if element.startswith("@"):
        directive = FEDERATION.get(element[1:])
        return directive is not None and directive.since <= version
    return element in FEDERATION_SCALARS


def _check_standalone(subgraph: str, links: Links) -> None:
    """``@tag`` and the like come with the federation specification; by themselves they are for supergraphs."""
    for link in links.links:
        if links.federation is None and link.identity.startswith(f"{HOST}/") and link.name in SPECS:
            links.problems.append(
                _problem(
                    subgraph,
                    "INVALID_LINK_DIRECTIVE_USAGE",
                    f'"{link.identity}" is linked by itself; import "@{link.name}" from "{FEDERATION_IDENTITY}" instead',
                )
            )


def _check_names(subgraph: str, links: Links) -> None:
    """A local name must not be able to mean two things: neither what is imported, nor what begins with an alias."""

    def wrong(message: str) -> None:
        links.problems.append(_problem(subgraph, "INVALID_LINK_DIRECTIVE_USAGE", message))

    taken: dict[str, str] = {}
    aliases: dict[str, str] = {}
    for link in links.links:
        if "__" in link.alias:
            wrong(f'"{link.alias}" is no name for a specification, because it contains "__"; link it with another one')
        elif aliases.setdefault(link.alias, link.identity) != link.identity:
            wrong(
                f'"{link.identity}" and "{aliases[link.alias]}" are both called "{link.alias}"; '
                'link one of them with another name ("as")'
            )
        for element, local in link.imports:
            meaning = f"{link.identity}#{element}"
            if taken.setdefault(local, meaning) != meaning:
                wrong(f'"{local}" is imported from two specifications; import one of them with another name ("as")')
            for other in links.links:
                if _could_be_of(other, local) and (
                    other is not link or local != replace(link, imports=()).local(element)
                ):
                    wrong(
                        f'"{local}" is imported, and it could be a name of "{other.identity}" as well; '
                        'import it with another name ("as"), or link that specification with one'
                    )


def _could_be_of(link: Link, local: str) -> bool:
    name = local.removeprefix("@")
    return name.startswith(f"{link.alias}__") or (local.startswith("@") and name == link.alias)


def _problem(subgraph: str, code: str, message: str) -> Diagnostic:
    return Diagnostic(code, message, (subgraph,), "@link")


def _argument(node: ConstDirectiveNode, name: str) -> object:
    return next((a.value for a in node.arguments or () if a.name.value == name), None)


def _text(node: ConstDirectiveNode, name: str) -> str | None:
    value = _argument(node, name)
    return value.value if isinstance(value, StringValueNode) else None
