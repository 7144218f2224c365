"""
The specifications that composition knows, and what each of them defines.

``FEDERATION`` lists the directives of the federation specification with the version that brought each one; those that
have a specification of their own (``@tag``, ``@inaccessible``, …) say under which link they go into the supergraph.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

__all__ = [
    "CONNECT",
    "CONNECT_IDENTITY",
    "CONNECT_TYPES",
    "FEDERATION",
    "FEDERATION_1",
    "FEDERATION_IDENTITY",
    "FEDERATION_SCALARS",
    "HOST",
    "LATEST",
    "LATEST_CONNECT",
    "LINK_IDENTITIES",
    "LINK_TYPES",
    "SPECS",
    "KnownDirective",
    "KnownSpec",
    "SpecOfItsOwn",
    "directive_at",
    "known_spec",
]

HOST = "https://specs.apollo.dev"
FEDERATION_IDENTITY = f"{HOST}/federation"
CONNECT_IDENTITY = f"{HOST}/connect"
LATEST_CONNECT = (0, 3)
"""the latest version of connectors that is no preview"""
LINK_IDENTITIES = (f"{HOST}/link", f"{HOST}/core")
LATEST = (2, 14)

_TAGGABLE = (
    "FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE"
    " | INPUT_OBJECT | INPUT_FIELD_DEFINITION"
)
_GUARDED = "FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"


@dataclass(frozen=True)
class SpecOfItsOwn:
    """Where a directive is linked from in the supergraph."""

    name: str
    version: str
    purpose: str | None = None


@dataclass(frozen=True)
class KnownDirective:
    """A directive of the federation specification."""

    name: str
    since: tuple[int, int]
    arguments: str
    locations: str
    repeatable: bool = False
    spec: SpecOfItsOwn | None = None
    """set for those that are composed into the supergraph under their own link"""

    def argument_types(self) -> dict[str, str]:
        """Each argument's type, as in SDL."""
        return dict(re.findall(r"(\w+): ([\[\]\w!]+)", self.arguments))

    def definition(self, name: str) -> str:
        """Its definition in SDL, under the name that a subgraph has for it."""
        arguments = f"({self.arguments})" if self.arguments else ""
        repeatable = " repeatable" if self.repeatable else ""
        return f"directive @{name}{arguments}{repeatable} on {self.locations}"


FEDERATION: dict[str, KnownDirective] = {
    d.name: d
    for d in (
        KnownDirective("key", (2, 0), "fields: FieldSet!, resolvable: Boolean = true", "OBJECT | INTERFACE", True),
        KnownDirective("requires", (2, 0), "fields: FieldSet!", "FIELD_DEFINITION"),
        KnownDirective("provides", (2, 0), "fields: FieldSet!", "FIELD_DEFINITION"),
        KnownDirective("external", (2, 0), "reason: String", "OBJECT | FIELD_DEFINITION"),
        KnownDirective("extends", (2, 0), "", "OBJECT | INTERFACE"),
        KnownDirective("shareable", (2, 0), "", "OBJECT | FIELD_DEFINITION", True),
        KnownDirective("override", (2, 0), "from: String!, label: String", "FIELD_DEFINITION"),
        KnownDirective("tag", (2, 0), "name: String!", f"{_TAGGABLE} | SCHEMA", True, SpecOfItsOwn("tag", "v0.3")),
        KnownDirective("inaccessible", (2, 0), "", _TAGGABLE, False, SpecOfItsOwn("inaccessible", "v0.2", "SECURITY")),
        KnownDirective("composeDirective", (2, 1), "name: String", "SCHEMA", True),
        KnownDirective("interfaceObject", (2, 3), "", "OBJECT"),
        KnownDirective("authenticated", (2, 5), "", _GUARDED, False, SpecOfItsOwn("authenticated", "v0.1", "SECURITY")),
        KnownDirective(
            "requiresScopes",
            (2, 5),
            "scopes: [[Scope!]!]!",
            _GUARDED,
            False,
            SpecOfItsOwn("requiresScopes", "v0.1", "SECURITY"),
        ),
        KnownDirective(
            "policy",
            (2, 6),
            "policies: [[Policy!]!]!",
            _GUARDED,
            False,
            SpecOfItsOwn("policy", "v0.1", "SECURITY"),
        ),
        KnownDirective(
            "context",
            (2, 8),
            "name: String!",
            "INTERFACE | OBJECT | UNION",
            True,
            SpecOfItsOwn("context", "v0.1", "SECURITY"),
        ),
        KnownDirective("fromContext", (2, 8), "field: ContextFieldValue", "ARGUMENT_DEFINITION"),
        KnownDirective(
            "cost",
            (2, 9),
            "weight: Int!",
            "ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR",
            False,
            SpecOfItsOwn("cost", "v0.1"),
        ),
        KnownDirective(
            "listSize",
            (2, 9),
            "assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],"
            " requireOneSlicingArgument: Boolean = true",
            "FIELD_DEFINITION",
            False,
            SpecOfItsOwn("cost", "v0.1"),
        ),
        KnownDirective(
            "cacheTag",
            (2, 12),
            "format: String!",
            "OBJECT | FIELD_DEFINITION",
            True,
            SpecOfItsOwn("cacheTag", "v0.1", "EXECUTION"),
        ),
    )
}

