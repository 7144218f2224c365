"""
``@link`` resolved: which name of a subgraph means which element of which specification.

An imported element has the name it was imported under; every other one has the specification's name (or its alias)
and two underscores before it: ``@federation__key``. An element called like its specification needs no underscores.

Links are read in the order in which they are written. A name means what the first link says, so the first link that
makes no sense is the one to correct; what the ones after it say about names would be guesswork.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from graphql import (
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    DocumentNode,
    ListValueNode,
    ObjectValueNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    ValueNode,
    print_ast,
)

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.specs import (
    CONNECT_IDENTITY,
    FEDERATION,
    FEDERATION_1,
    FEDERATION_IDENTITY,
    FEDERATION_SCALARS,
    HOST,
    LATEST,
    LINK_IDENTITIES,
    LINK_TYPES,
    known_spec,
)

__all__ = ["UPGRADED_TO", "Link", "Links", "read_links", "spec_names_taken"]

UPGRADED_TO = (2, 4)
"""the version of federation that a subgraph of Federation 1 is taken for"""
_UPGRADED = tuple(name for name, known in FEDERATION.items() if known.since <= UPGRADED_TO)
_VERSION = re.compile(r"v(\d+)\.(\d+)")
_NAME = re.compile(r"@?[_A-Za-z][_0-9A-Za-z]*")
_ALIAS = re.compile(r"[_A-Za-z][-._0-9A-Za-z]*")


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
        meant = self.default_element(local)
        return None if meant in dict(self.imports) else meant

    def default_element(self, local: str) -> str | None:
        """The element that a local name means because of how it begins, imported or not."""
        at, name = ("@", local[1:]) if local.startswith("@") else ("", local)
        prefix, underscores, rest = name.partition("__")
        if underscores and prefix == self.alias:
            return at + rest
        return f"@{self.name}" if at and name == self.alias else None


@dataclass
class Links:
    """All links of a subgraph."""

    link_directive: str = "link"
    links: tuple[Link, ...] = ()
    applied: bool = False
    """whether anything is linked, in whatever way"""
    introduced: bool = False
    """whether the specification of ``@link`` is linked itself"""
    federated: bool = False
    """whether a version of federation is linked, in whatever way"""
    defined: frozenset[str] = frozenset()
    """the directives that the subgraph defines itself"""
    problems: list[Diagnostic] = field(default_factory=list)
    problems_of_upgrade: list[Diagnostic] = field(default_factory=list)
    """about what only the upgrade of a Federation 1 subgraph gives a meaning"""
    readable: bool = True
    """whether it can be told what names mean, in spite of the problems"""

    @property
    def of_the_past(self) -> bool:
        """Federation 1 did not know what a link is: whatever it says matters to the upgrade alone."""
        return self.federation is None and not self.introduced and not self.federated

    @property
    def of_its_own(self) -> bool:
        """Whether what is called like ``@link`` is a directive of the subgraph's own, with whatever arguments."""
        return self.of_the_past and self.link_directive in self.defined

    @property
    def federation(self) -> Link | None:
        """The link to the federation specification; a subgraph without one is a Federation 1 subgraph."""
        return next((link for link in self.links if link.identity == FEDERATION_IDENTITY), None)

    @property
    def version_known(self) -> bool:
        """Whether there is no link to federation, or one to a version that exists; else no directive means anything."""
        return self.federation is None or (2, 0) <= self.federation.version <= LATEST

    def version(self) -> tuple[int, int] | None:
        """The version of federation that the subgraph is written for."""
        return self.federation.version if self.federation else None

    def directives(self) -> dict[str, str]:
        """Local name → the specification's name, for every directive that composition knows."""
        known: dict[str, str] = {}
        if self.federation is None:
            # What the upgrade imports means the same where the subgraph has a definition of its own.
            known |= {name: name for name in (*FEDERATION_1, *(n for n in _UPGRADED if n in self.defined))}
        if self.of_the_past or not self.version_known:
            return known
        for link in self.links:
            spec = known_spec(link.identity, link.version)
            if spec is None or link.identity in LINK_IDENTITIES:
                continue
            for name in spec.directives:
                known[link.local(f"@{name}")[1:]] = name
        return known

    def types(self) -> dict[str, str]:
        """The specification's name → local name, for the types in the definitions of these directives."""
        types = {name: f"federation__{name}" for name in FEDERATION_SCALARS}
        if self.federation is None:
            types["FieldSet"] = "_FieldSet"
        for link in () if self.of_the_past else self.links:
            spec = known_spec(link.identity, link.version)
            # What the federation specification brings is what the other ones' definitions use here, too.
            if spec is not None and link.identity not in LINK_IDENTITIES:
                types |= {
                    n: link.local(n) for n in spec.types if link.identity in (FEDERATION_IDENTITY, CONNECT_IDENTITY)
                }
        return types

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
    _find_link_directive(document, applied, found)
    found.applied = any(node.name.value in ("link", "core") for node in applied)
    for node in applied:
        if node.name.value != found.link_directive:
            continue
        problems: list[Diagnostic] = []
        settled = found.federated or any(
            link.identity in LINK_IDENTITIES and link.alias == found.link_directive for link in found.links
        )
        link = _read_link(subgraph, node, problems, federated=settled)
        if link is not None and not problems:
            links = found.links
            if found.federated and not found.introduced:
                links = (Link(LINK_IDENTITIES[0], (1, 0), found.link_directive), *links)
            problems += _clashes(subgraph, link, links)
        if any(problem.code == "UNKNOWN_LINK_VERSION" for problem in problems):
            # Nothing is linked by a specification of which it is not known what it links.
            found.problems, found.links = [*problems, *_introduced_again(subgraph, applied, node)], ()
            return found
        found.problems += problems
        if link is not None and not problems:
            found.links += (link,)
        elif not found.introduced:
            found.readable = False
            return found
    linked = found.version()
    if linked is not None and not found.version_known:
        found.problems.append(
            _problem(
                subgraph,
                "UNKNOWN_FEDERATION_LINK_VERSION",
                f"federation v{linked[0]}.{linked[1]} is not known; link v2.0 to v{LATEST[0]}.{LATEST[1]}",
            )
        )
    return found


