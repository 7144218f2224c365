"""Directives of one's own that are kept."""

from __future__ import annotations

from tests.peers.composition.draw.pen import Pen

__all__ = ["composed"]

DEFINITIONS = (
    "directive @hello(to: String) on FIELD_DEFINITION | OBJECT",
    "directive @hello(to: String = \"you\") repeatable on FIELD_DEFINITION | OBJECT | SCHEMA",
    "directive @hello(to: String, often: Int) on FIELD_DEFINITION",
)  # fmt: skip


def composed(pen: Pen, name: str) -> str:
    """A subgraph with directives of a specification that composition does not know."""
    local = pen.pick(("hello", "hello", "hello", "hi", "mine__hello")) if pen.wildly() or pen.often(0.2) else "hello"
    imported = '"@hello"' if local == "hello" else f'{{name: "@hello", as: "@{local}"}}'
    version = pen.pick(("v1.0", "v1.1", "v1.2", "v2.0", "v0.1", "v0.2")) if pen.often(0.3) else "v1.0"
    imports = f", import: [{imported}]" if local != "mine__hello" else pen.pick(("", ', as: "mine"'))
    identity = (
        pen.pick(("https://example.com/mine", "https://example.com/other/mine"))
        if pen.wildly()
        else ("https://example.com/mine")
    )
    parts = [pen.link(pen.pick((1, 12, 14)))]
    if not pen.wildly() or pen.often(0.5):
        parts.append(f'extend schema @link(url: "{identity}/{version}"{imports})')
    if pen.often(0.7):
        named = pen.pick(("@hello", "hello", "@nothing", "@tag", "@key", "", "@hi")) if pen.wildly() else f"@{local}"
        parts.append(f'extend schema @composeDirective(name: "{named}")')
    if pen.often(0.1):
        parts.append('extend schema @composeDirective(name: "@inaccessible")')
    if not pen.wildly():
        parts.append(pen.pick(DEFINITIONS if pen.often(0.3) else DEFINITIONS[:1]).replace("@hello", f"@{local}"))
    uses = [f'@{local}(to: "{to}")' for to in ("me", "you")] + [f"@{local}"]
    share = "" if pen.wildly() else " @shareable"
    parts.append(f"type Query {{ p: T{share}{pen.mark(uses, 0.5)} q{name}: Int{pen.mark(uses, 0.3)} }}")
    key = ' @key(fields: "id")'
    field = pen.pick((f"x: Int{share}", "x: Int @external", f"x: Int{share}"))
    uses_it = '@requires(fields: "x")' if "external" in field else ""
    parts.append(f"type T{key} {{ id: ID! {field}{pen.mark(uses, 0.3)} y{name}: Int {uses_it} }}")
    return "\n".join(parts) + "\n"
