"""Federation 1 beside Federation 2."""

from __future__ import annotations

from tests.peers.composition.draw.pen import Pen

__all__ = ["old"]

KEYS = ('@key(fields: "id")', "@key(fields: id)", '@key(fields: ["id"])', '@key(fields: "id") @key(fields: "x")')
OTHER_KEYS = ('@key(fields: "id x")', '@key(fields: "nothing")', "@key(fields: 3)", "", '@key(fields: "v { w }")')
MARKS = ("@external", '@requires(fields: "x")', '@requires(fields: "y")', '@tag(name: "t")', "@deprecated")


def old(pen: Pen, name: str) -> str:
    """A subgraph of either version, mostly of the first."""
    new = pen.often(0.3)
    parts = [pen.link()] if new else []
    share = " @shareable" if new and not pen.wildly() else ""
    if name == "a" or pen.often(0.6):
        extend = pen.pick(("extend ", "")) if not new else ""
        parts.append(
            f"{extend}type Query {{ t: T{share} top{name}: T i: I{share} v{name}: V{pen.maybe(PROVIDED, 0.2)} }}"
        )
    parts += [_entity(pen, name, type_, new, share) for type_ in ("T", "U")]
    if new and pen.wildly():
        parts.append('type I @key(fields: "id") @interfaceObject { id: ID! m: Int }')
    else:
        keyed = ' @key(fields: "id")' if pen.often(0.15) and not new else ""
        marked = pen.pick(MARKS) if pen.wildly() and not new else ""
        parts.append(f"{pen.maybe('extend ', pen.wild)}interface I{keyed} {{ id: ID! {marked} }}")
    provided = " @external" if PROVIDED in "".join(parts) else share
    parts.append(f"{pen.maybe('extend ', pen.wild)}type V {{ w: Int{provided} {pen.maybe('more: Int' + share, 0.3)} }}")
    return "\n".join(parts) + "\n"


PROVIDED = ' @provides(fields: "w")'


def _entity(pen: Pen, name: str, type_: str, new: bool, share: str) -> str:
    extend = name != "a" and not new and pen.often(0.6)
    if pen.wildly():
        extend = not extend
    key = KEYS[0] if new else pen.pick(KEYS)
    if pen.wildly():
        key = pen.pick(OTHER_KEYS)
    extends = pen.maybe(" @extends", 0.3 if extend else pen.wild)
    keyword = "extend type" if extend and not extends else "type"
    fields = [f"id: ID!{pen.maybe(' @external', 0.8) if extend else ''}"]
    needed = pen.pick("xyz") if name != "a" and pen.often(0.4) else ""
    for field in "xyz":
        if field == needed:
            fields.append(f"{field}: Int @external")
        elif pen.often(0.9 if name == "a" else 0.4):
            fields.append(f"{field}: Int{pen.mark(MARKS, pen.wild)}{share}")
    if "x" in key and not any(f.startswith("x:") for f in fields):
        fields.append(f"x: Int{' @external' if extend else share}")
    if pen.often(0.4):
        fields.append(f"v: V{share}")
    if needed:
        extra = pen.pick(("", "", " id", " v { w }", " x")) if pen.often(0.3) else ""
        fields.append(f'made{name}: Int @requires(fields: "{needed}{extra}")')
    return f"{keyword} {type_}{pen.maybe(' implements I', 0.5)} {key}{extends} {{ {' '.join(fields)} }}"
