"""Interfaces and unions: keys of interfaces, interface objects, shared fields with an abstract type."""

from __future__ import annotations

from tests.peers.composition.draw.pen import Pen

__all__ = ["abstract"]

MARKS = ('@tag(name: "t")', "@inaccessible", "@shareable", "@external", "@deprecated", '@override(from: "a")')
IMPLEMENTED = ("", " implements I", " implements I", " implements J", " implements I & J")


def abstract(pen: Pen, name: str) -> str:
    """A subgraph with interfaces."""
    parts = [pen.link(pen.pick((3, 5, 14)) if pen.often(0.3) else 12)]
    share = "" if pen.wildly() else " @shareable"
    fields = [f"{field}{type_}: {type_}{share}" for field in "pq" for type_ in pen.some(["I", "J", "W", "A", "B"], 0.3)]
    if name == "a" or pen.often(0.7):
        parts.append(f"type Query {{ {' '.join(fields)} }}")
    stands_in = name != "a" and pen.often(0.3)
    keyed = ' @key(fields: "id")' if stands_in or pen.often(0.6) else ""
    more = {interface: pen.maybe(pen.pick(("x: Int", "y: Int")), 0.2) for interface in "IJ"}
    if stands_in:
        own = f"{pen.pick('xuw')}: Int{pen.maybe(' @shareable', 0.7)}{pen.mark(MARKS, pen.wild)}"
        parts.append(f"type I @interfaceObject{keyed} {{ id: ID! {own} }}")
    else:
        parts.append(f"interface I{keyed}{pen.mark(MARKS[:2], pen.wild)} {{ id: ID! {more['I']} }}")
    parents = pen.maybe(" implements I", pen.wild / 3) if not stands_in else ""
    parts.append(f"interface J{parents} {{ id: ID! {more['J']} }}")
    members = ["A", "B", *pen.some(["C", "D"], 0.5 if pen.wildly() else 1.0)]
    for member in members:
        # Mostly the same everywhere, for the sake of keys on interfaces.
        implements = pen.pick(IMPLEMENTED) if pen.wildly() else IMPLEMENTED[1 + "ABCD".index(member)]
        if stands_in and not pen.wildly():
            implements = " implements J" if "J" in implements else ""
            if member in "AB":
                continue
        parts.append(_object(pen, member, implements, keyed))
    there = [m for m in members if not stands_in or m in "CD"]
    parts.append(f"union W{pen.mark(MARKS[:2], pen.wild)} = {' | '.join(pen.some(there))}")
    text = "\n".join(parts) + "\n"
    if stands_in:
        text = (
            text.replace("pA: A", "pA: I").replace("qA: A", "qA: W").replace("pB: B", "pB: J").replace("qB: B", "qB: J")
        )
    return text


def _object(pen: Pen, name: str, implements: str, keyed: str) -> str:
    key = ' @key(fields: "id")' if keyed or pen.often(0.5) else ""
    if pen.wildly():
        key = pen.pick(("", ' @key(fields: "id", resolvable: false)', ' @key(fields: "x")'))
    fields = ["id: ID!" + ("" if key else " @shareable")]
    for field, type_, share in (
        ("x", "Int", 0.95),
        ("y", "Int", 0.95),
        ("z", "String", 0.6),
        ("to", "I", 0.3),
        ("any", "W", 0.2),
    ):
        if pen.often(share):
            shared = "" if pen.wildly() else " @shareable"
            kind = pen.pick(("Int", "String", "Int!")) if pen.wildly() else type_
            fields.append(f"{field}: {kind}{shared}{pen.mark(MARKS, pen.wild / 2)}")
    return f"type {name}{implements}{key}{pen.mark(MARKS[:2], pen.wild / 2)} {{ {' '.join(fields)} }}"
