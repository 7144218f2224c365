"""Who may see what, what it costs, and what is hidden: directives on every kind of element."""

from __future__ import annotations

from tests.peers.composition.draw.pen import Pen

__all__ = ["guarded"]

SCOPES = ('[["s"]]', '[["s", "t"]]', '[["s"], ["t"]]', "[]", "[[]]", '[["t"]]')


def guarded(pen: Pen, name: str) -> str:
    """A subgraph with guards."""
    parts = [pen.link()]
    if name == "a" or pen.often(0.6):
        listed = f"many(first: Int, last: Int): [T]{_list_size(pen)}" if pen.often(0.5) else ""
        parts.append(f"type Query {{ t: T @shareable{_guards(pen)} i: I @shareable s: S @shareable {listed} }}")
    stands_in = name == "b" and pen.often(0.3)
    own = " ".join(f"{f}: Int @shareable{_guards(pen)}{_cost(pen)}" for f in pen.some("xyz") if stands_in)
    if stands_in:
        parts.append(f'type I @key(fields: "id") @interfaceObject {{ id: ID! {own} }}')
        parts.append("type Other { o: Int }")
    else:
        bad = _guards(pen) if pen.wildly() else ""
        parts.append(f'interface I @key(fields: "id"){bad} {{ id: ID! x: Int{_cost(pen) if pen.wildly() else ""} }}')
        parts += [_object(pen, name, type_) for type_ in ("T", "U")]
    parts.append(f"scalar S{_guards(pen)}{_plain(pen)}{_cost(pen)}")
    parts.append(f"enum E{_guards(pen)}{_plain(pen)}{_cost(pen)} {{ K{_plain(pen)} L }}")
    parts.append(f"input N{_plain(pen)} {{ k: Int{_plain(pen)}{_cost(pen)} e: E }}")
    if stands_in:
        parts.append('type T @key(fields: "id") { id: ID! }' if pen.wildly() else "")
    return "\n".join(parts) + "\n"


def _object(pen: Pen, name: str, type_: str) -> str:
    key = ' @key(fields: "id")'
    fields = ["id: ID!", f"x: Int @shareable{_guards(pen)}"]
    fields += [
        f"{field}(n: N{_plain(pen)}{_cost(pen)}): Int @shareable{_guards(pen)}{_cost(pen)}{_plain(pen)}"
        for field in pen.some("yz", 0.5)
    ]
    if type_ == "T" and pen.often(0.5):
        fields.append(f"u: U @shareable{_guards(pen)}")
    if name != "a" and pen.often(0.5):
        selected = "v { w }" if type_ == "T" and pen.often(0.5) else "g"
        fields.append(f'made{name}: Int @requires(fields: "{selected}"){_guards(pen)}')
        fields.append("v: V @external" if selected != "g" else "g: Int @external")
    else:
        fields += [f"g: Int @shareable{_guards(pen)}", f"v: V @shareable{_guards(pen)}"]
    value = f"type V{_guards(pen)} {{ w: Int @shareable{_guards(pen)} }}" if type_ == "T" else ""
    return f"type {type_} implements I{key}{_guards(pen)}{_plain(pen)}{_cost(pen)} {{ {' '.join(fields)} }}\n{value}"


def _guards(pen: Pen) -> str:
    if not pen.often(0.25):
        return ""
    scopes = pen.pick(SCOPES)
    return " " + pen.pick(("@authenticated", f"@requiresScopes(scopes: {scopes})", f"@policy(policies: {scopes})"))


def _plain(pen: Pen) -> str:
    return pen.mark(('@tag(name: "t")', '@tag(name: "u")', "@inaccessible"), 0.1 + pen.wild / 3)


def _cost(pen: Pen) -> str:
    return pen.mark(("@cost(weight: 1)", "@cost(weight: 7)", "@cost(weight: -2)"), 0.15)


def _list_size(pen: Pen) -> str:
    return pen.mark(
        (
            "@listSize(assumedSize: 3)", '@listSize(slicingArguments: ["first"])', "@listSize(assumedSize: 9)",
            '@listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false)',
            '@listSize(sizedFields: ["x"])' if pen.wildly() else "@listSize(assumedSize: 0)",
        ),
        0.7,
    )  # fmt: skip