def _introduced_again(
    subgraph: str, applied: Sequence[ConstDirectiveNode], first: ConstDirectiveNode
) -> Iterator[Diagnostic]:
    identity = (_text(first, "url") or _text(first, "feature") or "").rpartition("/")[0]
    for node in applied[applied.index(first) + 1 :]:
        link = _read_link(subgraph, node, [], federated=False)
        if link is not None and (link.identity, link.alias, node.name.value) == (identity, *[first.name.value] * 2):
            yield _linked_twice(subgraph, link)


def _find_link_directive(document: DocumentNode, applied: Sequence[ConstDirectiveNode], found: Links) -> None:
    """Find out what ``@link`` is called: it may link its own specification, under a name of its own."""
    defined = found.defined = frozenset(
        n.name.value for n in document.definitions if isinstance(n, DirectiveDefinitionNode)
    )
    unlike = {
        n.name.value for n in document.definitions if isinstance(n, DirectiveDefinitionNode) and not _defines_link(n)
    }
    found.federated = any(
        (_text(node, "url") or "").startswith(FEDERATION_IDENTITY)
        for node in applied
        if node.name.value in ("link", *defined)
    )
    first = next((node for node in applied if node.name.value == "link"), None)
    if first is not None and "link" not in defined and (_text(first, "url") or "").startswith(LINK_IDENTITIES[0]):
        found.link_directive = _text(first, "as") or "link"
    for node in applied:
        name = node.name.value
        identity, _, version = (_text(node, "url") or _text(node, "feature") or "").rpartition("/")
        named = name == (_text(node, "as") or identity.rpartition("/")[2]) and name in (*defined, found.link_directive)
        known = version in ("v1.0", "v0.1", "v0.2") or not found.federated
        if identity in LINK_IDENTITIES and named and known and name not in unlike:
            found.link_directive = name
            found.introduced = True
            return


