"""The schema before it is split: entities, value types, interfaces, unions, enums, inputs, a custom scalar."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from tests.gateway_graphql.differential.drawing import Draw

__all__ = ["SCALARS", "Argument", "Field", "Kind", "Monolith", "Type", "draw_monolith", "named"]

Kind = Literal["root", "entity", "value", "interface", "union"]

SCALARS = ("Int", "String", "ID", "Boolean", "Float", "Blob")
FIELD_NAMES = "abcdefgh"
"""every type uses the same names, so that the same name means different things in different places"""
WRAPPERS = ("{}", "{}!", "[{}]", "[{}!]!", "[{}!]", "[[{}]]", "[[{}!]!]!")


def named(type_: str) -> str:
    """``[N0!]!`` is about ``N0``."""
    return type_.strip("[]!")


@dataclass
class Argument:
    """An argument of a field, or a field of an input object."""

    name: str
    type: str
    default: str | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.type}" + (f" = {self.default}" if self.default else "")


@dataclass
class Field:
    """A field, as everyone declares it."""

    name: str
    type: str
    arguments: tuple[Argument, ...] = ()

    @property
    def of(self) -> str:
        """The named type."""
        return named(self.type)

    def declared(self, type_: str | None = None, *more: str) -> str:
        """As SDL; ``more``: further arguments."""
        said = (*map(str, self.arguments), *more)
        arguments = f"({', '.join(said)})" if said else ""
        return f"{self.name}{arguments}: {type_ or self.type}"


@dataclass
class Type:
    """A composite type."""

    name: str
    kind: Kind
    fields: dict[str, Field] = field(default_factory=dict)
    interfaces: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    """of an abstract type: the object types that it can be"""
    keys: list[str] = field(default_factory=list)
    """of an entity: field sets that tell one from another"""

    @property
    def is_object(self) -> bool:
        """Whether something can be exactly of this type."""
        return self.kind in ("root", "entity", "value")


@dataclass
class Monolith:
    """The whole schema."""

    types: dict[str, Type] = field(default_factory=dict)
    enums: dict[str, list[str]] = field(default_factory=dict)
    inputs: dict[str, list[Argument]] = field(default_factory=dict)

    def possible(self, name: str) -> list[str]:
        """The object types that a type can be."""
        type_ = self.types[name]
        return [name] if type_.is_object else type_.members

    def is_composite(self, name: str) -> bool:
        """Whether something must be selected of it."""
        return name in self.types

    def key_fields(self, name: str) -> set[str]:
        """The names of fields that are part of a key of a type."""
        return {word for key in self.types[name].keys for word in key.replace("{", " { ").split() if word not in "{}"}

    def leaves(self) -> str:
        """Everything that is not composite, as SDL; the same everywhere."""
        parts = ["scalar Blob"]
        parts += [f"enum {name} {{ {' '.join(values)} }}" for name, values in self.enums.items()]
        parts += [f"input {name} {{ {' '.join(map(str, fields))} }}" for name, fields in self.inputs.items()]
        return "\n".join(parts)

    def sdl(self) -> str:
        """As one schema."""
        parts = [self.leaves()]
        for type_ in self.types.values():
            if type_.kind == "union":
                parts.append(f"union {type_.name} = {' | '.join(type_.members)}")
                continue
            kind = "interface" if type_.kind == "interface" else "type"
            implements = f" implements {' & '.join(type_.interfaces)}" if type_.interfaces else ""
            fields = "\n".join(f"  {one.declared()}" for one in type_.fields.values())
            parts.append(f"{kind} {type_.name}{implements} {{\n{fields}\n}}")
        return "\n".join(parts)


def draw_monolith(draw: Draw) -> Monolith:
    """A schema of a handful of types."""
    schema = Monolith()
    schema.enums = {f"E{index}": [f"E{index}_{one}" for one in "ABC"] for index in range(draw.number(0, 1))}
    if draw.chance(0.3):
        schema.inputs["In"] = [Argument("x", "Int"), Argument("y", "[String!]")]
        if schema.enums:
            schema.inputs["In"].append(Argument("z", "E0", "E0_B"))
    entities = [f"N{index}" for index in range(draw.number(1, 3))]
    values = [f"V{index}" for index in range(draw.number(0, 2))]
    objects = [*entities, *values]
    for name in entities:
        schema.types[name] = Type(name, "entity", {"id": Field("id", "ID!")}, keys=["id"])
    for name in values:
        schema.types[name] = Type(name, "value")
    abstract = _abstract_types(draw, schema, objects)
    for name in entities:
        _further_keys(draw, schema, schema.types[name], entities, values)
    composite = [*objects, *abstract]
    for name in objects:
        _fields(draw, schema, schema.types[name], composite, 1, 4)
    _interface_fields(draw, schema, composite)
    _root(draw, schema, "Query", "q", composite, draw.number(1, 4))
    if draw.chance(0.35):
        _root(draw, schema, "Mutation", "m", composite, draw.number(1, 3))
    if draw.chance(0.15):
        _root(draw, schema, "Subscription", "n", composite, draw.number(1, 2))
    return schema


def _abstract_types(draw: Draw, schema: Monolith, objects: list[str]) -> list[str]:
    names = []
    for index in range(draw.number(0, 2)):
        members = draw.several(draw.one([objects, [one for one in objects if one.startswith("N")]]))
        schema.types[f"I{index}"] = Type(f"I{index}", "interface", members=members)
        for name in members:
            schema.types[name].interfaces.append(f"I{index}")
        names.append(f"I{index}")
    if draw.chance(0.3):
        schema.types["U0"] = Type("U0", "union", members=draw.several(objects))
        names.append("U0")
    return names


def _further_keys(draw: Draw, schema: Monolith, type_: Type, entities: list[str], values: list[str]) -> None:
    if draw.chance(0.3):
        type_.fields["k"] = Field("k", "Int!")
        type_.fields["code"] = Field("code", draw.one(["String!", "String"]))
        type_.keys.append(draw.one(["k code", "k", "id code", "code id k"]))
    if draw.chance(0.2):
        others = [one for one in entities if one < type_.name]
        if values and draw.chance(0.5):
            type_.fields["dim"] = Field("dim", f"{values[0]}!")
            schema.types[values[0]].fields["w"] = Field("w", "Int!")
            type_.keys.append(draw.one(["dim { w }", "id dim { w }"]))
        elif others:
            type_.fields["ref"] = Field("ref", f"{draw.one(others)}!")
            type_.keys.append(draw.one(["ref { id }", "ref { id } id"]))


def _fields(draw: Draw, schema: Monolith, type_: Type, composite: list[str], least: int, most: int) -> None:
    for _ in range(draw.number(least, most)):
        name = draw.one(FIELD_NAMES)
        if name not in type_.fields:
            type_.fields[name] = _field(draw, schema, name, composite)


def _field(draw: Draw, schema: Monolith, name: str, composite: list[str]) -> Field:
    of = draw.one(composite) if draw.chance(0.35) else draw.one([*SCALARS, *schema.enums])
    return Field(name, draw.one(WRAPPERS).format(of), _arguments(draw, schema) if draw.chance(0.2) else ())


def _arguments(draw: Draw, schema: Monolith) -> tuple[Argument, ...]:
    types: list[tuple[str, list[str | None]]] = [
        ("Int", [None, "7"]),
        ("String", [None, '"s"']),
        ("Int!", [None, "3"]),
        ("[Int!]", [None, "[1, 2]"]),
        ("ID!", [None]),
        ("Boolean", [None, "true"]),
        ("Float", [None, "0.5"]),
        ("Blob", [None]),
    ]
    types += [(name, [None, values[0]]) for name, values in schema.enums.items()]
    types += [(name, [None, "{x: 4}"]) for name in schema.inputs]
    found = []
    for name in draw.one(["x", "xy"]):
        type_, defaults = draw.one(types)
        found.append(Argument(name, type_, draw.one(defaults)))
    return tuple(found)


def _interface_fields(draw: Draw, schema: Monolith, composite: list[str]) -> None:
    """Fields that an interface and everything that implements it have."""
    for type_ in list(schema.types.values()):
        if type_.kind != "interface":
            continue
        members = [schema.types[name] for name in type_.members]
        if all(member.kind == "entity" for member in members):
            type_.fields["id"] = Field("id", "ID!")
            type_.keys = ["id"]
        for name in ("s", "t")[: draw.number(0 if type_.fields else 1, 2)]:
            shared = next((member.fields[name] for member in members if name in member.fields), None)
            field_ = shared or _field(draw, schema, name, composite)
            type_.fields[name] = field_
            for member in members:
                member.fields.setdefault(name, field_)
    _agree(schema)
    for type_ in schema.types.values():
        for name in ("s", "t"):
            here = type_.fields.get(name)
            if here and type_.is_object and not here.type.endswith("!") and draw.chance(0.12):
                type_.fields[name] = replace(here, type=f"{here.type}!")


def _agree(schema: Monolith) -> None:
    """Where interfaces overlap, everyone takes what the first one says."""
    for name in ("s", "t"):
        having = [type_ for type_ in schema.types.values() if name in type_.fields]
        for type_ in having:
            type_.fields[name] = having[0].fields[name]


def _root(draw: Draw, schema: Monolith, name: str, prefix: str, composite: list[str], count: int) -> None:
    root = schema.types[name] = Type(name, "root")
    for index in range(count):
        of = draw.one([*composite, *composite, "Int"])
        wrappers = WRAPPERS if prefix == "q" else ("{}", "[{}!]")
        field_name = f"{prefix}{index}"
        arguments = _arguments(draw, schema) if draw.chance(0.35) else ()
        root.fields[field_name] = Field(field_name, draw.one(wrappers).format(of), arguments)
