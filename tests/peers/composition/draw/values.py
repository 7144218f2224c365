"""Enums, inputs, arguments, defaults, descriptions and executable directives."""

from __future__ import annotations

from tests.peers.composition.draw.pen import Pen

__all__ = ["values"]

PLACES = ("FIELD", "QUERY", "FRAGMENT_SPREAD", "FIELD_DEFINITION", "OBJECT")
PLAIN = ('@tag(name: "t")', "@inaccessible", "@deprecated", '@deprecated(reason: "old")')


def values(pen: Pen, name: str) -> str:
    """A subgraph in which little is resolved and much is sent."""
    parts = [pen.link()]
    share = "" if pen.wildly() else " @shareable"
    fields = [f"{f}({_arguments(pen)}): {_output(pen)}{share}{pen.mark(PLAIN, pen.wild)}" for f in pen.some("pqr")]
    if name == "a" or pen.often(0.8):
        parts.append(f"type Query {{ {' '.join(fields)} }}")
    parts.append(f"{_described(pen)}enum E {{ {' '.join(_value(pen, v) for v in _few(pen, 'KLM'))} }}")
    parts.append(f"{_described(pen)}enum F {{ {' '.join(_value(pen, v) for v in _few(pen, 'KLM'))} }}")
    inner = " ".join(f"{f}: {_input(pen, 'E')}" for f in _few(pen, "ijk"))
    parts.append(f"{_described(pen)}input N{pen.mark(PLAIN[:2], pen.wild)} {{ {inner} }}")
    parts.append(f"input M {{ n: N e: F{_default(pen, ('K',))} }}" if pen.often(0.5) else "")
    if pen.often(0.5):
        arguments = pen.maybe(f"({_arguments(pen) or 'x: Int'})")
        places = " | ".join(pen.some(PLACES, 0.4))
        parts.append(f"{_described(pen)}directive @mine{arguments}{pen.maybe(' repeatable', 0.2)} on {places}")
    if pen.often(0.3):
        parts.append(f"scalar D{pen.mark(('@specifiedBy(url: ' + chr(34) + pen.pick('uv') + chr(34) + ')',), 0.6)}")
    return "\n".join(parts) + "\n"


def _few(pen: Pen, names: str) -> list[str]:
    return pen.some(names, 0.7) if pen.wildly() or pen.often(0.2) else list(names)


def _arguments(pen: Pen) -> str:
    names = pen.some("nmex", 0.5)
    types = {"n": "N", "m": "[E!]", "e": "E", "x": "Int"}
    return " ".join(f"{name}: {_input(pen, types[name])}" for name in names) + " last: Int"


def _input(pen: Pen, type_: str) -> str:
    shown = type_ + ("!" if pen.wildly() else "")
    defaults = {
        "E": ("K", "K", "L", "null"),
        "Int": ("1", "1", "1", "2"),
        "[E!]": ("[K]", "K", "[]"),
        "N": ("{i: K}", "{}"),
    }
    default = _default(pen, defaults[type_]) if not shown.endswith("!") or pen.often(0.3) else ""
    return shown + default + pen.mark(PLAIN, pen.wild / 2)


def _default(pen: Pen, choices: tuple[str, ...]) -> str:
    return f" = {pen.pick(choices)}" if pen.often(0.15) else ""


def _output(pen: Pen) -> str:
    usual = pen.pick(("E", "E", "F", "Int")) if pen.wildly() else "E"
    return usual + pen.pick(("", "", "!"))


def _value(pen: Pen, name: str) -> str:
    return f"{_described(pen)}{name}{pen.mark(PLAIN, 0.1)}"


def _described(pen: Pen) -> str:
    return pen.mark(('"one" ', '"two" ', '"" ', '"""\nlong\n  text\n""" '), 0.15)
