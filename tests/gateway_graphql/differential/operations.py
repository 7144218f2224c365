"""What is asked: random valid operations on the schema that clients see."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLSchema,
    OverlappingFieldsCanBeMergedRule,
    parse,
    validate,
)

from tests.gateway_graphql.differential.drawing import Draw
from tests.gateway_graphql.differential.monolith import FIELD_NAMES, Argument, Field, Monolith

__all__ = ["Operation", "draw_operation"]

DEPTH = 7
WIDTH = 6
MOST_FIELDS = 40
"""of one operation; depth and width alone would let it explode"""
ALIAS = 0.25
FRAGMENT = 0.4
DIRECTIVE = 0.45
DEFER = 0.12
_DEFER = re.compile(r" @defer(\([^)]*\))?")
ALIASES = (*FIELD_NAMES[:4], "id", "q0", "o0", "_0", "__typename_", "representations")


@dataclass(frozen=True)
class Operation:
    """An operation and the values of its variables."""

    query: str
    variables: dict[str, Any]
    in_parts: str | None = None
    """the same with some fragments deferred"""

    def __str__(self) -> str:
        return f"{self.in_parts or self.query}\nvariables: {json.dumps(self.variables)}"


def draw_operation(draw: Draw, schema: Monolith, api: GraphQLSchema) -> Operation:
    """A valid operation."""
    kinds = [name for name in ("Mutation", "Subscription") if name in schema.types]
    kind = draw.one(kinds) if kinds and draw.chance(0.3) else "Query"
    return _Writer(draw, schema, api).write(kind)


@dataclass
class _Writer:
    draw: Draw
    schema: Monolith
    api: GraphQLSchema
    may_defer: bool = True
    left: int = MOST_FIELDS
    variables: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    fragments: dict[str, tuple[str, str]] = field(default_factory=dict)

    def write(self, kind: str) -> Operation:
        self.may_defer = kind != "Subscription"
        selection = self._stream() if kind == "Subscription" else self._selection(kind, DEPTH)
        definitions = ", ".join(
            f"${name}: {type_}" + (f" = {default}" if default else "")
            for name, (type_, default) in self.variables.items()
        )
        text = f"{kind.lower()}{f' Asked({definitions})' if definitions else ''} {selection}"
        for name, (type_, body) in self.fragments.items():
            text += f"\nfragment {name} on {type_} {body}"
        text = self._without_conflicts(text)
        query = _DEFER.sub("", text)
        return Operation(query, self.values, text if text != query else None)

    def _stream(self) -> str:
        """A subscription has a single root field, unconditionally."""
        field_ = self.draw.one(list(self.schema.types["Subscription"].fields.values()))
        return f"{{ {self._alias()}{self._asked(field_, DEPTH)} }}"

    def _selection(self, type_name: str, depth: int) -> str:
        parts = []
        for _ in range(self.draw.number(1, WIDTH)):
            if self.left <= 0:
                break
            self.left -= 1
            if depth > 0 and self.draw.chance(FRAGMENT):
                parts.append(self._fragment(type_name, depth - 1))
            else:
                parts.append(self._field(type_name, depth - 1))
        return "{ " + (" ".join(parts) or "__typename") + " }"

    def _field(self, type_name: str, depth: int) -> str:
        type_ = self.schema.types[type_name]
        fields = [
            one for one in type_.fields.values() if not self.schema.is_composite(one.of) or (depth > 0 and self.left)
        ]
        if not fields or self.draw.chance(0.08):
            name, selection = self._meta(type_name)
            return self._alias() + name + self._directive() + selection
        return self._alias() + self._asked(self.draw.one(fields), depth, self._directive())

    def _asked(self, one: Field, depth: int, directive: str = "") -> str:
        text = one.name
        given = []
        for argument in one.arguments:
            must = argument.type.endswith("!") and not argument.default
            if must or self.draw.chance(0.6):
                given.append(f"{argument.name}: {self._value(argument)}")
        text += f"({', '.join(given)})" if given else ""
        text += directive
        return f"{text} {self._selection(one.of, depth)}" if self.schema.is_composite(one.of) else text

    def _meta(self, type_name: str) -> tuple[str, str]:
        if type_name == "Query" and self.draw.chance(0.3):
            return self.draw.one(
                [('__type(name: "N0")', " { name kind __typename }"), ("__schema", " { queryType { name } }")]
            )
        return "__typename", ""

    def _fragment(self, type_name: str, depth: int) -> str:
        directive = self._directive() + self._defer(type_name)
        possible = set(self.schema.possible(type_name))
        if self.draw.chance(0.2):
            usable = [name for name, (on, _) in self.fragments.items() if possible & set(self.schema.possible(on))]
            if usable:
                return f"...{self.draw.one(usable)}{directive}"
        on = type_name
        if self.draw.chance(0.75):
            on = self.draw.one(
                [name for name in self.schema.types if possible & set(self.schema.possible(name)) and name != type_name]
                or [type_name]
            )
        elif self.draw.chance(0.5):
            return f"...{directive} {self._selection(type_name, depth)}"
        body = self._selection(on, depth)
        if self.draw.chance(0.3):
            name = f"F{len(self.fragments)}"
            self.fragments[name] = (on, body)
            return f"...{name}{directive}"
        return f"... on {on}{directive} {body}"

    def _alias(self) -> str:
        return f"{self.draw.one(ALIASES)}: " if self.draw.chance(ALIAS) else ""

    def _directive(self) -> str:
        if not self.draw.chance(DIRECTIVE / 2):
            return ""
        return " ".join(
            f" @{name}(if: {self._condition(name)})"
            for name in self.draw.one([("include",), ("skip",), ("skip", "include")])
        )

    def _defer(self, type_name: str) -> str:
        if not self.may_defer or type_name == "Mutation" or not self.draw.chance(DEFER):
            return ""
        usable = [name for name, (type_, _) in self.variables.items() if type_ == "Boolean!"]
        if usable and self.draw.chance(0.2):
            return f" @defer(if: ${self.draw.one(usable)})"
        return " @defer"

    def _condition(self, directive: str) -> str:
        usual = directive == "include"
        value = usual if not self.draw.chance(0.3) else not usual
        if self.draw.chance(0.2):
            return json.dumps(value)
        usable = [name for name, (type_, _) in self.variables.items() if type_ in ("Boolean!", "Boolean = ")]
        if usable and self.draw.chance(0.5):
            return f"${self.draw.one(usable)}"
        name = f"c{len(self.variables)}"
        self.variables[name] = ("Boolean!", json.dumps(not value) if self.draw.chance(0.2) else None)
        self.values[name] = value
        return f"${name}"

    def _value(self, argument: Argument, *, constant: bool = False) -> str:
        if constant or not self.draw.chance(0.4):
            return self._literal(argument.type, constant=constant)
        usable = [
            name for name, (type_, _) in self.variables.items() if type_ == argument.type and not name.startswith("c")
        ]
        if usable and self.draw.chance(0.4):
            return f"${self.draw.one(usable)}"
        name = self.draw.one(["v", "representations", "x"]) + str(len(self.variables) or "")
        if name in self.variables:
            return self._literal(argument.type)
        self.variables[name] = (argument.type, None)
        type_ = argument.type
        default = None
        if type_.endswith("!") and argument.default and self.draw.chance(0.5):
            type_ = type_[:-1]  # allowed since the argument has a default; but then null must not be sent
        elif type_.endswith("!") and self.draw.chance(0.3):
            type_, default = type_[:-1], self._literal(argument.type, constant=True)
        elif self.draw.chance(0.3):
            default = self._literal(argument.type, constant=True)
        self.variables[name] = (type_, default)
        optional = not type_.endswith("!") or default
        if not optional or self.draw.chance(0.7):
            self.values[name] = self._json(argument.type)
        return f"${name}"

    def _literal(self, type_: str, *, constant: bool = False) -> str:
        if not type_.endswith("!") and self.draw.chance(0.1):
            return "null"
        inner = type_.rstrip("!")
        if inner.startswith("["):
            if self.draw.chance(0.2):
                return self._literal(inner[1:-1].rstrip("!") + "!", constant=constant)
            return (
                "["
                + ", ".join(
                    self._value(Argument("", inner[1:-1]), constant=constant) for _ in range(self.draw.number(0, 2))
                )
                + "]"
            )
        if inner in self.schema.inputs:
            fields = self.draw.some(self.schema.inputs[inner])
            return "{" + ", ".join(f"{one.name}: {self._value(one, constant=constant)}" for one in fields) + "}"
        if inner in self.schema.enums:
            return self.draw.one(self.schema.enums[inner])
        choices = {
            "Int": ["1", "-20"],
            "String": ['"s"', '"a \\"b\\" \\u00e9"', '"""block\n  text"""'],
            "ID": ['"i"', "4"],
            "Float": ["1.5", "2", "1e3"],
            "Boolean": ["true", "false"],
            "Blob": ["1", '{a: [1, {b: "c"}]}', "[X, 2]", '"s"'],
        }
        return self.draw.one(choices[inner])

    def _json(self, type_: str) -> Any:
        if not type_.endswith("!") and self.draw.chance(0.1):
            return None
        inner = type_.rstrip("!")
        if inner.startswith("["):
            return [self._json(inner[1:-1]) for _ in range(self.draw.number(0, 2))]
        if inner in self.schema.inputs:
            return {one.name: self._json(one.type) for one in self.draw.some(self.schema.inputs[inner])}
        if inner in self.schema.enums:
            return self.draw.one(self.schema.enums[inner])
        choices: dict[str, list[Any]] = {
            "Int": [1, -20],
            "String": ["s", "é\n\"'"],
            "ID": ["i", 4],
            "Float": [1.5, 2],
            "Boolean": [True, False],
            "Blob": [1, {"a": [1, {"__typename": "N0"}]}, "s"],
        }
        return self.draw.one(choices[inner])

    def _without_conflicts(self, text: str) -> str:
        """Give fields that cannot share a response key one of their own."""
        number = 0
        for _ in range(100):
            found = validate(self.api, parse(text), [OverlappingFieldsCanBeMergedRule])
            if not found:
                return text
            conflicts = [[node for node in one.nodes or () if isinstance(node, FieldNode)] for one in found]
            last = {max(nodes, key=_start) for nodes in conflicts if nodes}
            for node in sorted(last, key=_start, reverse=True):
                start = _start(node)
                if node.alias and node.alias.loc:
                    text = f"{text[:start]}z{number}{text[node.alias.loc.end :]}"
                else:
                    text = f"{text[:start]}z{number}: {text[start:]}"
                number += 1
        raise AssertionError(text)


def _start(node: FieldNode) -> int:
    assert node.loc
    return node.loc.start
