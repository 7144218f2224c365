"""
A schema as composition sees it: plain records, for a subgraph as well as for the supergraph.

Types are written as in SDL (``"[Address!]!"``), values stay syntax nodes, and every directive that a specification
gives is known by the name it has there, whatever the subgraph calls it. The records are filled while a subgraph is
read (and upgraded, see ``upgrade.py``) and are only looked at afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import ConstValueNode, print_ast
from graphql.utilities import value_from_ast_untyped

__all__ = [
    "BUILT_IN_DIRECTIVES",
    "Applied",
    "ArgumentModel",
    "DirectiveModel",
    "Directives",
    "EnumValueModel",
    "FieldModel",
    "SchemaModel",
    "TypeModel",
    "is_list",
    "named_type",
    "nullable",
    "plain",
]


BUILT_IN_DIRECTIVES = frozenset({"skip", "include", "deprecated", "specifiedBy", "oneOf"})
"""what GraphQL itself defines; a definition in a subgraph adds nothing"""


def plain(value: ConstValueNode | None) -> Any:
    """The Python value of a constant; enum values come as their names."""
    return None if value is None else value_from_ast_untyped(value)


def named_type(type_: str) -> str:
    """``"[Address!]!"`` → ``"Address"``."""
    return type_.replace("[", "").replace("]", "").replace("!", "")


def nullable(type_: str) -> str:
    """``"[Address!]!"`` → ``"[Address!]"``."""
    return type_.removesuffix("!")


def is_list(type_: str) -> bool:
    """Whether the outermost type is a list."""
    return type_.startswith("[")


@dataclass
class Applied:
    """A directive where it is applied."""

    name: str
    """the specification's name for it, or the subgraph's own when no specification that we know gives it"""
    arguments: Mapping[str, ConstValueNode] = field(default_factory=dict)
    known: bool = True
    """whether a specification that we know gives it"""
    of_extension: bool = False
    """written on an ``extend type`` or beside ``@extends``"""
    of_type: bool = False
    """written on the type, for all of its fields"""
    rewritten: bool = False
    """its field set was no string, and was made one"""

    def get(self, argument: str, default: Any = None) -> Any:
        """The argument as a Python value."""
        value = self.arguments.get(argument)
        return default if value is None else plain(value)

    def text(self, name: str | None = None) -> str:
        """The application in SDL, under another name if one is given."""
        shown = ", ".join(f"{key}: {print_ast(value)}" for key, value in self.arguments.items())
        return f"@{name or self.name}({shown})" if shown else f"@{name or self.name}"


@dataclass
class Directives:
    """Anything a directive can be applied to."""

    directives: list[Applied] = field(default_factory=list, kw_only=True)
    description: str | None = field(default=None, kw_only=True)

    def all(self, name: str) -> list[Applied]:
        """Every application of a directive that a specification gives."""
        return [a for a in self.directives if a.known and a.name == name]

    def one(self, name: str) -> Applied | None:
        """The only application of it, or the first, or none."""
        return next(iter(self.all(name)), None)

    def has(self, name: str) -> bool:
        """Whether it is applied here."""
        return self.one(name) is not None

    def drop(self, name: str) -> None:
        """Take every application of it away."""
        self.directives = [a for a in self.directives if not (a.known and a.name == name)]


@dataclass
class ArgumentModel(Directives):
    """An argument of a field or of a directive definition."""

    name: str
    type: str
    default: ConstValueNode | None = None

    @property
    def required(self) -> bool:
        """Whether a caller has to give it."""
        return self.type.endswith("!") and self.default is None


@dataclass
class FieldModel(Directives):
    """A field of an object, an interface or an input object (which has a default, and no arguments)."""

    name: str
    type: str
    arguments: dict[str, ArgumentModel] = field(default_factory=dict)
    default: ConstValueNode | None = None

    @property
    def required(self) -> bool:
        """Whether an input must give it."""
        return self.type.endswith("!") and self.default is None


@dataclass
class EnumValueModel(Directives):
    """A value of an enum."""

    name: str


@dataclass
class TypeModel(Directives):
    """A named type of any kind."""

    name: str
    kind: str
    """``object``, ``interface``, ``union``, ``enum``, ``input`` or ``scalar``"""
    interfaces: list[str] = field(default_factory=list)
    fields: dict[str, FieldModel] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)
    values: dict[str, EnumValueModel] = field(default_factory=dict)
    extension_only: bool = False
    """meant to be owned by another subgraph: ``extend type``, or ``@extends`` in Federation 1"""
    only_extended: bool = False
    """nothing but ``extend type`` here, so it is no base for the extensions of others"""

    @property
    def composite(self) -> bool:
        """Whether it is selected with braces."""
        return self.kind in ("object", "interface", "union")

    @property
    def interface_object(self) -> bool:
        """An object here that stands for an interface elsewhere."""
        return self.kind == "object" and self.has("interfaceObject")

    @property
    def merged_kind(self) -> str:
        """The kind that it has in the supergraph."""
        return "interface" if self.interface_object else self.kind

    def entity_keys(self) -> list[Applied]:
        """Its ``@key`` applications."""
        return self.all("key")


@dataclass
class DirectiveModel(Directives):
    """A directive's definition."""

    name: str
    arguments: dict[str, ArgumentModel] = field(default_factory=dict)
    locations: tuple[str, ...] = ()
    repeatable: bool = False


