"""Fields that move: overrides with and without labels, beside requirements, provisions and keys."""

from __future__ import annotations

from tests.peers.composition.draw.pen import Pen

__all__ = ["overridden"]

LABELS = ("percent(1)", "percent(0.25)", "soon", "percent(100)", "percent(101)", "percent(1", "1st", "a-b/c:d.e", "")


def overridden(pen: Pen, name: str) -> str:
    """A subgraph with overrides."""
    parts = [pen.link(pen.pick((7, 12)))]
    needed = pen.pick("xyz") if name != "a" and pen.often(0.3) else ""
    provided = pen.pick("xyz") if name != "a" and pen.often(0.15) and not needed else ""
    if name == "a" or pen.often(0.6) or provided:
        of = f' @provides(fields: "{provided}")' if provided else ""
        shared = f"f: Int{_override(pen, name)}" if pen.often(0.3) else ""
        parts.append(f"type Query {{ t: T @shareable {shared} of{name}: T{of} }}")
    key = pen.pick(('@key(fields: "id")', '@key(fields: "id")', '@key(fields: "id") @key(fields: "x")'))
    fields = ["id: ID!"]
    for field in "xyz":
        if field in (needed, provided):
            fields.append(f"{field}: Int @external")
        elif name == "a" or pen.often(0.6) or (field == "x" and '"x"' in key):
            moved = name != "a" and pen.often(0.6)
            mark = _override(pen, name) if moved else pen.maybe(" @shareable", 0.6)
            if pen.wildly():
                mark += pen.pick((" @shareable", " @external", " @inaccessible", ' @requires(fields: "x")'))
            fields.append(f"{field}: Int{mark}")
    if needed:
        fields.append(f'made{name}: Int @requires(fields: "{needed}")')
    if pen.often(0.4):
        fields.append(f"v: V{_override(pen, name) if name != 'a' and pen.often(0.5) else ' @shareable'}")
    promised = pen.some(["x: Int", "y: Int"], 0.2)[:1] if pen.wildly() else []
    parts.append(f"type T{pen.maybe(' implements I', 0.3)} {key} {{ {' '.join(fields)} }}")
    parts.append(f"interface I {{ id: ID! {' '.join(promised)} {_override(pen, name) if pen.wildly() else ''} }}")
    parts.append(f"type V {{ w: Int @shareable{_override(pen, name) if pen.wildly() else ''} }}")
    return "\n".join(parts) + "\n"


def _override(pen: Pen, name: str) -> str:
    others = [n for n in ("a", "b") if n != name] + (["c", name, "nobody"] if pen.wildly() else [])
    label = pen.pick(LABELS if pen.wildly() else LABELS[:3])
    return f' @override(from: "{pen.pick(others)}"' + (f', label: "{label}")' if pen.often(0.5) else ")")
