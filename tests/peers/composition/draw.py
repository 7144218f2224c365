"""Draw a graph by chance: few names in a few subgraphs, so that they meet, in good ways and in bad ones."""

from __future__ import annotations

from random import Random

from tests.peers.composition.graph import Graph
from tests.peers.composition.mutate import LINKED

__all__ = ["drawn"]

SCALARS = ("Int", "String", "ID", "Boolean")
FIELD_MARKS = (
    *["@shareable"] * 12, "@external", "@inaccessible", '@tag(name: "t")', '@override(from: "a")', "@authenticated",
    '@override(from: "b", label: "percent(1)")', '@requires(fields: "x")', '@requires(fields: "y")', "@deprecated",
    '@requiresScopes(scopes: [["s"]])',
)  # fmt: skip
OLD_FIELD_MARKS = ("@external", '@requires(fields: "x")', "@deprecated", '@tag(name: "t")')
KEYS = ('@key(fields: "id")', '@key(fields: "id")', '@key(fields: "id x")', '@key(fields: "id", resolvable: false)')
VALUE_MARKS = ("@inaccessible", '@tag(name: "t")', "@deprecated")


def drawn(seed: int) -> Graph:
    """The graph of this seed, always the same."""
    chance = Random(seed)
    names = ("a", "b", "c")[: chance.choice((2, 2, 2, 3))]
    return Graph(f"drawn {seed}", tuple((name, _Subgraph(chance, name).sdl()) for name in names))


class _Subgraph:
    def __init__(self, chance: Random, name: str) -> None:
        self.chance = chance
        self.name = name
        self.old = chance.random() < 0.2
        self.objects = [t for t in ("T", "U", "V") if chance.random() < 0.7] or ["T"]
        self.interface = chance.random() < 0.4
        self.stands_in = self.interface and not self.old and chance.random() < 0.3
        self.union = chance.random() < 0.3
        self.enum = chance.random() < 0.4
        self.input = chance.random() < 0.4

    def sdl(self) -> str:
        """The subgraph's SDL."""
        parts = [] if self.old else [f"extend schema {LINKED}"]
        if self.name == "a" or self._often(0.6):
            parts.append(f"type Query {{ {' '.join(self._query_field(n) for n in self._some('pqr'))} }}")
        parts += [self._object(name) for name in self.objects]
        if self.interface:
            parts.append(self._interface())
        if self.union:
            parts.append(f"union W = {' | '.join(self._some(self.objects))}")
        if self.enum:
            parts.append(f"enum E {{ {' '.join(v + self._mark(VALUE_MARKS, 0.1) for v in self._some('KLM'))} }}")
        if self.input:
            parts.append(f"input N {{ {' '.join(self._input_field(n) for n in self._some('ijk'))} }}")
        return "\n".join(parts) + "\n"

    def _object(self, name: str) -> str:
        key = f" {self.chance.choice(KEYS)}" if self._often(0.7) else ""
        names = [n for n in "xyz" if self._often(0.6)]
        if "id x" in key and "x" not in names:
            names.append("x")
        fields = ["id: ID!" + ("" if key or self.old else self._mark(("@shareable",), 0.8))]
        fields += [self._field(n) for n in sorted(names)]
        implements = " implements I" if self.interface and not self.stands_in and self._often(0.5) else ""
        mark = "" if self.old else self._mark(("@shareable", "@inaccessible", '@tag(name: "t")', "@external"), 0.1)
        extend = "extend " if self._often(0.3 if self.old else 0.05) else ""
        return f"{extend}type {name}{implements}{key}{mark} {{ {' '.join(fields)} }}"

    def _interface(self) -> str:
        key = ' @key(fields: "id")' if self.stands_in or self._often(0.4) else ""
        extra = f" {self.chance.choice('xyw')}: Int" if self._often(0.3) else ""
        if self.stands_in:
            return f"type I @interfaceObject{key} {{ id: ID!{extra} }}"
        return f"interface I{key} {{ id: ID!{extra} }}"

    def _field(self, name: str) -> str:
        # Mostly the same type everywhere, so that there is more to find out than that it differs.
        usual = {
            "x": "Int",
            "y": "String",
            "z": self.chance.choice([*self.objects, "[T]" if "T" in self.objects else "ID"]),
        }
        type_ = usual[name] if self._often(0.9) else self.chance.choice(SCALARS)
        arguments = f"({self._input_field('n')})" if self._often(0.15) else ""
        return f"{name}{arguments}: {type_}{self._strict(0.15)}" + self._field_mark(0.5 if name != "z" else 0.2)

    def _query_field(self, name: str) -> str:
        types = [*self.objects, "Int"]
        types += ["I"] * self.interface + ["W"] * self.union + ["E"] * self.enum
        arguments = "(n: N)" if self.input and self._often(0.5) else "(e: E)" if self.enum and self._often(0.5) else ""
        share = "" if self.old else self._mark(("@shareable",), 0.4)
        return f"{name}_{self.chance.choice(types)}{arguments}: " + f"{self.chance.choice(types)}{share}"

    def _input_field(self, name: str) -> str:
        default = self.chance.choice((" = 1", " = 2")) if self._often(0.15) else ""
        return f"{name}: Int{self._strict(0.15)}{default}" + self._mark(VALUE_MARKS, 0.05)

    def _field_mark(self, often: float) -> str:
        return self._mark(OLD_FIELD_MARKS, often / 2) if self.old else self._mark(FIELD_MARKS, often)

    def _mark(self, marks: tuple[str, ...], often: float) -> str:
        return f" {self.chance.choice(marks)}" if self._often(often) else ""

    def _strict(self, often: float) -> str:
        return "!" if self._often(often) else ""

    def _often(self, share: float) -> bool:
        return self.chance.random() < share

    def _some(self, names: list[str] | str) -> list[str]:
        return [n for n in names if self._often(0.6)] or [names[0]]