FEDERATION_1 = ("key", "requires", "provides", "external", "extends", "tag")
"""what a subgraph without a link to the federation specification may use"""

FEDERATION_SCALARS = {"FieldSet": (2, 0), "Scope": (2, 5), "Policy": (2, 6), "ContextFieldValue": (2, 8)}
"""the scalars of the federation specification → the version that brought each one"""
LINK_TYPES = ("Purpose", "Import")

_EARLIER = {
    "shareable": ((2, 2), {"repeatable": False}),
    "tag": ((2, 3), {"locations": _TAGGABLE}),
    "override": ((2, 7), {"arguments": "from: String!"}),
}
"""what was different about a directive before a version of federation"""


def directive_at(name: str, version: tuple[int, int] | None) -> KnownDirective:
    """A directive as a version of federation defines it; ``None`` is Federation 1."""
    known = FEDERATION.get(name) or CONNECT[name]
    if name in _EARLIER and (version is None or version < _EARLIER[name][0]):
        return replace(known, **_EARLIER[name][1])  # type: ignore[arg-type]
    return known


CONNECT: dict[str, KnownDirective] = {
    "connect": KnownDirective(
        "connect",
        (2, 10),
        "source: String, id: String, http: ConnectHTTP, batch: ConnectBatch, errors: ConnectorErrors,"
        " selection: JSONSelection!, entity: Boolean = false, isSuccess: JSONSelection",
        "FIELD_DEFINITION | OBJECT",
        True,
    ),
    "source": KnownDirective(
        "source",
        (2, 10),
        "name: String!, http: SourceHTTP!, errors: ConnectorErrors, isSuccess: JSONSelection",
        "SCHEMA",
        True,
    ),
}
"""the directives of connectors, which say how a field is answered by a REST API"""

CONNECT_TYPES = """
scalar URLPathTemplate
scalar JSONSelection
input ConnectorErrors { message: JSONSelection extensions: JSONSelection }
input HTTPHeaderMapping { name: String! from: String value: String }
input ConnectBatch { maxSize: Int }
input SourceHTTP {
  baseURL: String! headers: [HTTPHeaderMapping!] path: JSONSelection queryParams: JSONSelection
}
input ConnectHTTP {
  GET: URLPathTemplate POST: URLPathTemplate PUT: URLPathTemplate PATCH: URLPathTemplate DELETE: URLPathTemplate
  body: JSONSelection headers: [HTTPHeaderMapping!] path: JSONSelection queryParams: JSONSelection
}
"""
"""the types that these definitions need"""


@dataclass(frozen=True)
class KnownSpec:
    """A specification of which it is known what it defines."""

    versions: tuple[tuple[int, int], ...]
    directives: tuple[str, ...]
    types: tuple[str, ...] = ()
    since: tuple[int, int] | None = None
    """the version of federation that it asks for"""

    def elements(self) -> tuple[str, ...]:
        """All that can be imported."""
        return (*(f"@{name}" for name in self.directives), *self.types)


SPECS: dict[str, KnownSpec] = {
    "link": KnownSpec(((1, 0),), ("link",), LINK_TYPES),
    "core": KnownSpec(((0, 1), (0, 2)), ("core",), ("Purpose",)),
    "tag": KnownSpec(((0, 1), (0, 2), (0, 3)), ("tag",), since=(2, 0)),
    "inaccessible": KnownSpec(((0, 1), (0, 2)), ("inaccessible",), since=(2, 0)),
    "authenticated": KnownSpec(((0, 1),), ("authenticated",), since=(2, 5)),
    "requiresScopes": KnownSpec(((0, 1),), ("requiresScopes",), ("Scope",)),
    "policy": KnownSpec(((0, 1),), ("policy",), ("Policy",)),
    "context": KnownSpec(((0, 1),), ("context", "fromContext"), ("ContextFieldValue",)),
    "cost": KnownSpec(((0, 1),), ("cost", "listSize"), since=(2, 9)),
    "connect": KnownSpec(
        ((0, 1), (0, 2), (0, 3), (0, 4)),
        ("connect", "source"),
        tuple(re.findall(r"(?:scalar|input) (\w+)", CONNECT_TYPES)),
        since=(2, 10),
    ),
}
"""the specifications that can be linked beside the federation specification"""


def known_spec(identity: str, version: tuple[int, int]) -> KnownSpec | None:
    """What a specification defines, if this version of it is known."""
    host, _, name = identity.rpartition("/")
    if identity == FEDERATION_IDENTITY and (2, 0) <= version <= LATEST:
        directives = tuple(name for name, directive in FEDERATION.items() if directive.since <= version)
        scalars = tuple(name for name, since in FEDERATION_SCALARS.items() if since <= version)
        return KnownSpec((version,), directives, scalars, version)
    known = SPECS.get(name) if host == HOST else None
    return known if known is not None and version in known.versions else None