def _defines_link(node: DirectiveDefinitionNode) -> bool:
    """Whether a definition is one of ``@link``, right or wrong, and not of something else with its name."""
    types = {a.name.value: print_ast(a.type) for a in node.arguments or ()}
    return (
        node.repeatable
        and [location.value for location in node.locations] == ["SCHEMA"]
        and types.get("url", types.get("feature")) in ("String", "String!")
        and types.get("as", "String") == "String"
    )


def spec_names_taken(subgraph: str, links: Links) -> list[Diagnostic]:
    """
    What a Federation 1 subgraph links must leave the names free that Federation 2 has for its directives.

    Its authors never said so, because the upgrade imports them.
    """
    imports = tuple((f"@{name}", f"@{name}") for name in _UPGRADED)
    if links.of_the_past:
        return links.problems_of_upgrade
    federation = Link(FEDERATION_IDENTITY, UPGRADED_TO, "federation", imports)
    return list(_clashes(subgraph, federation, links.links)) or links.problems_of_upgrade


def _schema_directives(document: DocumentNode) -> Iterator[ConstDirectiveNode]:
    nodes = [n for n in document.definitions if isinstance(n, SchemaDefinitionNode | SchemaExtensionNode)]
    for node in sorted(nodes, key=lambda n: isinstance(n, SchemaExtensionNode)):
        yield from node.directives or ()


def _read_link(subgraph: str, node: ConstDirectiveNode, problems: list[Diagnostic], *, federated: bool) -> Link | None:
    url = _text(node, "url") or _text(node, "feature")
    if not url:
        problems.append(
            _problem(subgraph, "INVALID_LINK_DIRECTIVE_USAGE", 'a @link has no url; add url: "https://…/name/v1.0"')
        )
        return None
    parts = urlsplit(url)
    path, _, last = parts.path.rpartition("/")
    version_text = _VERSION.fullmatch(last)
    if not parts.scheme or version_text is None or not path.strip("/") or path.endswith("/"):
        problems.append(
            _problem(
                subgraph,
                "INVALID_LINK_IDENTIFIER",
                f'"{url}" is no specification with a version; write it like "{FEDERATION_IDENTITY}/v2.3"',
            )
        )
        return None
    identity = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}"
    version = int(version_text[1]), int(version_text[2])
    name = identity.rsplit("/", 1)[-1]
    if identity in LINK_IDENTITIES and known_spec(identity, version) is None:
        # Beside a link to federation, the version of the links themselves is clear already.
        code = "INVALID_LINK_DIRECTIVE_USAGE" if federated else "UNKNOWN_LINK_VERSION"
        problems.append(
            _problem(subgraph, code, f"version {version[0]}.{version[1]} of {name} is not known; use {HOST}/link/v1.0")
        )
        return None
    imports = tuple(_imports(subgraph, node, identity, version, problems))
    alias = _text(node, "as")
    return Link(identity, version, name if alias is None else alias, imports)


def _imports(
    subgraph: str, node: ConstDirectiveNode, identity: str, version: tuple[int, int], problems: list[Diagnostic]
) -> Iterator[tuple[str, str]]:
    value = _argument(node, "import")
    if value is None:
        return
    spec = known_spec(identity, version)
    for item in value.values if isinstance(value, ListValueNode) else (value,):
        element, local = _import(item)
        if not element or (element.startswith("@") != local.startswith("@")) or not isinstance(value, ListValueNode):
            problems.append(
                _problem(
                    subgraph,
                    "INVALID_LINK_DIRECTIVE_USAGE",
                    f"{print_ast(item)} cannot be imported; give a list of names like "  # type: ignore[arg-type]
                    '"@key", or {name: "@key", as: "@primaryKey"} with "@" in both or in none',
                )
            )
            continue
        if spec is not None and element not in spec.elements():
            problems.append(
                _problem(
                    subgraph,
                    "INVALID_LINK_DIRECTIVE_USAGE",
                    f'{identity.rsplit("/", 1)[-1]} v{version[0]}.{version[1]} has no "{element}"; correct the name'
                    + _hint_at_later(identity, element),
                )
            )
            continue
        yield element, local


