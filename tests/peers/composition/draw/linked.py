"""Which names mean what: versions, imports, other names, and definitions that a subgraph brings along."""

from __future__ import annotations

from tests.peers.composition.draw.pen import Pen

__all__ = ["linked"]

DEFINITIONS = (
    "directive @key(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE\nscalar FieldSet",
    "directive @key(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT\n"
    "scalar federation__FieldSet",
    "directive @key(fields: String!) repeatable on OBJECT",
    "directive @shareable repeatable on OBJECT | FIELD_DEFINITION",
    "directive @shareable on OBJECT",
    "directive @shareable(why: String) on OBJECT | FIELD_DEFINITION",
    "directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT",
    "directive @tag(name: String) repeatable on FIELD_DEFINITION",
    "directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | SCALAR",
    "directive @link(url: String!, import: [String]) repeatable on SCHEMA",
    "directive @link(url: String!, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA\n"
    "scalar link__Import\nenum link__Purpose { SECURITY EXECUTION }",
    "enum link__Purpose { SECURITY }",
    "scalar _Any\nunion _Entity = T\ntype _Service { sdl: String }",
    "type _Service { sdl: Int }",
    "directive @cost(weight: Int!) on FIELD_DEFINITION",
    "directive @authenticated on FIELD_DEFINITION",
    "directive @external on FIELD_DEFINITION",
    "directive @interfaceObject on OBJECT",
)
ELEMENTS = ("@key", "@shareable", "@tag", "@inaccessible", "@authenticated", "@cost", "@interfaceObject", "@override")
FURTHER = (
    '@link(url: "https://specs.apollo.dev/tag/v0.3")', '@link(url: "https://specs.apollo.dev/inaccessible/v0.2")',
    '@link(url: "https://specs.apollo.dev/link/v1.0")', '@link(url: "https://example.com/other/v1.0", as: "key")',
    '@link(url: "https://example.com/other/v1.0", import: ["@tag"])', '@link(url: "https://example.com/other/v1.0")',
    '@link(url: "https://specs.apollo.dev/link/v2.0")', '@link(url: "https://example.com/other")',
    '@link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost"])', '@link(url: "https://example.com/o/v1.0", as: "o_")',
    '@link(url: "https://specs.apollo.dev/authenticated/v0.1")', '@link(url: "https://example.com/v1.0", import: ["Int"])',
    '@link(url: "https://example.com/x/v1.0", import: [{name: "@x", as: "x"}])',
    '@link(url: "https://example.com/x/v1.0", import: [{as: "@x"}])', '@link(url: "https://example.com/x/v1.0", for: SECURITY)',
)  # fmt: skip


def linked(pen: Pen, name: str) -> str:
    """A subgraph that links in an unusual way."""
    minor = pen.pick((0, 0, 1, 2, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 99)) if pen.often(0.5) else 12
    usable = [e for e in ELEMENTS if not (e in ("@authenticated", "@cost", "@interfaceObject") and minor < 9)]
    names: dict[str, str] = {}
    imports = []
    alias = "fed" if pen.often(0.1) else "federation"
    for element in ELEMENTS if pen.wildly() else usable:
        if pen.often(0.75):
            local = pen.pick(("@mine", "@tag", "@federation__other")) if pen.wildly() else f"{element}Too"
            renamed = pen.wildly() or pen.often(0.1)
            names[element] = local if renamed else element
            imports.append(f'{{name: "{element}", as: "{local}"}}' if renamed else f'"{element}"')
        else:
            names[element] = f"@{alias}__{element[1:]}"
    if pen.wildly():
        imports.append(pen.pick(('"@nothing"', '"key"', '"FieldSet"', "3", '{name: "@key", extra: "x"}')))
    other = f', as: "{alias}"' if alias == "fed" else ""
    text = f'extend schema @link(url: "https://specs.apollo.dev/federation/v2.{minor}"{other}, import: [{", ".join(imports)}])'
    if pen.often(0.15 + pen.wild):
        text += f" {pen.pick(FURTHER)}"
    parts = [text]
    if pen.often(0.2 + pen.wild):
        parts.append(pen.pick(DEFINITIONS))
    used = {element: names.get(element, element) for element in ELEMENTS}
    extra = pen.mark(
        (f'{used["@tag"]}(name: "t")', used["@inaccessible"], used["@authenticated"], used["@cost"] + "(weight: 1)"),
        0.4,
    )
    parts.append(f"type Query {{ p: Int {used['@shareable']} t{name}: T{extra} }}")
    parts.append(f'type T {used["@key"]}(fields: "id") {{ id: ID! x: Int {used["@shareable"]}{extra} y{name}: Int }}')
    return "\n".join(parts) + "\n"