@dataclass
class SchemaModel(Directives):
    """All types and directive definitions of a schema."""

    types: dict[str, TypeModel] = field(default_factory=dict)
    definitions: dict[str, DirectiveModel] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    """operation (``query``) → the name that the type has in the subgraph itself"""

    def elements(self) -> Iterator[tuple[str, Directives]]:
        """Everything that can have directives, with its coordinate."""
        yield "schema", self
        for type_ in self.types.values():
            yield type_.name, type_
            for value in type_.values.values():
                yield f"{type_.name}.{value.name}", value
            for field_ in type_.fields.values():
                yield f"{type_.name}.{field_.name}", field_
                for argument in field_.arguments.values():
                    yield f"{type_.name}.{field_.name}({argument.name}:)", argument
        for definition in self.definitions.values():
            for argument in definition.arguments.values():
                yield f"@{definition.name}({argument.name}:)", argument

    def of_kind(self, *kinds: str) -> Iterator[TypeModel]:
        """Its types of these kinds."""
        return (t for t in self.types.values() if t.kind in kinds)

    def implementations(self, interface: str) -> list[TypeModel]:
        """The objects that implement the interface."""
        return [t for t in self.types.values() if t.kind == "object" and interface in t.interfaces]

    def possible(self, name: str) -> set[str]:
        """The names of the objects a value of the type can be."""
        match self.types.get(name):
            case TypeModel(kind="object"):
                return {name}
            case TypeModel(kind="interface"):
                return {t.name for t in self.implementations(name)}
            case TypeModel(kind="union") as union:
                return set(union.members)
            case _:
                return set()

    def is_subtype(self, sub: str, of: str) -> bool:
        """Whether every value of one type may stand where the other is promised (equal types included)."""
        if sub == of:
            return True
        if sub.endswith("!"):
            return self.is_subtype(nullable(sub), nullable(of))
        if of.endswith("!"):
            return False
        if is_list(sub) or is_list(of):
            return is_list(sub) and is_list(of) and self.is_subtype(sub[1:-1], of[1:-1])
        return self.is_named_subtype(sub, of)

    def is_named_subtype(self, sub: str, of: str) -> bool:
        """The same for types without lists and exclamation marks."""
        upper = self.types.get(of)
        lower = self.types.get(sub)
        if upper is None or lower is None:
            return False
        if upper.kind == "union":
            return sub in upper.members
        return upper.kind == "interface" and of in lower.interfaces


def coordinates(names: Iterable[str]) -> str:
    """Some names for a sentence, in order."""
    return ", ".join(sorted(names))
