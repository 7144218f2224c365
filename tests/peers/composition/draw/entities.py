"""Entities in several subgraphs, and a bit of everything else."""

from __future__ import annotations

from random import Random

from tests.peers.composition.draw.pen import Pen
from tests.peers.composition.mutate.elements import LINKED

__all__ = ["entities"]

SCALARS = ("Int", "String", "ID", "Boolean")
FIELD_MARKS = (
    "@shareable", "@external", "@inaccessible", '@tag(name: "t")', '@override(from: "a")', "@authenticated",
    '@override(from: "b", label: "percent(1)")', '@requires(fields: "x")', '@requires(fields: "y")', "@deprecated",
    '@requiresScopes(scopes: [["s"]])',
)  # fmt: skip
OLD_FIELD_MARKS = ("@external", '@requires(fields: "x")', "@deprecated", '@tag(name: "t")')
KEYS = ('@key(fields: "id")', '@key(fields: "id")', '@key(fields: "id x")', '@key(fields: "id", resolvable: false)')
VALUE_MARKS = ("@inaccessible", '@tag(name: "t")', "@deprecated")


def entities(pen: Pen, name: str) -> str:
    """A subgraph with entities."""
    keyed = {"T"} | {t for t in ("U", "V") if pen.often(0.4)}
    return _Subgraph(pen.chance, name, pen.wild, keyed).sdl()


class _Subgraph:
    def __init__(self, chance: Random, name: str, wild: float, keyed: set[str]) -> None:
        self.chance = chance
        self.wild = wild
        """how often something happens that should not"""
        self.keyed = keyed
        """the entities, if nothing happens"""
        self.name = name
        self.old = chance.random() < 0.2
        self.objects = ["T", *(t for t in ("U", "V") if chance.random() < 0.6)]
        self.interface = chance.random() < 0.3
        self.stands_in = self.interface and not self.old and chance.random() < 0.2
        self.union = chance.random() < 0.3
        self.enum = chance.random() < 0.4
        self.input = chance.random() < 0.4

    def sdl(self) -> str:
        """The subgraph's SDL."""
        parts = [] if self.old else [f"extend schema {LINKED}"]
        if self.name == "a" or self._often(0.6):
            parts.append(f"type Query {{ {' '.join(self._query_field(n) for n in self._some('pq'))} }}")
        parts += [self._object(name) for name in self.objects]
        if self.interface:
            parts.append(self._interface())
        if self.union:
            parts.append(f"union W = {' | '.join(self._some(self.objects))}")
        if self.enum:
            parts.append(f"enum E {{ {' '.join(v + self._mark(VALUE_MARKS) for v in self._some('KLM'))} }}")
        if self.input:
            parts.append(f"input N {{ {' '.join(self._input_field(n) for n in self._some('ijk'))} }}")
        return "\n".join(parts) + "\n"

    def _object(self, name: str) -> str:
        keyed = (name in self.keyed) != self._wildly()
        key = f" {self.chance.choice(KEYS if self._wildly() else KEYS[:1])}" if keyed else ""
        names = [n for n in "wxyz" if self._often(0.7 if keyed else 0.9)]
        needing, needed = self._requirement(names) if keyed else ("", "")
        fields = ["id: ID!" + ("" if key or self.old else " @shareable")]
        for field in names:
            marks = f' @requires(fields: "{needed}")' if field == needing else " @external" if field == needed else ""
            if not marks and not self.old and not self._wildly():
                marks = " @shareable"
            fields.append(self._field(field) + marks + self._field_mark())
        implements = " implements I" if self.interface and not self.stands_in and self._often(0.5) else ""
        mark = "" if self.old else self._mark(("@shareable", "@inaccessible", '@tag(name: "t")', "@external"))
        extend = "extend " if self._wildly() or (self.old and self.name != "a" and self._often(0.5)) else ""
        return f"{extend}type {name}{implements}{key}{mark} {{ {' '.join(fields)} }}"

    def _requirement(self, names: list[str]) -> tuple[str, str]:
        leaves = [n for n in names if n != "z"]
        if len(leaves) < 2 or self.name == "a" or not self._often(0.4):
            return "", ""
        needing, needed = self.chance.sample(leaves, 2)
        return needing, needed

    def _interface(self) -> str:
        key = ' @key(fields: "id")' if self.stands_in or self._wildly() else ""
        extra = f" {self.chance.choice('uxw')}: Int" if self.stands_in or self._wildly() else ""
        if self.stands_in:
            return f"type I @interfaceObject{key} {{ id: ID!{extra} }}"
        return f"interface I{key} {{ id: ID!{extra} }}"

    def _field(self, name: str) -> str:
        usual = {"w": "Int", "x": "Int", "y": "String", "z": "T"}
        type_ = self.chance.choice((*SCALARS, *self.objects)) if self._wildly() else usual[name]
        arguments = f"({self._input_field('n')})" if self._wildly() else ""
        return f"{name}{arguments}: {type_}{self._strict()}"

    def _query_field(self, name: str) -> str:
        types = [*self.objects, "Int"]
        types += ["I"] * self.interface + ["W"] * self.union + ["E"] * self.enum
        type_ = self.chance.choice(types)
        arguments = "(n: N)" if self.input and self._often(0.5) else "(e: E)" if self.enum and self._often(0.3) else ""
        share = "" if self.old or self._wildly() else " @shareable"
        return f"{name}{type_}{arguments}: {self.chance.choice(types) if self._wildly() else type_}{share}"

    def _input_field(self, name: str) -> str:
        default = self.chance.choice((" = 1", " = 2")) if self._wildly() else ""
        return f"{name}: Int{self._strict()}{default}" + self._mark(VALUE_MARKS)

    def _field_mark(self) -> str:
        return self._mark(OLD_FIELD_MARKS if self.old else FIELD_MARKS)

    def _mark(self, marks: tuple[str, ...]) -> str:
        return f" {self.chance.choice(marks)}" if self._wildly() else ""

    def _strict(self) -> str:
        return "!" if self._wildly() else ""

    def _wildly(self) -> bool:
        return self._often(self.wild)

    def _often(self, share: float) -> bool:
        return self.chance.random() < share

    def _some(self, names: list[str] | str) -> list[str]:
        return [n for n in names if self._often(0.6)] or [names[0]]
