"""
The specifications that composition knows, and what each of them defines.

``FEDERATION`` lists the directives of the federation specification with the version that brought each one; those that
have a specification of their own (``@tag``, ``@inaccessible``, …) say under which link they go into the supergraph.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = [
    "FEDERATION",
    "FEDERATION_1",
    "FEDERATION_IDENTITY",
    "FEDERATION_SCALARS",
    "HOST",
    "LATEST",
    "LINK_IDENTITIES",
    "LINK_TYPES",
    "SPECS",
    "KnownDirective",
    "SpecOfItsOwn",
]

HOST = "https://specs.apollo.dev"
FEDERATION_IDENTITY = f"{HOST}/federation"
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

FEDERATION_SCALARS = ("FieldSet", "Scope", "Policy", "ContextFieldValue")
LINK_TYPES = ("Purpose", "Import")

SPECS: dict[str, tuple[str, ...]] = {
    "tag": ("tag",),
    "inaccessible": ("inaccessible",),
    "authenticated": ("authenticated",),
    "requiresScopes": ("requiresScopes",),
    "policy": ("policy",),
    "context": ("context", "fromContext"),
    "cost": ("cost", "listSize"),
    "cacheTag": ("cacheTag",),
}
"""the directives of each specification that can also be linked without the federation specification"""