def _import(item: ValueNode) -> tuple[str, str]:
    """Element and local name; an empty element if it makes no sense."""
    match item:
        case StringValueNode(value=element):
            return element, element
        case ObjectValueNode():
            fields = {f.name.value: f.value for f in item.fields}
            texts = {
                n: v.value for n, v in fields.items() if isinstance(v, StringValueNode) and _NAME.fullmatch(v.value)
            }
            if fields.keys() <= {"name", "as"} and fields.keys() == texts.keys() and "name" in texts:
                return texts["name"], texts.get("as", texts["name"])
    return "", ""


def _hint_at_later(identity: str, element: str) -> str:
    name = element.removeprefix("@")
    if identity != FEDERATION_IDENTITY or (element[0] == "@") != (name in FEDERATION):
        return ""
    since = FEDERATION[name].since if name in FEDERATION else FEDERATION_SCALARS.get(name)
    return f", or link v2.{since[1]} or later" if since else ""


def _clashes(subgraph: str, link: Link, earlier: Sequence[Link]) -> Iterator[Diagnostic]:
    """A local name must not be able to mean two things: neither what is imported, nor what begins with an alias."""

    def wrong(message: str) -> Diagnostic:
        return _problem(subgraph, "INVALID_LINK_DIRECTIVE_USAGE", message)

    if any(link.identity == other.identity for other in earlier):
        yield _linked_twice(subgraph, link)
        return
    if "__" in link.alias or link.alias.endswith("_") or not _ALIAS.fullmatch(link.alias):
        yield wrong(
            f'"{link.alias}" is no name for a specification; link it with another one ("as"): '
            'letters and digits, without "__" and without "_" at the end'
        )
    for other in earlier:
        if by_itself := _by_itself(link, other):
            clash = f'"{by_itself.identity}" is linked by itself; import "@{by_itself.name}" from "{FEDERATION_IDENTITY}" instead'
        else:
            clash = ""
        if other.alias == link.alias:
            yield wrong(
                clash
                or f'"{link.identity}" and "{other.identity}" are both called "{link.alias}"; '
                'link one of them with another name ("as")'
            )
        for one, another in ((link, other), (other, link)):
            for _, local in one.imports:
                if another.default_element(local) is not None:
                    yield wrong(
                        clash
                        or f'"{local}" is imported, and it could be a name of "{another.identity}" as well; '
                        'import it with another name ("as"), or link that specification with one'
                    )
        for local in sorted({local for _, local in link.imports} & {local for _, local in other.imports}):
            yield wrong(
                clash or f'"{local}" is imported from two specifications; import one of them with another name ("as")'
            )
    locals_of: dict[str, str] = {}
    meanings: dict[str, str] = {}
    for element, local in link.imports:
        meant = link.default_element(local)
        if meant is not None and meant != element:
            yield wrong(
                f'"{local}" is imported for "{element}", but means "{meant}"; import it with another name ("as")'
            )
        if locals_of.setdefault(element, local) != local:
            yield wrong(f'"{element}" is imported twice, as "{locals_of[element]}" and as "{local}"; import it once')
        if meanings.setdefault(local, element) != element:
            yield wrong(
                f'"{local}" is imported for "{meanings[local]}" and for "{element}"; '
                'import one of them with another name ("as")'
            )


def _linked_twice(subgraph: str, link: Link) -> Diagnostic:
    message = f'"{link.identity}" is linked twice; keep one @link and put all imports there'
    return _problem(subgraph, "INVALID_LINK_DIRECTIVE_USAGE", message)


def _by_itself(one: Link, other: Link) -> Link | None:
    """``@tag`` and ``@inaccessible`` come with the federation specification; by themselves they are for supergraphs."""
    links = {one.identity: one, other.identity: other}
    if FEDERATION_IDENTITY not in links:
        return None
    return links.get(f"{HOST}/tag") or links.get(f"{HOST}/inaccessible")


def _problem(subgraph: str, code: str, message: str) -> Diagnostic:
    return Diagnostic(code, message, (subgraph,), "@link")


def _argument(node: ConstDirectiveNode, name: str) -> ValueNode | None:
    return next((a.value for a in node.arguments or () if a.name.value == name), None)


def _text(node: ConstDirectiveNode, name: str) -> str | None:
    value = _argument(node, name)
    return value.value if isinstance(value, StringValueNode) else None
