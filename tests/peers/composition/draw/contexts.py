"""Arguments that are taken from a type above."""

from __future__ import annotations

from tests.peers.composition.draw.pen import Pen

__all__ = ["contexts"]

SELECTIONS = (
    "$ctx { x }", "$ctx { x }", "$ctx { v { w } }", "$ctx ... on T { x } ... on U { x }", "$ctx { x y }", "$ctx", "{ x }",
    "$other { x }", "$ctx { vs { w } }", "$ctx { nothing }", "$ctx { ... on T { x } }", "$ ctx { x }", "$ctx { a: x }",
)  # fmt: skip


def contexts(pen: Pen, name: str) -> str:
    """A subgraph with contexts."""
    parts = [pen.link(pen.pick((8, 12)))]
    if name == "a" or pen.often(0.5):
        parts.append("type Query { t: T @shareable u: U @shareable i: I @shareable }")
    context = ' @context(name: "ctx")'
    places = pen.some(["T", "U", "I"], 0.4)
    wrong = ' @context(name: "c_x")' if pen.wildly() else ""
    guard = pen.mark(("@authenticated", '@requiresScopes(scopes: [["s"]])'), 0.1)
    for type_ in ("T", "U"):
        key = ' @key(fields: "id")'
        fields = "id: ID! x: Int @shareable y: String @shareable v: V @shareable vs: [V] @shareable child: C @shareable"
        if pen.often(0.3):
            fields = fields.replace("x: Int @shareable", f"x: Int @shareable{guard}")
        if pen.wildly():
            fields = fields.replace("x: Int", pen.pick(("x: String", "x: Int!", "x: [Int]")))
        implements = " implements I" if pen.often(0.7) else ""
        parts.append(f"type {type_}{implements}{key}{context if type_ in places else ''} {{ {fields} }}")
    parts.append(f"interface I{context if 'I' in places else ''}{wrong} {{ id: ID! x: Int }}")
    parts.append("type V { w: Int @shareable }")
    key = pen.pick(("", ' @key(fields: "id", resolvable: false)')) if pen.wildly() else ' @key(fields: "id")'
    used = f' @fromContext(field: "{pen.pick(SELECTIONS if pen.wildly() else SELECTIONS[:4])}")'
    type_ = pen.pick(("Int", "String", "Int!", "[Int]", "Int = 1")) if pen.wildly() else "Int"
    if pen.often(0.3):
        used = ""
    ask = f"ask(n: {type_}{used}, other: Int): Int @shareable{pen.mark(('@authenticated',), 0.2)}"
    parts.append(f"type C{pen.maybe(' implements J', pen.wild)}{key} {{ id: ID! @shareable {ask} }}")
    parts.append("interface J { id: ID! ask(n: Int, other: Int): Int }")
    return "\n".join(parts) + "\n"
